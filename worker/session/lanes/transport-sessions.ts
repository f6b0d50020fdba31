/**
 * The transport sessions (2025) of an object that are in memory: the SDK's transport and server of each, its subscriptions, and its
 * unanswered requests. A session of a former life is restored from its stored `initialize`.
 */
import {
  type EventStore,
  isJSONRPCErrorResponse,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type RequestId,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'
import * as z from 'zod'
import type { Offer } from '../../mcp/tools.ts'
import { isStorageFull } from '../../run/contract/errors.ts'
import type { Bell } from '../../waiting.ts'
import { KEEP_ALIVE_MS } from '../http/keep-alive.ts'
import { newScope, type RequestScope, requestScope } from './request-scope.ts'
import type { Sql } from '../store/sql.ts'
import {
  deleteRequest,
  deleteStream,
  deleteSubscription,
  deleteTransportSession,
  findTransportSession,
  idlestTransportSessions,
  insertEvent,
  insertRequest,
  insertSubscription,
  insertTransportSession,
  subscribedUris,
  type TransportSession,
} from '../store/transport.ts'
import { showsViews } from './client-views.ts'
import { MAX_SUBSCRIPTIONS, Subscriptions } from './subscriptions.ts'

/** Most sessions of one user. */
const MAX_SESSIONS = 200
/** Time after which a client that lost its stream comes back for the rest. */
const RETRY_MS = 1000
/** JSON-RPC code that language servers gave a cancelled request; MCP has none. */
const CANCELLED = -32800

/** The SDK transport's name for the stream of messages that belong to no request. */
const STANDALONE_STREAM = '_GET_stream'

export interface TransportSessionsDeps {
  sql: Sql
  createServer: (offer: Offer) => McpServer
  /** Rings when an event was stored, or a stream has ended. */
  changed: Bell
  now: () => number
}

/** The unanswered requests of a transport session, each with the scope of its POST. */
type Unanswered = Map<RequestId, RequestScope>

/** A transport session that is in memory. */
export interface OpenSession {
  readonly transport: WebStandardStreamableHTTPServerTransport
  readonly unanswered: Unanswered
  /** Ids of requests that the transport is about to hear. */
  readonly arriving: Set<RequestId>
}

export class TransportSessions {
  readonly #deps: TransportSessionsDeps
  readonly #open = new Map<string, Promise<OpenSession | null>>()
  /** The subscriptions of each transport session. */
  readonly #subscriptions = new Map<string, Subscriptions>()

  constructor(deps: TransportSessionsDeps) {
    this.#deps = deps
  }

  /** Answers an `initialize` with a new session, which is kept when the transport takes it. */
  async initialize(request: Request, initialize: unknown): Promise<Response> {
    this.#makeRoom()
    const id = crypto.randomUUID()
    const tools = requestScope.getStore()?.offer.tools ?? null
    const { transport } = await this.#connect({ id, initialize, tools }, () =>
      insertTransportSession(this.#deps.sql, { id, initialize, tools }, this.#deps.now()),
    )
    const response = await transport.handleRequest(request)
    if (transport.sessionId === undefined) {
      // The request was no initialize: nothing to keep.
      this.#subscriptions.delete(id)
      await transport.close()
    }
    return response
  }

  /** The session of this id, which may have to be restored; null when this user has none. */
  get(id: string): Promise<OpenSession | null> {
    const known = this.#open.get(id)
    if (known !== undefined) return known
    const restored = this.#restore(id).catch((error: unknown) => {
      // The client opens another session, which it could not do while this one was an error.
      console.error(JSON.stringify({ event: 'session_not_restored', error: String(error) }))
      return null
    })
    this.#open.set(id, restored)
    // An id that nobody owns must not stay in memory.
    void restored.then((session) => session ?? this.#open.delete(id))
    return restored
  }

  /** Tells every client that has subscribed to one of these resources, with its next answer at the latest. */
  resourcesUpdated(uris: string[]): void {
    for (const subscriptions of this.#subscriptions.values()) subscriptions.updated(uris)
  }

  /** A client that never says goodbye opens one session after the other: the idlest go first. */
  #makeRoom(): void {
    for (const id of idlestTransportSessions(this.#deps.sql, MAX_SESSIONS - 1)) {
      deleteTransportSession(this.#deps.sql, id)
      void this.#open.get(id)?.then((session) => session?.transport.close())
      this.#open.delete(id)
      this.#subscriptions.delete(id)
    }
  }

  async #connect({ id, initialize, tools }: TransportSession, onInitialized: () => void): Promise<OpenSession> {
    const unanswered: Unanswered = new Map()
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => id,
      eventStore: this.#eventStore(id, unanswered),
      keepAliveMs: KEEP_ALIVE_MS,
      retryInterval: RETRY_MS,
      onsessioninitialized: () => {
        this.#open.set(id, Promise.resolve(session))
        onInitialized()
      },
      onsessionclosed: () => {
        this.#open.delete(id)
        this.#subscriptions.delete(id)
        deleteTransportSession(this.#deps.sql, id)
      },
    })
    const session = { transport, unanswered, arriving: new Set<RequestId>() }
    const server = this.#deps.createServer({ tools, views: showsViews(initialize) })
    const subscriptions = this.#subscribe(id, server, transport)
    await server.connect(transport)
    const receive = transport.onmessage
    transport.onmessage = (message, extra) => {
      const scope = requestScope.getStore()
      if (scope !== undefined && isJSONRPCRequest(message)) {
        unanswered.set(message.id, scope)
        scope.requests.set(message.id, null)
        if (scope.streamId !== undefined) insertRequest(this.#deps.sql, scope.streamId, message.id, null)
        subscriptions.opened(message.id)
      }
      receive?.(message, extra)
      const cancelled = cancelledNotification.safeParse(message).data?.params.requestId
      if (cancelled === undefined) return
      // The SDK ends the requests that it knows when all of a batch has come: a batch may cancel a request before it makes it.
      queueMicrotask(() => {
        subscriptions.answered(cancelled)
        this.#cancelled(cancelled, unanswered, transport)
      })
    }
    return session
  }

  /**
   * Ends a cancelled request without an answer: its stream would stay open for one. In a batch it gets an error, as the others need the
   * stream.
   */
  #cancelled(requestId: RequestId, unanswered: Unanswered, transport: WebStandardStreamableHTTPServerTransport): void {
    const scope = unanswered.get(requestId)
    if (scope === undefined) return // answered already, or never asked
    unanswered.delete(requestId)
    if (scope.isBatch) {
      const error = { code: CANCELLED, message: 'The request was cancelled.' }
      // A batch may cancel its own requests: by then all of them must be known.
      Promise.resolve()
        .then(() => requestScope.run(scope, () => transport.send({ jsonrpc: '2.0', id: requestId, error })))
        .catch(() => {
          // its stream has ended meanwhile, and the request with it
        })
      return
    }
    scope.cancelled = true
    if (scope.streamId !== undefined) deleteStream(this.#deps.sql, scope.streamId)
    transport.closeSSEStream(requestId)
    this.#deps.changed.ring()
  }

  #subscribe(id: string, server: McpServer, transport: WebStandardStreamableHTTPServerTransport): Subscriptions {
    const { sql } = this.#deps
    const subscriptions = new Subscriptions(subscribedUris(sql, id), (uri, relatedRequestId) => {
      const update = { jsonrpc: '2.0' as const, method: 'notifications/resources/updated', params: { uri } }
      // The update belongs to no request that is being served right now.
      const scope = newScope('', () => '')
      requestScope
        .run(scope, () => transport.send(update, { relatedRequestId }))
        .catch(() => {
          // answered meanwhile: the client reads the resource when it wants to know
        })
    })
    server.server.setRequestHandler('resources/subscribe', ({ params: { uri } }) => {
      if (subscriptions.size >= MAX_SUBSCRIPTIONS) {
        const words = `At most ${MAX_SUBSCRIPTIONS} resources can be subscribed to. Next: unsubscribe from one.`
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, words)
      }
      subscriptions.add(uri)
      insertSubscription(sql, id, uri)
      return {}
    })
    server.server.setRequestHandler('resources/unsubscribe', ({ params: { uri } }) => {
      subscriptions.delete(uri)
      deleteSubscription(sql, id, uri)
      return {}
    })
    this.#subscriptions.set(id, subscriptions)
    return subscriptions
  }

  /** A transport session of this object's former life, restored with its own `initialize`. */
  async #restore(id: string): Promise<OpenSession | null> {
    const stored = findTransportSession(this.#deps.sql, id)
    if (stored === null) return null
    // Outside of any request's scope nothing is stored: the client has had these answers.
    return requestScope.exit(async () => {
      const session = await this.#connect(stored, () => {})
      await replay(session.transport, stored.initialize)
      // The stored `initialize` was refused.
      if (session.transport.sessionId === undefined) return null
      await replay(session.transport, { jsonrpc: '2.0', method: 'notifications/initialized' }, id)
      return session
    })
  }

  #eventStore(sessionId: string, unanswered: Unanswered): EventStore {
    const { sql, now } = this.#deps
    return {
      storeEvent: async (streamId, message) => {
        const scope = requestScope.getStore()
        // No scope: a restored transport repeats old answers, or a notification belongs to no request. Nobody can ask for them.
        if (scope === undefined || scope.cancelled === true || scope.isFleeting) return '0'
        if (streamId === STANDALONE_STREAM) return '0'
        let seq = 0
        try {
          seq = insertEvent(sql, sessionId, streamId, JSON.stringify(message))
          if (scope.streamId === undefined) {
            scope.streamId = streamId
            for (const [id, runId] of scope.requests) insertRequest(sql, streamId, id, runId)
          }
        } catch (error) {
          // Without room the message is sent all the same: it cannot be asked for again.
          if (!isStorageFull(error)) throw error
        }
        if ((isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) && message.id !== undefined) {
          unanswered.delete(message.id)
          this.#subscriptions.get(sessionId)?.answered(message.id)
          if (seq > 0) deleteRequest(sql, streamId, message.id, now())
        }
        this.#deps.changed.ring()
        return String(seq)
      },
      replayEventsAfter: () => Promise.reject(new Error('GET is answered by the lane, never by the transport')),
    }
  }
}

const cancelledNotification = z.object({
  method: z.literal('notifications/cancelled'),
  params: z.object({ requestId: z.union([z.string(), z.number()]) }),
})

/** Lets a transport hear a message as if its client had sent it. */
async function replay(
  transport: WebStandardStreamableHTTPServerTransport,
  message: unknown,
  sessionId?: string,
): Promise<void> {
  const headers = new Headers({ 'content-type': 'application/json', accept: 'application/json, text/event-stream' })
  if (sessionId !== undefined) headers.set('mcp-session-id', sessionId)
  const request = new Request('http://localhost/mcp', { method: 'POST', headers })
  const response = await transport.handleRequest(request, { parsedBody: message })
  await response.text()
}

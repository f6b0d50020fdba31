/**
 * The 2025 lane: transport sessions with resumption, many in one object. The SDK's transport answers POST and DELETE; asking again
 * with Last-Event-ID is answered here from the stored events, because they outlive the transport: after an eviction it is restored
 * from its stored `initialize`, and an answer that came meanwhile is among the events.
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
import { z } from 'zod'
import type { OfferedTools } from '../../mcp/tools.ts'
import { clientNameOf } from './client-name.ts'
import { jsonRpcError } from './json-rpc-error.ts'
import { KEEP_ALIVE_MS } from '../http/keep-alive.ts'
import { newScope, type RequestScope, requestScope } from '../request-scope.ts'
import { Resumption } from './resumption.ts'
import { MAX_SUBSCRIPTIONS, Subscriptions } from './subscriptions.ts'
import { UNREADABLE } from '../../stored.ts'
import type { Sql } from '../store/sql.ts'
import {
  deleteRequest,
  deleteStream,
  deleteSubscription,
  deleteTransportSession,
  endAnsweredStreams,
  endRequest,
  findTransportSession,
  idlestTransportSessions,
  insertEvent,
  insertRequest,
  insertSubscription,
  insertTransportSession,
  linkRequest,
  type OpenRequest,
  openRequests,
  pruneTransport,
  requestsOfRun,
  subscribedUris,
  touchTransportSession,
} from '../store/transport.ts'

/** Longest `initialize`, which is kept for the session's life; and sessions that one user may have. */
const MAX_INITIALIZE_CHARS = 64 * 1024
const MAX_SESSIONS = 200
/** After which a client that lost its stream comes back for the rest. */
const RETRY_MS = 1000
const PRUNE_EVERY_MS = 60_000

export interface SessionLaneDeps {
  sql: Sql
  createServer: (tools: OfferedTools) => McpServer
  now: () => number
}

export class SessionLane {
  readonly #deps: SessionLaneDeps
  readonly #open = new Map<string, Promise<OpenSession | null>>()
  /** By transport session; only of those that are in memory. */
  readonly #subscriptions = new Map<string, Subscriptions>()
  readonly #resumption: Resumption
  #prunedAt = 0

  constructor(deps: SessionLaneDeps) {
    this.#deps = deps
    this.#resumption = new Resumption(deps.sql)
  }

  /** Serves one request of a 2025 client. An id that is not this user's finds nothing: 404. */
  async fetch(request: Request): Promise<Response> {
    this.#prune()
    const lastEventId = request.headers.get('last-event-id')
    if (request.method === 'GET' && lastEventId === null) {
      // A standing GET stream would keep the object in memory, and there is nothing that it alone could say.
      const words = 'Method Not Allowed: no standing stream; GET resumes a request with Last-Event-ID'
      return jsonRpcError(405, -32000, words, { allow: 'POST, DELETE' })
    }
    const id = request.headers.get('mcp-session-id')
    if (id === null) {
      if (request.method !== 'POST') return jsonRpcError(400, -32000, 'Bad Request: Mcp-Session-Id header is required')
      return this.#initialize(request)
    }
    const session = await this.#session(id)
    if (session === null) return jsonRpcError(404, -32001, 'Session not found')
    touchTransportSession(this.#deps.sql, id, this.#deps.now())
    const scope = requestScope.getStore()
    if (scope !== undefined) scope.clientName = () => clientNameOf(findTransportSession(this.#deps.sql, id)?.initialize)
    if (lastEventId !== null && request.method === 'GET') return this.#resumption.resume(id, lastEventId)
    const body = parsed(await request.clone().text())
    if (scope !== undefined) scope.isBatch = Array.isArray(body)
    const ids = requestIds(body)
    if (new Set(ids).size < ids.length) {
      const words =
        'Invalid Request: two requests of the batch have the same id. Next: number them anew, and send it again.'
      return jsonRpcError(400, -32600, words)
    }
    const underWay = ids.find((each) => isUnderWay(session, each))
    if (underWay !== undefined) {
      const words = `Invalid Request: the request with the id ${JSON.stringify(underWay)} has no answer yet. Next: send this one with an id of its own, or cancel that one first.`
      return jsonRpcError(400, -32600, words)
    }
    for (const each of ids) session.arriving.add(each)
    try {
      return await session.transport.handleRequest(request, body === null ? {} : { parsedBody: body })
    } finally {
      for (const each of ids) session.arriving.delete(each)
    }
  }

  /** Remembers that a request's answer is a run's outcome, so that it can be given even when this object dies before the run ends. */
  linkRun(runId: string, requestId: RequestId): void {
    const scope = requestScope.getStore()
    if (scope === undefined) return
    scope.requests.set(requestId, runId)
    if (scope.streamId !== undefined) linkRequest(this.#deps.sql, scope.streamId, requestId, runId)
  }

  /** The runs that requests of this object's former life wait for; the last one of each. */
  awaitedRuns(): string[] {
    return openRequests(this.#deps.sql).flatMap(({ runId }) => runId ?? [])
  }

  /** Answers the requests of this object's former life that none of these runs will answer: whoever comes back must not wait for ever. */
  answerAbandoned(awaited: ReadonlySet<string>): void {
    const { sql, now } = this.#deps
    const message = 'The server was restarted while it worked on this. Next: look at what is there, and call again.'
    const error = { code: ProtocolErrorCode.InternalError, message }
    for (const request of openRequests(sql)) {
      if (request.runId !== null && awaited.has(request.runId)) continue
      this.#answerOpen(request, { error })
    }
    endAnsweredStreams(sql, now())
  }

  /** Answers the requests of this object's former life that wait for a run. */
  answerRun(runId: string, result: unknown): void {
    for (const request of requestsOfRun(this.#deps.sql, runId)) this.#answerOpen(request, { result })
    this.#resumption.changed.ring()
  }

  #answerOpen({ sessionId, streamId, requestId, key }: OpenRequest, answer: { result: unknown } | { error: object }) {
    const { sql, now } = this.#deps
    if (requestId !== UNREADABLE)
      insertEvent(sql, sessionId, streamId, JSON.stringify({ jsonrpc: '2.0', id: requestId, ...answer }))
    endRequest(sql, streamId, key, now())
  }

  /** Tells every client that has subscribed to one of these resources, with its next answer at the latest. */
  resourcesUpdated(uris: string[]): void {
    for (const subscriptions of this.#subscriptions.values()) subscriptions.updated(uris)
  }

  async #initialize(request: Request): Promise<Response> {
    const text = await request.clone().text()
    if (text.length > MAX_INITIALIZE_CHARS) {
      return jsonRpcError(
        413,
        -32000,
        `Request body exceeds the ${MAX_INITIALIZE_CHARS} characters of an initialize. Next: open a session with a shorter one.`,
      )
    }
    const initialize = parsed(text)
    this.#makeRoom()
    const id = crypto.randomUUID()
    const tools = requestScope.getStore()?.tools ?? null
    const { transport } = await this.#connect(id, tools, () =>
      insertTransportSession(this.#deps.sql, { id, initialize, tools }, this.#deps.now()),
    )
    const response = await transport.handleRequest(request)
    if (transport.sessionId === undefined) {
      // It was no initialize: nothing to keep.
      this.#subscriptions.delete(id)
      await transport.close()
    }
    return response
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

  async #connect(id: string, tools: OfferedTools, onInitialized: () => void): Promise<OpenSession> {
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
    const server = this.#deps.createServer(tools)
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
      // With the SDK, which ends what it finds when all of a batch has come: a batch may cancel a request before it makes it.
      queueMicrotask(() => {
        subscriptions.answered(cancelled)
        this.#cancelled(cancelled, unanswered, transport)
      })
    }
    return session
  }

  /** A cancelled request gets no answer, for which its stream would stay open; but one of a batch an error, as the others need the stream. */
  #cancelled(requestId: RequestId, unanswered: Unanswered, transport: WebStandardStreamableHTTPServerTransport): void {
    const scope = unanswered.get(requestId)
    if (scope === undefined) return // answered already, or never asked
    unanswered.delete(requestId)
    if (scope.isBatch) {
      const error = { code: CANCELLED, message: 'The request was cancelled.' }
      // A batch may cancel what it asks for itself: by then all its requests must be known.
      Promise.resolve()
        .then(() => requestScope.run(scope, () => transport.send({ jsonrpc: '2.0', id: requestId, error })))
        .catch(() => {
          // its stream has ended meanwhile, and with it what the error is for
        })
      return
    }
    scope.cancelled = true
    if (scope.streamId !== undefined) deleteStream(this.#deps.sql, scope.streamId)
    transport.closeSSEStream(requestId)
    this.#resumption.changed.ring()
  }

  #subscribe(id: string, server: McpServer, transport: WebStandardStreamableHTTPServerTransport): Subscriptions {
    const { sql } = this.#deps
    const subscriptions = new Subscriptions(subscribedUris(sql, id), (uri, relatedRequestId) => {
      const update = { jsonrpc: '2.0' as const, method: 'notifications/resources/updated', params: { uri } }
      // Whatever request is being served right now, the update belongs to another one.
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

  #session(id: string): Promise<OpenSession | null> {
    const known = this.#open.get(id)
    if (known !== undefined) return known
    const restored = this.#restore(id).catch((error: unknown) => {
      // Its client opens another one, which it could not do while this one was an error.
      console.error(JSON.stringify({ event: 'session_not_restored', error: String(error) }))
      return null
    })
    this.#open.set(id, restored)
    // An id that nobody owns must not stay in memory.
    void restored.then((session) => session ?? this.#open.delete(id))
    return restored
  }

  /** A transport session of this object's former life, brought to where it was by its own `initialize`. */
  async #restore(id: string): Promise<OpenSession | null> {
    const stored = findTransportSession(this.#deps.sql, id)
    if (stored === null) return null
    // Outside of any request's scope nothing is stored: the client has had these answers.
    return requestScope.exit(async () => {
      const session = await this.#connect(id, stored.tools, () => {})
      await replay(session.transport, stored.initialize)
      // What is stored was refused.
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
        if (scope === undefined || scope.cancelled === true || streamId === STANDALONE_STREAM) return '0'
        const seq = insertEvent(sql, sessionId, streamId, JSON.stringify(message))
        if (scope.streamId === undefined) {
          scope.streamId = streamId
          for (const [id, runId] of scope.requests) insertRequest(sql, streamId, id, runId)
        }
        if ((isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) && message.id !== undefined) {
          unanswered.delete(message.id)
          this.#subscriptions.get(sessionId)?.answered(message.id)
          deleteRequest(sql, streamId, message.id, now())
        }
        this.#resumption.changed.ring()
        return String(seq)
      },
      replayEventsAfter: () => Promise.reject(new Error('GET is answered by the lane, never by the transport')),
    }
  }

  #prune(): void {
    const now = this.#deps.now()
    if (now - this.#prunedAt < PRUNE_EVERY_MS) return
    this.#prunedAt = now
    pruneTransport(this.#deps.sql, now)
  }
}

/** The requests of a transport session that have no answer yet, each with the scope of its POST. */
type Unanswered = Map<RequestId, RequestScope>

/** A transport session that is in memory. */
interface OpenSession {
  readonly transport: WebStandardStreamableHTTPServerTransport
  readonly unanswered: Unanswered
  /** Ids of requests that the transport is about to hear. */
  readonly arriving: Set<RequestId>
}

/** Whether the transport would mix a request of this id up with another one. It knows those of a batch until all have their answers. */
function isUnderWay({ unanswered, arriving }: OpenSession, id: RequestId): boolean {
  if (arriving.has(id) || unanswered.has(id)) return true
  return [...unanswered.values()].some(({ requests }) => requests.has(id))
}

const requestWithId = z.object({ method: z.string(), id: z.union([z.string(), z.number()]) })

/** The ids of the requests of a body, which may be a batch (2025-03-26). */
function requestIds(body: unknown): RequestId[] {
  const messages: unknown[] = Array.isArray(body) ? body : [body]
  return messages.flatMap((each) => requestWithId.safeParse(each).data?.id ?? [])
}

const cancelledNotification = z.object({
  method: z.literal('notifications/cancelled'),
  params: z.object({ requestId: z.union([z.string(), z.number()]) }),
})

/** JSON-RPC code that language servers gave a cancelled request; MCP has none. */
const CANCELLED = -32800

/** The SDK transport's name for what belongs to no request. */
const STANDALONE_STREAM = '_GET_stream'

/** Null when it is no JSON: the transport answers that. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

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

/**
 * The 2025 lane: transport sessions with resumption, many in one object. The SDK's transport answers POST and DELETE. GET with
 * Last-Event-ID is answered here from the stored events, because they outlive the transport: after an eviction it is restored from its
 * stored `initialize`, and an answer that came meanwhile is among the events.
 */
import { type McpServer, ProtocolErrorCode, type RequestId } from '@modelcontextprotocol/server'
import type { Offer } from '../../mcp/tools.ts'
import { isStorageFull } from '../../run/contract/errors.ts'
import { UNREADABLE } from '../../stored.ts'
import { requestScope } from './request-scope.ts'
import { asksForSteps } from './client-views.ts'
import type { Sql } from '../store/sql.ts'
import {
  endAnsweredStreams,
  endRequest,
  findTransportSession,
  insertEvent,
  linkRequest,
  type OpenRequest,
  openRequests,
  pruneTransport,
  requestsOfRun,
  touchTransportSession,
} from '../store/transport.ts'
import { clientNameOf } from './client-name.ts'
import { jsonRpcError } from './json-rpc-error.ts'
import { parsedJson } from '../../text/parsed-json.ts'
import { idProblem, requestIds } from './request-ids.ts'
import { Resumption } from './resumption.ts'
import { TransportSessions } from './transport-sessions.ts'

/** Longest `initialize`, which is kept for the session's life. */
const MAX_INITIALIZE_CHARS = 64 * 1024
const PRUNE_EVERY_MS = 60_000

export interface Lane2025Deps {
  sql: Sql
  createServer: (offer: Offer) => McpServer
  now: () => number
}

export class Lane2025 {
  readonly #deps: Lane2025Deps
  readonly #resumption: Resumption
  readonly #sessions: TransportSessions
  #prunedAt = 0

  constructor(deps: Lane2025Deps) {
    this.#deps = deps
    this.#resumption = new Resumption(deps.sql)
    this.#sessions = new TransportSessions({ ...deps, changed: this.#resumption.changed })
  }

  /** Serves one request of a 2025 client. An id that is not this user's finds nothing: 404. */
  async fetch(request: Request): Promise<Response> {
    this.#prune()
    const lastEventId = request.headers.get('last-event-id')
    if (request.method === 'GET' && lastEventId === null) {
      // A standing GET stream would keep the object in memory, and has nothing of its own to say.
      const words = 'Method Not Allowed: no standing stream; GET resumes a request with Last-Event-ID'
      return jsonRpcError(405, -32000, words, { allow: 'POST, DELETE' })
    }
    const id = request.headers.get('mcp-session-id')
    if (id === null) {
      if (request.method !== 'POST') return jsonRpcError(400, -32000, 'Bad Request: Mcp-Session-Id header is required')
      return this.#initialize(request)
    }
    const session = await this.#sessions.get(id)
    if (session === null) return jsonRpcError(404, -32001, 'Session not found')
    unlessFull(() => touchTransportSession(this.#deps.sql, id, this.#deps.now()))
    const scope = requestScope.getStore()
    if (scope !== undefined) scope.clientName = () => clientNameOf(findTransportSession(this.#deps.sql, id)?.initialize)
    if (lastEventId !== null && request.method === 'GET') return this.#resumption.resume(id, lastEventId)
    const body = parsedJson(await request.clone().text())
    if (scope !== undefined) {
      scope.isBatch = Array.isArray(body)
      scope.isFleeting = asksForSteps(body)
    }
    const ids = requestIds(body)
    const problem = idProblem(session, ids)
    if (problem !== null) return jsonRpcError(400, ProtocolErrorCode.InvalidRequest, `Invalid Request: ${problem}`)
    for (const each of ids) session.arriving.add(each)
    try {
      return await session.transport.handleRequest(request, body === null ? {} : { parsedBody: body })
    } finally {
      for (const each of ids) session.arriving.delete(each)
    }
  }

  /** Remembers that a run's outcome answers a request, so that the answer can be given even when this object dies before the run ends. */
  linkRun(runId: string, requestId: RequestId): void {
    const scope = requestScope.getStore()
    if (scope === undefined) return
    scope.requests.set(requestId, runId)
    if (scope.streamId !== undefined) linkRequest(this.#deps.sql, scope.streamId, requestId, runId)
  }

  /** The runs for which requests of this object's former life wait; the last one of each. */
  awaitedRuns(): string[] {
    return openRequests(this.#deps.sql).flatMap(({ runId }) => runId ?? [])
  }

  /**
   * Answers the requests of this object's former life that none of these runs will answer: a client that comes back must not wait for ever.
   */
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
    this.#sessions.resourcesUpdated(uris)
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
    return this.#sessions.initialize(request, parsedJson(text))
  }

  #prune(): void {
    const now = this.#deps.now()
    if (now - this.#prunedAt < PRUNE_EVERY_MS) return
    this.#prunedAt = now
    unlessFull(() => pruneTransport(this.#deps.sql, now))
  }
}

/** Does work that can wait until there is room to store it. */
function unlessFull(work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!isStorageFull(error)) throw error
  }
}

/** The lane of 2026-07-28: stateless, a server for each request; changes go out on the streams of listening clients. */
import type { McpServer, ServerNotifier } from '@modelcontextprotocol/server'
import { createMcpHandler, type StatelessMcpHandler } from 'agents/mcp/server'
import type { Tasks } from '../../mcp/tasks/server.ts'
import type { Offer } from '../../mcp/tools.ts'
import { KEEP_ALIVE_MS } from '../http/keep-alive.ts'
import { requestScope } from './request-scope.ts'
import { ListChanges } from './list-changes.ts'
import type { ResponseMeter } from './response-meter.ts'
import { withTaskUpdates } from './task-updates.ts'

/** Of a request without a scope, which there is none of. */
const ALL: Offer = { tools: null, views: false }

export interface Lane2026Deps {
  /** `changes` reaches the clients that listen. */
  createServer: (offer: Offer, changes: ServerNotifier) => McpServer
  tasks: () => Tasks
}

export class Lane2026 {
  readonly #tasks: () => Tasks
  readonly #handler: StatelessMcpHandler
  readonly #listChanges = new ListChanges({
    tell: () => this.#handler.notify.resourcesChanged(),
    wait: (ms) => scheduler.wait(ms),
  })

  constructor({ createServer, tasks }: Lane2026Deps) {
    this.#tasks = tasks
    this.#handler = createMcpHandler(() => createServer(requestScope.getStore()?.offer ?? ALL, this.#handler.notify), {
      legacy: 'reject',
      // The cancelling of a call that prints nothing is only noticed when its stream is open and written to.
      responseMode: 'sse',
      keepAliveMs: KEEP_ALIVE_MS,
      // The Worker has checked Host and Origin, and adds the CORS headers, for both lanes.
      corsOptions: false,
      allowedOriginHostnames: '*',
    })
  }

  /** Serves one request; `message`: its body; `meter` counts the bytes that its client has not yet taken. */
  fetch(request: Request, message: unknown, meter: ResponseMeter): Promise<Response> {
    const serve = (served: Request, parsedBody?: unknown) => this.#handler.fetch(served, { parsedBody })
    return withTaskUpdates(request, message, { tasks: this.#tasks(), serve, ready: () => meter.ready() })
  }

  /** Tells clients that these resources read differently now. */
  resourcesUpdated(uris: string[]): void {
    for (const uri of uris) this.#handler.notify.resourceUpdated(uri)
  }

  /** Tells clients that there are other resources now. Resolves when all have been told. */
  resourcesListChanged(): Promise<void> {
    return this.#listChanges.add()
  }
}

/** The two lanes of /mcp as one: the servers that they make, the changes that both tell, and the calls that wait for a run. */
import type { McpServer, RequestId, ServerNotifier } from '@modelcontextprotocol/server'
import type { Caller } from '../../mcp/caller.ts'
import { runTasks } from '../../mcp/tasks/tasks.ts'
import type { Offer } from '../../mcp/tools.ts'
import type { Router } from '../http/router.ts'
import type { Sql } from '../store/sql.ts'
import { Changes } from './changes.ts'
import { type EndpointDeps, mcpRouter } from './endpoint.ts'
import { Lane2025 } from './lane-2025.ts'
import { Lane2026 } from './lane-2026.ts'
import { requestScope } from './request-scope.ts'
import { SeenClients } from './seen-clients.ts'

/**
 * The MCP server for one request (2026) or one transport session (2025). `changes` reaches clients that listen for list and resource
 * changes; 2025 clients have no standing stream and get none.
 */
export type ServerFactory = (caller: Caller, offer: Offer, changes?: ServerNotifier) => McpServer

export interface LanesDeps extends Pick<EndpointDeps, 'missingScope' | 'runnerExpected' | 'opened'> {
  sql: Sql
  createServer: ServerFactory
  caller: () => Caller
  /** Keeps the object in memory until the work is done. */
  waitUntil: (work: Promise<void>) => void
  kv: SyncKvStorage
  /** Set when there is no room to store anything. */
  isReadOnly: () => boolean
  /** A client came that had not come for a while, or ever. */
  clientCame: () => void
  now: () => number
}

export class Lanes {
  readonly lane2025: Lane2025
  /** Tells clients about changes. */
  readonly changes: Changes
  readonly clients: SeenClients
  readonly router: Router<'/mcp'>

  constructor({ sql, createServer, caller, waitUntil, kv, isReadOnly, clientCame, now, ...expected }: LanesDeps) {
    this.lane2025 = new Lane2025({ sql, createServer: (offer) => createServer(caller(), offer), now })
    const lanes = {
      lane2025: this.lane2025,
      lane2026: new Lane2026({
        createServer: (offer, changes) => createServer(caller(), offer, changes),
        tasks: () => runTasks(caller()),
      }),
    }
    this.changes = new Changes({ ...lanes, waitUntil })
    this.clients = new SeenClients({ kv, now, changed: clientCame })
    const seen: EndpointDeps['seen'] = (...client) => {
      if (!isReadOnly()) this.clients.note(...client)
    }
    this.router = mcpRouter({ ...lanes, ...expected, seen })
  }

  /** Links a request to the run whose outcome answers it. */
  linkRun(runId: string, requestId: RequestId): void {
    this.lane2025.linkRun(runId, requestId)
  }

  /** Address at which the client of the request that is being served reached us; undefined beside any request. */
  get origin(): string | undefined {
    return requestScope.getStore()?.origin
  }
}

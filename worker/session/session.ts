/** One signed-in user's session: wires the store, the live runs and the two MCP lanes together, and is the tools' `Caller`. */
import {
  DEFAULT_MAX_REQUEST_BODY_SIZE,
  isLegacyRequest,
  type McpServer,
  readRequestBody,
  type ServerNotifier,
} from '@modelcontextprotocol/server'
import { Agent } from 'agents'
import { createMcpHandler, type StatelessMcpHandler } from 'agents/mcp/server'
import type { Env } from '../env.ts'
import { chooseExecutor } from '../executor/executor.ts'
import { runResult } from '../mcp/result.ts'
import { type Caller, createServer, type ShownRun } from '../mcp/server.ts'
import { LiveRuns } from './live-runs.ts'
import { requestScope } from './request-scope.ts'
import { ResponseMeter } from './response-meter.ts'
import { migrate } from './store/migrations.ts'
import { findRun, listRuns, type RunRow } from './store/runs.ts'
import { readSettings } from './store/settings.ts'
import { sqlOf } from './store/sql.ts'
import { jsonRpcError, KEEP_ALIVE_MS, SessionLane } from './transport.ts'

export class Session extends Agent<Env> {
  readonly #sql = sqlOf(this.ctx.storage.sql)
  readonly #runs = new LiveRuns({
    sql: this.#sql,
    executor: () => chooseExecutor(this.env, this.name),
    keepAliveWhile: (work) => this.keepAliveWhile(work),
    wait: (ms) => scheduler.wait(ms),
    now: () => Date.now(),
    maxParallel: () => readSettings(this.#sql).max_parallel_runs,
  })
  readonly #sessionLane = new SessionLane({
    sql: this.#sql,
    createServer: () => this.createServer(this.#caller),
    now: () => Date.now(),
  })
  readonly #statelessLane: StatelessMcpHandler = createMcpHandler(
    () => this.createServer(this.#caller, this.#statelessLane.notify),
    {
      legacy: 'reject',
      // A call that prints nothing is only seen to be cancelled when its stream is open and written to.
      responseMode: 'sse',
      keepAliveMs: KEEP_ALIVE_MS,
      // The Worker has checked Host and Origin, and adds the CORS headers, for both lanes.
      corsOptions: false,
      allowedOriginHostnames: '*',
    },
  )

  override async onStart(): Promise<void> {
    migrate(this.#sql, (work) => this.ctx.storage.transactionSync(work))
    for (const run of this.#runs.recover()) {
      run.outcome.then(
        (outcome) => this.#sessionLane.answerRun(run.id, runResult(outcome)),
        (error: unknown) =>
          console.error(JSON.stringify({ event: 'recovery_failed', run: run.id, error: String(error) })),
      )
    }
  }

  override async onRequest(request: Request): Promise<Response> {
    if (new URL(request.url).pathname !== '/mcp') return new Response(null, { status: 404 })
    const read = await readRequestBody(request)
    if (read.tooLarge) return jsonRpcError(413, -32000, `Request body exceeds ${DEFAULT_MAX_REQUEST_BODY_SIZE} bytes`)
    const { url, method, headers, signal } = request
    // With its body in memory the request can be looked at before it is routed, and refused without being read.
    const whole = new Request(url, { method, headers, signal, ...(read.text !== '' && { body: read.text }) })
    const scope = { meter: new ResponseMeter(), unanswered: 0 }
    return requestScope.run(scope, async () => {
      const legacy = await isLegacyRequest(whole)
      return await scope.meter.measure(await (legacy ? this.#sessionLane : this.#statelessLane).fetch(whole))
    })
  }

  /**
   * The MCP server for one request (2026) or one transport session (2025). `changes` reaches clients that listen for list and resource
   * changes; 2025 clients have no standing stream and get none. The conformance suite's session overrides this.
   */
  protected createServer(caller: Caller, _changes?: ServerNotifier): McpServer {
    return createServer(caller)
  }

  readonly #caller: Caller = {
    settings: () => readSettings(this.#sql),
    startRun: (input, objective, requestId) => {
      const run = this.#runs.start(input, objective)
      this.#sessionLane.linkRun(run.id, requestId)
      return run
    },
    listRuns: (limit) => listRuns(this.#sql, limit).map((row) => this.#shown(row)),
    findRun: (id) => {
      const row = findRun(this.#sql, id)
      return row && this.#shown(row)
    },
    listFiles: async () => (await this.#runner().listFiles()).files,
    readFile: async (path) => {
      const response = await this.#runner().readFile(path)
      if (response === null) return null
      return {
        body: await response.arrayBuffer(),
        mime: response.headers.get('content-type') ?? 'application/octet-stream',
      }
    },
    clientReady: async () => requestScope.getStore()?.meter.ready(),
  }

  #runner() {
    return chooseExecutor(this.env, this.name).runner
  }

  #shown(row: RunRow): ShownRun {
    return { ...row, status: this.#runs.get(row.id)?.status ?? row.status }
  }
}

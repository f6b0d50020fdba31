/** One signed-in user's session: wires the store, the live runs, the two MCP lanes and the paths beside /mcp together. */
import type { McpServer, ServerNotifier } from '@modelcontextprotocol/server'
import { Agent, type AgentContext } from 'agents'
import { callerOf } from '../auth/caller.ts'
import type { Env } from '../env.ts'
import { capabilitiesOf, chooseExecutor } from '../executor/executor.ts'
import { assertNamed } from '../executor/named-object.ts'
import type { Caller } from '../mcp/caller.ts'
import { createServer } from '../mcp/server.ts'
import { runTasks } from '../mcp/tasks/tasks.ts'
import type { OfferedTools } from '../mcp/tools.ts'
import { startProgram } from '../mcp/call-program.ts'
import { isStorageFull, NoExecutor, STORAGE_FULL } from '../run/contract/errors.ts'
import { unenforceable } from '../settings/settings.ts'
import { endedToken, missingScope, refuseGrant, refuseTokensBefore } from './access.ts'
import { limitsOf } from './allowance/limits.ts'
import { RequestBudget } from './allowance/request-budget.ts'
import { RunMinutes } from './allowance/run-minutes.ts'
import { tooManyRequests } from './allowance/too-many-requests.ts'
import { sessionCaller } from './caller.ts'
import { Changes } from './lanes/changes.ts'
import { DownloadLinks } from './http/download-links.ts'
import { configRouter } from './http/config.ts'
import { afterBody } from './http/discard-body.ts'
import { filesRouter } from './http/files.ts'
import { learningsRouter } from './http/learnings.ts'
import { nothingAt } from './http/nothing-at.ts'
import { dispatch, type Router } from './http/router.ts'
import { runsRouter } from './http/runs.ts'
import { mcpRouter } from './lanes/endpoint.ts'
import { Lane2025 } from './lanes/lane-2025.ts'
import { Lane2026 } from './lanes/lane-2026.ts'
import { isReadOnly } from './reading.ts'
import { recover } from './recover.ts'
import { newScope, requestScope } from './lanes/request-scope.ts'
import { scopesOfRequest, type BasePath, basePathOf } from './routes.ts'
import { install } from './runs/installations.ts'
import { keepAliveIfLong } from './runs/keep-alive.ts'
import { LiveRuns } from './runs/live-runs.ts'
import { Places } from './runs/places.ts'
import { WarmStart } from './runs/warm-start.ts'
import { migrate } from './store/migrations.ts'
import { storeProbe } from './store/probe.ts'
import { readSettings } from './store/settings.ts'
import { sqlOf } from './store/sql.ts'

export class Session extends Agent<Env> {
  /** There was no room to start it: it is only read. */
  #isReadOnly = false
  #isStarted = false
  readonly #sql = sqlOf(this.ctx.storage.sql, () => this.#isReadOnly)
  readonly #limits = () => limitsOf(this.env)
  readonly #runMinutes = new RunMinutes({
    storage: this.ctx.storage,
    perDay: () => this.#limits().runMinutesPerDay,
    now: () => Date.now(),
  })
  readonly #requestBudget = new RequestBudget(this.#limits().requestsPerMinute, () => Date.now())
  readonly #warmStart = new WarmStart({
    kv: this.ctx.storage.kv,
    runner: () => this.#runner(),
    now: () => Date.now(),
  })
  readonly #places = new Places(() => Math.min(readSettings(this.#sql).max_parallel_runs, this.#limits().parallelRuns))
  /** Ends the installations under way when the workspace is deleted. */
  #erasing = new AbortController()
  readonly #runs = new LiveRuns({
    sql: this.#sql,
    transaction: (work) => this.#transaction(work),
    executor: () => this.#executor(),
    keepAliveWhile: (work) => keepAliveIfLong(work, (longWork) => this.keepAliveWhile(longWork)),
    wait: (ms) => scheduler.wait(ms),
    now: () => Date.now(),
    places: this.#places,
    spent: (ms) => this.#runMinutes.add(ms),
    checkStart: () => this.#checkStart(),
    changed: (id, outcome) => {
      this.#runMinutes.add(outcome?.usage?.wall_ms ?? 0)
      this.#warmStart.ran()
      this.#changes.run(id, outcome)
    },
  })
  readonly #lane2025 = new Lane2025({
    sql: this.#sql,
    createServer: (tools) => this.createServer(this.#caller, tools),
    now: () => Date.now(),
  })
  readonly #lane2026 = new Lane2026({
    createServer: (tools, changes) => this.createServer(this.#caller, tools, changes),
    tasks: () => runTasks(this.#caller),
  })
  readonly #changes = new Changes({
    lane2025: this.#lane2025,
    lane2026: this.#lane2026,
    waitUntil: (work) => this.ctx.waitUntil(work),
  })
  readonly #links = new DownloadLinks({
    sql: this.#sql,
    env: this.env,
    userId: () => this.name,
    now: () => Date.now(),
  })

  constructor(ctx: AgentContext, env: Env) {
    assertNamed(ctx)
    super(ctx, env)
  }

  override fetch(request: Request): Promise<Response> {
    if (this.#isStarted || !isReadOnly(request)) return super.fetch(request)
    this.#isReadOnly = true
    return this.onRequest(request)
  }

  override async onStart(): Promise<void> {
    this.#isReadOnly = false
    migrate(this.#sql, this.#transaction)
    await recover({ sql: this.#sql, runs: this.#runs, lane: this.#lane2025, caller: this.#caller })
    this.#isStarted = true
  }

  /** From now on, tokens that were allowed before this time (milliseconds since 1970) are refused. */
  async refuseTokensBefore(time: number): Promise<void> {
    refuseTokensBefore(this.ctx.storage, time)
  }

  /** From now on, tokens of this grant are refused. */
  async refuseGrant(grantId: string): Promise<void> {
    refuseGrant(this.ctx.storage, grantId, Date.now())
  }

  /** Ends the runs and deletes the workspace. Throws RunnerError when the runner cannot be reached. */
  async eraseWorkspace(): Promise<void> {
    // One that waits for a place would otherwise get that of a run which ends here, and bring something back.
    this.#erasing.abort()
    this.#erasing = new AbortController()
    await this.#runs.cancelAll()
    try {
      await this.#runner().wipe()
    } catch (error) {
      // Without any runner there is no workspace.
      if (!(error instanceof NoExecutor)) throw error
    }
  }

  /** Resolves when there is room to store something; else the object ends with an error. */
  async storeSomething(): Promise<void> {
    await storeProbe(this.ctx.storage)
  }

  /** Deletes everything that is kept for this user; the object ends with it. */
  async forget(): Promise<void> {
    await this.destroy()
  }

  override async onRequest(request: Request): Promise<Response> {
    try {
      return await afterBody(request, await this.#answer(request))
    } catch (error) {
      if (!isStorageFull(error)) throw error
      return Response.json({ error: STORAGE_FULL }, { status: 507 })
    }
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url)
    const caller = callerOf(request)
    const refused =
      caller &&
      (endedToken(this.ctx.storage, caller) ?? missingScope(caller, scopesOfRequest(request.method, url.pathname), url))
    if (refused !== null) return refused
    const waitS = this.#requestBudget.take()
    if (waitS > 0) return tooManyRequests(waitS)
    const base = basePathOf(url.pathname)
    if (base === null) return nothingAt(url)
    // Until its MCP message names it, a client is only known to speak HTTP.
    const scope = newScope(url.origin, () => 'http')
    return requestScope.run(scope, () => dispatch(this.#routers[base], { request, url, caller }))
  }

  /**
   * The MCP server for one request (2026) or one transport session (2025). `changes` reaches clients that listen for list and resource
   * changes; 2025 clients have no standing stream and get none. The conformance suite's session overrides this.
   */
  protected createServer(caller: Caller, tools: OfferedTools, changes?: ServerNotifier): McpServer {
    return createServer(caller, changes !== undefined, tools)
  }

  readonly #caller = sessionCaller({
    sql: this.#sql,
    transaction: (work) => this.#transaction(work),
    runs: this.#runs,
    linkRun: (runId, requestId) => this.#lane2025.linkRun(runId, requestId),
    executor: () => this.#executor(),
    capabilities: () => this.#capabilities(),
    install: (specs, timeoutS, signal) => {
      this.#checkStart()
      return install(specs, timeoutS, AbortSignal.any([signal, this.#erasing.signal]), {
        places: this.#places,
        runner: this.#executor().runner,
        spent: (ms) => this.#runMinutes.add(ms),
        now: () => Date.now(),
      })
    },
    downloadUrl: (path) => this.#links.url(path, requestScope.getStore()?.origin),
    changed: (uris) => this.#changes.updated(uris),
    listChanged: () => this.#changes.listChanged(),
    settingsChanged: () => this.#settingsChanged(),
    now: () => Date.now(),
  })

  readonly #transaction = <T>(work: () => T): T => this.ctx.storage.transactionSync(work)

  #settingsChanged(): void {
    this.#places.admit()
    this.#changes.settings()
  }

  #capabilities() {
    return { ...capabilitiesOf(this.env), parallelRuns: this.#limits().parallelRuns }
  }

  /**
   * Before anything is run or installed. Throws QuotaUsed when nothing is left of today, and NoExecutor when nothing here keeps to the
   * user's network policy, which may have been set on a server that could.
   */
  #checkStart(): void {
    const { network } = readSettings(this.#sql)
    const reason = unenforceable('network', network, this.#capabilities())
    if (reason !== null) throw NoExecutor.ofNetwork(network, reason)
    this.#runMinutes.check()
  }

  #executor() {
    return chooseExecutor(this.env, this.name, () => readSettings(this.#sql))
  }

  #runner() {
    return this.#executor().runner
  }

  readonly #routers: { [Base in BasePath]: Router<Base> } = {
    '/mcp': mcpRouter({
      lane2025: this.#lane2025,
      lane2026: this.#lane2026,
      runnerExpected: () => {
        if (!this.#isReadOnly) this.ctx.waitUntil(this.#warmStart.clientCame())
      },
    }),
    '/runs': runsRouter({
      list: (query) => this.#caller.listRuns(query),
      history: (id) => this.#caller.runHistory(id),
      find: (id) => this.#caller.findRun(id),
      start: (args) => startProgram(this.#caller, 'POST /runs', args, null),
      cancel: (id) => this.#runs.cancel(id),
      events: (id, after, gone) => this.#runs.events(id, after, gone),
    }),
    '/files': filesRouter({
      runner: () => this.#runner(),
      quota: () => this.#executor().quota,
      userId: () => this.name,
      key: () => this.#links.key(),
      downloadUrl: (path, origin) => this.#links.url(path, origin),
      now: () => Date.now(),
      changed: (pathname) => this.#changes.file(pathname),
    }),
    '/learnings': learningsRouter({
      sql: this.#sql,
      transaction: this.#transaction,
      letOthersIn: () => scheduler.wait(0),
      now: () => Date.now(),
      client: 'http',
      changed: (id) => this.#changes.learning(id),
    }),
    '/config': configRouter({
      sql: this.#sql,
      transaction: this.#transaction,
      capabilities: () => this.#capabilities(),
      changed: () => this.#settingsChanged(),
    }),
  }
}

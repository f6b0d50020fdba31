/** One signed-in user's session: wires the store, the programs, the two MCP lanes and the paths beside /mcp together. */
import { Agent, type AgentContext } from 'agents'
import type { Env } from '../env.ts'
import { capabilitiesOf, chooseExecutor } from '../executor/executor.ts'
import { assertNamed } from '../executor/named-object.ts'
import { createServer } from '../mcp/server.ts'
import { missingScopeOfMessage, refuseBrowser, refuseGrant, refuseTokensBefore } from './door/access.ts'
import { Allowance } from './allowance/allowance.ts'
import { sessionCaller } from './caller/caller.ts'
import { answerAtDoor } from './door/door.ts'
import { PathsBesideMcp } from './door/paths.ts'
import { Lanes, type ServerFactory } from './lanes/lanes.ts'
import { isForStarted, isReadOnly, notStarted } from './door/started.ts'
import { recover } from './lanes/recover.ts'
import { Programs } from './runs/programs.ts'
import { type ShareDays, Shares } from './sharing/shares.ts'
import { changedSince } from './store/changed-since.ts'
import { migrate } from './store/migrations.ts'
import { storeProbe } from './store/probe.ts'
import { readSettings } from './store/settings.ts'
import { sqlOf } from './store/sql.ts'

export class Session extends Agent<Env> {
  /** Set when there was no room to start it: it is only read. */
  #isReadOnly = false
  #isStarted = false
  readonly #sql = sqlOf(this.ctx.storage.sql, () => this.#isReadOnly)
  readonly #allowance = new Allowance({
    env: () => this.env,
    storage: this.ctx.storage,
    settings: () => readSettings(this.#sql),
    capabilities: () => this.#capabilities(),
    now: () => Date.now(),
  })
  readonly #programs = new Programs({
    sql: this.#sql,
    kv: this.ctx.storage.kv,
    transaction: (work) => this.#transaction(work),
    executor: () => this.#executor(),
    keepAliveWhile: (work) => this.keepAliveWhile(work),
    places: () => Math.min(readSettings(this.#sql).max_parallel_runs, this.#allowance.parallelRuns),
    spent: (ms) => this.#allowance.spent(ms),
    checkStart: () => this.#allowance.checkStart(),
    changed: (id, outcome) => {
      this.#lanes.changes.run(id, outcome)
      this.#paths.feed.changed(id)
    },
    began: (id) => this.#paths.feed.changed(id),
    now: () => Date.now(),
  })
  readonly #lanes = new Lanes({
    sql: this.#sql,
    createServer: (...made) => this.createServer(...made),
    caller: () => this.#caller,
    waitUntil: (work) => this.ctx.waitUntil(work),
    missingScope: missingScopeOfMessage,
    runnerExpected: () => {
      if (!this.#isReadOnly) this.ctx.waitUntil(this.#programs.clientCame())
    },
    kv: this.ctx.storage.kv,
    isReadOnly: () => this.#isReadOnly,
    clientCame: () => this.#paths.feed.clientCame(),
    opened: (caller, end) => this.#paths.streams.add(caller, end),
    now: () => Date.now(),
  })

  constructor(ctx: AgentContext, env: Env) {
    assertNamed(ctx)
    super(ctx, env)
  }

  override fetch(request: Request): Promise<Response> {
    if (this.#isStarted) return super.fetch(request)
    if (isForStarted(request)) return Promise.resolve(notStarted())
    if (!isReadOnly(request)) return super.fetch(request)
    this.#isReadOnly = true
    return this.onRequest(request)
  }

  override async onStart(): Promise<void> {
    this.#isReadOnly = false
    migrate(this.#sql, this.#transaction)
    await recover({ sql: this.#sql, runs: this.#programs.runs, lane: this.#lanes.lane2025, caller: this.#caller })
    this.#isStarted = true
  }

  /** Refuses, from now on, tokens that were allowed before this time (milliseconds since 1970). */
  async refuseTokensBefore(time: number): Promise<void> {
    refuseTokensBefore(this.ctx.storage, time)
    this.#lanes.clients.forget()
    this.#shares.end()
    this.#paths.allEnded(time)
  }

  /** Ends what this browser has open. Lists of others are asked for again. */
  async browserLeft(browserId: string): Promise<void> {
    this.#paths.ended((caller) => caller.browserId === browserId)
    // Last, as there may be no room for it.
    refuseBrowser(this.ctx.storage, browserId, Date.now())
  }

  /** Ends what a personal token that was revoked has open. */
  async tokenEnded(tokenId: string): Promise<void> {
    this.#paths.ended((caller) => caller.tokenId === tokenId)
  }

  /** Refuses, from now on, tokens of this grant. */
  async refuseGrant(grantId: string): Promise<void> {
    refuseGrant(this.ctx.storage, grantId, Date.now())
    this.#lanes.clients.forget(grantId)
    this.#paths.grantEnded(grantId)
  }

  /** The MCP clients that have come; the one that came last stands first. */
  async seenClients() {
    return this.#lanes.clients.list()
  }

  /** When each OAuth grant was used last beside /mcp: milliseconds since 1970. */
  async seenGrants() {
    return this.#paths.grants.list()
  }

  /** Links by which anybody may look at a run. */
  async shares() {
    return this.#shares.list()
  }

  async notShared(runId: string) {
    return this.#shares.refusal(runId)
  }

  async share(runId: string, days: ShareDays) {
    return this.#shares.make(runId, days)
  }

  async endShare(id: string) {
    this.#shares.end(id)
  }

  /** What a link shows; null when it shows nothing. */
  async sharedRun(id: string) {
    return this.#shares.read(id)
  }

  async sharedPicture(id: string, at: number) {
    return this.#shares.picture(id, at)
  }

  /** Ends the runs and deletes the workspace. Throws RunnerError when the runner cannot be reached. */
  async eraseWorkspace(): Promise<void> {
    await this.#programs.erase()
  }

  /** Resolves when there is room to store something; else the object ends with an error. */
  async storeSomething(): Promise<void> {
    await storeProbe(this.ctx.storage)
  }

  /** Deletes everything that is kept for this user; the object ends with it. */
  async forget(): Promise<void> {
    await this.destroy()
  }

  override onRequest(request: Request): Promise<Response> {
    return answerAtDoor(request, {
      storage: this.ctx.storage,
      takeRequest: () => this.#allowance.takeRequest(),
      letIn: (caller) => this.#paths.grants.note(caller),
      routers: { '/mcp': this.#lanes.router, ...this.#paths.routers },
    })
  }

  /** The conformance suite's session has another. */
  protected readonly createServer: ServerFactory = (caller, offer, changes) =>
    createServer(caller, changes !== undefined, offer)

  readonly #transaction = <T>(work: () => T): T => this.ctx.storage.transactionSync(work)

  readonly #caller = sessionCaller({
    sql: this.#sql,
    transaction: this.#transaction,
    runs: this.#programs.runs,
    linkRun: (runId, requestId) => this.#lanes.linkRun(runId, requestId),
    executor: () => this.#executor(),
    capabilities: () => this.#capabilities(),
    install: (specs, timeoutS, signal) => this.#programs.install(specs, timeoutS, signal),
    downloadUrl: (path) => this.#paths.links.url(path, this.#lanes.origin),
    pagesAt: () => this.env.PUBLIC_URL ?? this.#lanes.origin ?? null,
    changed: (uris) => this.#lanes.changes.updated(uris),
    listChanged: () => this.#lanes.changes.listChanged(),
    settingsChanged: () => this.#settingsChanged(),
    now: () => Date.now(),
  })

  readonly #shares = new Shares({
    kv: this.ctx.storage.kv,
    transaction: this.#transaction,
    source: () => ({ ...this.#caller, changedSince: (id) => changedSince(this.#sql, id) }),
    now: () => Date.now(),
  })

  readonly #paths = new PathsBesideMcp({
    sql: this.#sql,
    transaction: this.#transaction,
    env: this.env,
    caller: this.#caller,
    runs: this.#programs.runs,
    executor: () => this.#executor(),
    changes: this.#lanes.changes,
    today: () => this.#allowance.today(),
    capabilities: () => this.#capabilities(),
    settingsChanged: () => this.#settingsChanged(),
    userId: () => this.name,
    kv: this.ctx.storage.kv,
    isReadOnly: () => this.#isReadOnly,
    now: () => Date.now(),
  })

  #settingsChanged(): void {
    this.#programs.admit()
    this.#lanes.changes.settings()
  }

  #capabilities() {
    return { ...capabilitiesOf(this.env), parallelRuns: this.#allowance.parallelRuns }
  }

  #executor() {
    return chooseExecutor(this.env, this.name, () => readSettings(this.#sql))
  }
}

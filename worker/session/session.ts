/** One signed-in user's session: wires the store, the live runs and the two MCP lanes together, and is the tools' `Caller`. */
import {
  DEFAULT_MAX_REQUEST_BODY_SIZE,
  isLegacyRequest,
  type McpServer,
  ProtocolErrorCode,
  readRequestBody,
  type ServerNotifier,
} from '@modelcontextprotocol/server'
import { Agent, type AgentContext } from 'agents'
import { createMcpHandler, type StatelessMcpHandler } from 'agents/mcp/server'
import { callerOf } from '../auth/caller.ts'
import { scopesOfRequest } from '../auth/scopes.ts'
import { userGate } from '../auth/user-gate.ts'
import type { Env } from '../env.ts'
import { capabilitiesOf, chooseExecutor } from '../executor/executor.ts'
import { assertNamed } from '../executor/named-object.ts'
import { KEY_BYTES, LINK_LIFE_MS, linkUrl } from '../files/download.ts'
import { runResult } from '../mcp/results/result.ts'
import type { Caller } from '../mcp/caller.ts'
import { createServer } from '../mcp/server.ts'
import { runTasks } from '../mcp/tasks/tasks.ts'
import { refusedResult } from '../mcp/results/tool-result.ts'
import { askedTools, type OfferedTools } from '../mcp/tools.ts'
import { startProgram } from '../mcp/call-program.ts'
import { notTriedAgain } from '../run/retry.ts'
import { isStorageFull, NoExecutor, STORAGE_FULL } from '../run/errors.ts'
import { platformErrorWords } from '../run/words.ts'
import { unenforceable } from '../settings/settings.ts'
import { within } from '../waiting.ts'
import { answerForm, asJson, BOTH_FORMS } from './lanes/accept.ts'
import { endedToken, missingScope, missingScopeOfBody, refuseGrant, refuseTokensBefore } from './access.ts'
import { afterBody } from './http/discard-body.ts'
import { sessionCaller } from './caller.ts'
import { clientNameOf } from './lanes/client-name.ts'
import { handleConfig } from './http/config.ts'
import { handleFiles } from './http/files.ts'
import { jsonRpcError } from './lanes/json-rpc-error.ts'
import { KEEP_ALIVE_MS } from './http/keep-alive.ts'
import { handleLearnings } from './http/learnings.ts'
import { limitsOf } from './allowance/limits.ts'
import { ListChanges } from './lanes/list-changes.ts'
import { install } from './runs/installations.ts'
import { LiveRuns } from './runs/live-runs.ts'
import { nothingAt } from './http/nothing-at.ts'
import { Places } from './runs/places.ts'
import { RequestBudget } from './allowance/request-budget.ts'
import { tooLongText } from './lanes/message-bounds.ts'
import { newScope, requestScope } from './request-scope.ts'
import { RunMinutes } from './allowance/run-minutes.ts'
import { handleRuns } from './http/runs.ts'
import { secretKey } from './store/keys.ts'
import { migrate } from './store/migrations.ts'
import { findRun } from './store/runs.ts'
import { readSettings } from './store/settings.ts'
import { sqlOf } from './store/sql.ts'
import { nameTask } from './lanes/task-name.ts'
import { withTaskUpdates } from './lanes/task-updates.ts'
import { tooManyRequests } from './allowance/too-many-requests.ts'
import { Lane2025 } from './lanes/lane-2025.ts'
import { WarmStart } from './runs/warm-start.ts'

/** How long a started object waits for the runner to say what became of the runs of its former life. */
const RECOVERY_MS = 3_000
/** What is stored to see whether there is room: more than a request that was refused for want of it can have had. */
const PROBE = 'room_for_'
const PROBE_PARTS = 2
const PROBE_BYTES = 1024 * 1024

export class Session extends Agent<Env> {
  readonly #sql = sqlOf(this.ctx.storage.sql)
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
    keepAliveWhile: (work) => this.keepAliveWhile(work),
    wait: (ms) => scheduler.wait(ms),
    now: () => Date.now(),
    places: this.#places,
    spent: (ms) => this.#runMinutes.add(ms),
    checkStart: () => this.#checkStart(),
    changed: (id, outcome) => {
      this.#runMinutes.add(outcome?.usage?.wall_ms ?? 0)
      this.#warmStart.ran()
      const files = (outcome?.files ?? []).map(({ uri }) => uri)
      const learnings = outcome === undefined ? [] : ['codemode://learnings']
      this.#changed(['codemode://runs', `codemode://runs/${id}`, 'codemode://context', ...learnings, ...files])
      // A run is listed from its start, and a file until it is deleted.
      if (outcome === undefined || outcome.files.some(({ change }) => change !== 'changed')) this.#listChanged()
    },
  })
  readonly #lane2025 = new Lane2025({
    sql: this.#sql,
    createServer: (tools) => this.createServer(this.#caller, tools),
    now: () => Date.now(),
  })
  readonly #statelessLane: StatelessMcpHandler = createMcpHandler(
    () => this.createServer(this.#caller, requestScope.getStore()?.tools ?? null, this.#statelessLane.notify),
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

  readonly #listChanges = new ListChanges({
    tell: () => this.#statelessLane.notify.resourcesChanged(),
    wait: (ms) => scheduler.wait(ms),
  })

  constructor(ctx: AgentContext, env: Env) {
    assertNamed(ctx)
    super(ctx, env)
  }

  override async onStart(): Promise<void> {
    migrate(this.#sql, this.#transaction)
    const recovered = this.#runs.recover()
    // A run may have ended before its call was answered: while its files were read, or before the next attempt of run_with_retry.
    const ended = this.#lane2025.awaitedRuns().flatMap((id) => findRun(this.#sql, id)?.outcome ?? [])
    const awaited = [
      ...recovered,
      ...ended.map((outcome) => ({ id: outcome.run_id, outcome: Promise.resolve(outcome) })),
    ]
    this.#lane2025.answerAbandoned(new Set(awaited.map(({ id }) => id)))
    for (const run of awaited) {
      run.outcome
        .then((outcome) => runResult(notTriedAgain(outcome), this.#caller))
        .catch((error: unknown) => refusedResult(platformErrorWords(error)))
        .then((result) => this.#lane2025.answerRun(run.id, result))
        .catch((error: unknown) => {
          console.error(JSON.stringify({ event: 'recovery_failed', run: run.id, error: String(error) }))
        })
    }
    // Nobody shall be told that a run goes on which the runner knows nothing of.
    await within(Promise.all(recovered.map((run) => run.read().next())), RECOVERY_MS)
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

  /** Stores something and deletes it again: where there is no room for it, the object ends with an error. */
  async storeSomething(): Promise<void> {
    const { kv } = this.ctx.storage
    for (let part = 0; part < PROBE_PARTS; part++) kv.put(`${PROBE}${part}`, new Uint8Array(PROBE_BYTES))
    await this.ctx.storage.sync()
    for (let part = 0; part < PROBE_PARTS; part++) kv.delete(`${PROBE}${part}`)
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
    const requested = new URL(request.url)
    const caller = callerOf(request)
    const refused =
      caller &&
      (endedToken(this.ctx.storage, caller) ??
        missingScope(caller, scopesOfRequest(request.method, requested.pathname), requested))
    if (refused !== null) return refused
    const waitS = this.#requestBudget.take()
    if (waitS > 0) return tooManyRequests(waitS)
    // Without a caller only a signed link leads here, to a file.
    if (caller === null && !/^\/files(\/|$)/.test(requested.pathname)) return nothingAt(requested)
    if (/^\/learnings(\/|$)/.test(requested.pathname)) {
      const response = await handleLearnings(request, requested, {
        sql: this.#sql,
        transaction: this.#transaction,
        letOthersIn: () => scheduler.wait(0),
        now: () => Date.now(),
        client: 'http',
      })
      const id = requested.pathname.split('/')[2] ?? ''
      if (request.method !== 'GET' && response.ok) {
        this.#changed(['codemode://learnings', `codemode://learnings/${id}`])
        this.#listChanged()
      }
      return response
    }
    if (requested.pathname === '/config') {
      const deps = { sql: this.#sql, transaction: this.#transaction, capabilities: this.#capabilities() }
      const response = await handleConfig(request, requested, deps)
      if (request.method !== 'GET' && response.ok) this.#settingsChanged()
      return response
    }
    if (/^\/runs(\/|$)/.test(requested.pathname))
      return this.#overHttp(requested, () => this.#handleRuns(request, requested))
    if (/^\/files(\/|$)/.test(requested.pathname)) {
      const response = await handleFiles(request, requested, {
        runner: () => this.#runner(),
        quota: () => this.#quota(),
        isOwner: caller !== null,
        userId: this.name,
        key: () => this.#downloadKey(),
        downloadUrl: (path) => this.#downloadUrl(path, requested.origin),
        now: () => Date.now(),
      })
      if (request.method !== 'GET' && response.ok) {
        this.#changed([`codemode:/${requested.pathname}`, 'codemode://context'])
        this.#listChanged()
      }
      return response
    }
    if (requested.pathname !== '/mcp' || caller === null) return nothingAt(requested)
    const asked = askedTools(requested.searchParams)
    if ('refused' in asked) return jsonRpcError(400, ProtocolErrorCode.InvalidParams, asked.refused)
    if (caller.scopes.includes('python:run')) this.ctx.waitUntil(this.#warmStart.come())
    const read = await readRequestBody(request)
    if (read.tooLarge) {
      const words = `Request body exceeds ${DEFAULT_MAX_REQUEST_BODY_SIZE} bytes. Next: send large data as a file (PUT /files/{path}).`
      return jsonRpcError(413, -32000, words)
    }
    const lacking = missingScopeOfBody(caller, read.text, requested)
    if (lacking !== null) return lacking
    const { url, method, signal } = request
    const headers = new Headers(request.headers)
    const form = method === 'POST' ? answerForm(headers.get('accept')) : 'events'
    if (form === 'none') headers.delete('accept')
    else headers.set('accept', BOTH_FORMS)
    nameTask(headers, read.text)
    // With its body in memory the request can be looked at before it is routed, and refused without being read.
    const whole = new Request(url, { method, headers, signal, ...(read.text !== '' && { body: read.text }) })
    const scope = newScope(requested.origin, () => clientNameOf(JSON.parse(read.text)), asked.tools)
    return requestScope.run(scope, async () => {
      const legacy = await isLegacyRequest(whole)
      const tooLong = tooLongText(read.text)
      if (tooLong !== null) {
        // 2026-07-28 wants the status of a bad request; clients before take any but 200 for a broken connection.
        const status = legacy && tooLong.id !== null ? 200 : 400
        return Response.json({ jsonrpc: '2.0', ...tooLong }, { status })
      }
      const modern = {
        tasks: runTasks(this.#caller),
        serve: (request: Request) => this.#statelessLane.fetch(request),
        ready: () => scope.meter.ready(),
      }
      const response = legacy ? this.#lane2025.fetch(whole) : withTaskUpdates(whole, read.text, modern)
      const events = await scope.meter.measure(await response)
      // A listening stream has no answer that it ends with.
      const listens = headers.get('mcp-method') === 'subscriptions/listen'
      return form === 'json' && !listens ? asJson(events, read.text.trimStart().startsWith('[')) : events
    })
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
    downloadUrl: async (path) => {
      const origin = requestScope.getStore()?.origin ?? this.env.PUBLIC_URL
      return origin === undefined ? null : this.#downloadUrl(path, origin)
    },
    changed: (uris) => this.#changed(uris),
    listChanged: () => this.#listChanged(),
    settingsChanged: () => this.#settingsChanged(),
    now: () => Date.now(),
  })

  readonly #transaction = <T>(work: () => T): T => this.ctx.storage.transactionSync(work)

  #settingsChanged(): void {
    this.#places.admit()
    this.#changed(['codemode://config', 'codemode://context'])
  }

  /** Tells clients that these resources read differently now. */
  #changed(uris: string[]): void {
    for (const uri of uris) this.#statelessLane.notify.resourceUpdated(uri)
    this.#lane2025.resourcesUpdated(uris)
  }

  /** Tells clients that there are others now. */
  #listChanged(): void {
    this.ctx.waitUntil(this.#listChanges.add())
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

  #downloadKey() {
    return secretKey(this.#sql, 'download', KEY_BYTES)
  }

  async #downloadUrl(path: string, origin: string): Promise<string | null> {
    const gate = await userGate(this.env, 'link', this.name)
    if (gate === null) return null
    const link = { userId: this.name, path, expires: Date.now() + LINK_LIFE_MS, gate }
    return linkUrl(this.env.PUBLIC_URL ?? origin, link, this.#downloadKey())
  }

  #executor() {
    return chooseExecutor(this.env, this.name, () => readSettings(this.#sql))
  }

  #runner() {
    return this.#executor().runner
  }

  #quota(): number {
    return this.#executor().quota
  }

  #handleRuns(request: Request, url: URL): Promise<Response> {
    return handleRuns(request, url, {
      list: (query) => this.#caller.listRuns(query),
      history: (id) => this.#caller.runHistory(id),
      find: (id) => this.#caller.findRun(id),
      start: (args) => startProgram(this.#caller, 'POST /runs', args, null),
      cancel: (id) => this.#runs.cancel(id),
      events: (id, after, gone) => this.#runs.events(id, after, gone),
    })
  }

  /** Serves a request that is not MCP: its client is only known to speak HTTP. */
  #overHttp<T>({ origin }: URL, serve: () => T): T {
    return requestScope.run(
      newScope(origin, () => 'http'),
      serve,
    )
  }
}

/**
 * One user's sandbox: a Cloudflare container of their own with the runner in it. The only file that knows the Sandbox SDK. It uses the
 * container's life and nothing else: programs go through the runner.
 */
import { Sandbox as SdkSandbox } from '@cloudflare/sandbox'
import * as z from 'zod'
import type { Env } from '../env.ts'
import { hostList, type NetworkPolicy, type RefusedHost } from '../run/network/policy.ts'
import { errorAnswer, type Health, health } from '../run/contract/protocol.ts'
import { NO_NEWS, type Stop } from '../run/contract/runner.ts'
import type { SandboxFailure } from '../run/contract/errors.ts'
import { SANDBOX_START_MS } from '../run/contract/bounds.ts'
import { NEWS_HEADER } from '../runner/client.ts'
import { fetchInTime } from '../runner/fetch-in-time.ts'
import { orElse, readStored } from '../stored.ts'
import { Backups } from './backups.ts'
import { Disk } from './disk.ts'
import { intercept, INTERCEPTED } from './egress.ts'
import { assertNamed } from './named-object.ts'
import { SandboxNetwork } from './network.ts'
import { isFull, isNotListening } from './platform-errors.ts'
import { Frozen, Pulse } from './pulse.ts'
import { workspaceQuota } from './quota.ts'
import { kindOf, type RequestKind } from './runner-request.ts'
import { OFF, ORIGIN, POLICY_HEADER, RENEWED } from './sandbox-runner.ts'

/** The runner's port in the container. */
const PORT = 8080
/** Pause between two looks at whether the port is open. */
const POLL_MS = 100
/** Share of the time for a start that one attempt may wait for a free machine. */
const INSTANCE_SHARE = 1 / 4
/** Longest time that new requests wait for a container that has been told to end, and the pause between two looks at it. */
const LEAVING_MS = 10_000
const LEAVING_LOOK_MS = 500
/** Longest time that a start waits for the end of the container before. */
const END_MS = 5_000
/** Key of the running container's token in the object's storage. */
const TOKEN_KEY = 'runner_token'
const TOKEN_BYTES = 32
const runnerToken = z.string().regex(/^[0-9a-f]{64}$/)

/** The object that owns the container. Its fields have all that a start needs, and no secret but the runner's token. */
export class Sandbox extends SdkSandbox<Env> {
  /** Time without a request and without a live run after which the container ends. A field: the SDK's option for it comes too late. */
  override sleepAfter = '10m'
  /** Longest time for its start, in milliseconds. */
  startMs = SANDBOX_START_MS
  /** Seconds without a change after which the container's disk is saved. */
  idleS = 10
  #starting: Promise<SandboxFailure | null> | undefined
  #replacing: Promise<SandboxFailure | null> | undefined
  /** Unanswered requests that may change the disk, such as a long upload. */
  #changing = 0
  /** Set when the container has been told to end: new work would be lost with its disk. */
  #isEnding = false
  #pulse = this.#newPulse()
  /** Set when all HTTPS of a container was intercepted in this object's life. */
  #hasIntercepted = false
  readonly #network = new SandboxNetwork(this.ctx.storage.kv, hostList(this.env.PACKAGE_HOSTS ?? ''))
  /** The container's disk; without a bucket it is lost with the container. */
  readonly #disk: Disk | undefined

  constructor(ctx: DurableObjectState<object>, env: Env) {
    assertNamed(ctx)
    if (ctx.container === undefined) throw Object.assign(new Error('containers are switched off'), { name: OFF })
    super(ctx, env)
    // A container whose token cannot be read answers nothing: it is ended when it refuses the new one.
    this.#keepToken(orElse(readStored(runnerToken, ctx.storage.kv.get(TOKEN_KEY)), undefined) ?? newToken())
    if (env.BACKUP_BUCKET !== undefined) this.#disk = this.#diskKeptIn(env.BACKUP_BUCKET)
    if (this.#running) void ctx.blockConcurrencyWhile(() => this.#interceptOrEnd())
  }

  #diskKeptIn(bucket: R2Bucket): Disk {
    const { kv } = this.ctx.storage
    return new Disk({
      kv,
      backups: new Backups(bucket, this.ctx.id.name!, kv, (method, path, init) => {
        // A restore serves a waiting user; a save must not keep the container awake.
        if (method === 'PUT') this.renewActivityTimeout()
        return this.#ask(new Request(this.#workspaceUrl(path), { method, ...init }), init?.body ?? null)
      }),
      maxBytes: workspaceQuota(this.env),
      idleS: () => this.idleS,
      look: async () => {
        const health = await this.#health()
        if (health === null) throw new Error('the runner does not answer')
        const python = health.python.split('.', 2).join('.')
        return { python, isBusy: isBusy(health) || this.#changing > 0, isLeaving: health.leaving === true }
      },
      schedule: async (seconds) => void (await this.schedule(seconds, 'saveWhenIdle' satisfies keyof this)),
    })
  }

  /** Returns whether a start must come before the runner can be asked, or before a program of this policy can run. */
  async asleep(policy?: NetworkPolicy): Promise<boolean> {
    if (!this.#running || this.#isEnding || !this.#isRestored || (await this.getState()).status !== 'healthy')
      return true
    return policy !== undefined && this.#network.needsRestart(policy)
  }

  /** Starts the container if need be, so that a program of this policy finds its network ready. */
  async wake(policy: NetworkPolicy): Promise<SandboxFailure | null> {
    return this.#admit(policy, false)
  }

  /** Starts the container ahead of time. */
  async warmUp(policy: NetworkPolicy): Promise<{ failure: SandboxFailure | null; started: boolean }> {
    const started = await this.asleep()
    return { failure: await this.#awake(policy), started }
  }

  /** Ends the container, as its user wishes, when nothing goes on in it and its disk is saved. */
  async sleepNow(): Promise<Stop> {
    await this.#starting
    if (!this.#running) return 'stopped'
    if (this.#changing > 0 || (await this.#isBusy())) return 'busy'
    if (this.#isRestored && (await this.#disk?.saveNow()) === false) return 'unsaved'
    this.#isEnding = true
    await this.destroy()
    return 'stopped'
  }

  /** Called by the alarm that `schedule` has set. */
  async saveWhenIdle(): Promise<void> {
    // When the container has ended, there is nothing left to save.
    if (this.#running && this.#isRestored) await this.#disk?.saveWhenIdle()
  }

  /** The reason why a program is kept from a host, or null. */
  async judge(host: string, port: number, isPrivate: boolean): Promise<RefusedHost['because'] | null> {
    return this.#network.judge(host, port, isPrivate)
  }

  /** Hosts that programs were refused within the last so many milliseconds. */
  async refusedHosts(withinMs: number): Promise<RefusedHost[]> {
    return this.#network.refused(withinMs)
  }

  /**
   * Passes a request on to the runner. It starts a container, but not for a request about a run: a run ends with its container. Bodies are
   * streamed: so the other end notices at once when one side leaves, and nobody's memory fills up.
   */
  override async fetch(request: Request): Promise<Response> {
    const kind = kindOf(request)
    if (kind.isAboutARun && !this.#running) return refusal(404, 'not_found')
    if (kind.wipes) {
      await this.#starting
      if (!this.#running || !this.#isRestored) {
        // A workspace to be deleted need not be restored first, and perhaps cannot be.
        if (this.#running) await this.destroy()
        await this.#disk?.forget()
        return Response.json({ files: 0, packages: 0 })
      }
    }
    const policy: NetworkPolicy = JSON.parse(request.headers.get(POLICY_HEADER)!)
    if (kind.startsCode) {
      const failure = await this.#admit(policy, true)
      if (failure !== null) return refusal(503, failure)
      return this.#pass(request, kind, policy).finally(() => this.#network.arrived())
    }
    const response = await this.#pass(request, kind, policy)
    if ((kind.empties || kind.wipes) && response.ok) await this.#disk?.forget()
    return kind.wipes && response.ok ? this.#endAfter(response) : response
  }

  /** Ends the container, and with it all that programs may have left outside of their workspace. */
  async #endAfter(response: Response): Promise<Response> {
    const answer = await response.text()
    this.#isEnding = true
    await this.destroy()
    return new Response(answer, response)
  }

  async #pass(request: Request, kind: RequestKind, policy: NetworkPolicy): Promise<Response> {
    const failure = await this.#awake(policy)
    if (failure !== null) return refusal(503, failure)
    if (kind.changesNothing) return this.#send(request, kind, policy)
    // Until the answer comes nobody knows whether the backup has all of it.
    this.#changing++
    try {
      const response = await this.#send(request, kind, policy)
      return kind.startsARun && response.ok ? this.#withNews(response) : response
    } finally {
      this.#changing--
    }
  }

  /** Sends a request, and once more when the first attempt can have done nothing. The container may have been started for the second. */
  async #send(request: Request, kind: RequestKind, policy: NetworkPolicy): Promise<Response> {
    // A file is too large to be kept for a second attempt: a look finds out first whether somebody is there to take it.
    const body = request.method === 'PUT' ? request.body : request.body && (await request.arrayBuffer())
    for (let attempt = 1; ; attempt++) {
      if (kind.startsCode && !this.#network.holds(policy)) return refusal(503, 'network_busy')
      const wasSaved = !kind.changesNothing && (await this.#disk?.changes()) === true
      this.renewActivityTimeout()
      try {
        if (request.method === 'PUT') await this.#pulse.wait(this.#look())
        const response = await this.#ask(request, body)
        if (!kind.startsCode || (await codeOf(response)) !== 'leaving') return response
        if (attempt > 1) return refusal(503, 'sandbox_leaving')
        if (wasSaved) this.#disk?.unchanged()
        // This request has changed nothing, and waits for those that do.
        this.#changing--
        const failure = await this.#replace(policy).finally(() => this.#changing++)
        if (failure !== null) return refusal(503, failure)
      } catch (error) {
        const isFrozen = error instanceof Frozen
        // The runner has ended, and its supervisor starts the next one. Only "not listening" means that nothing was sent.
        const reachedNobody = isNotListening(error)
        if (kind.isAboutARun && (reachedNobody || isFrozen)) return refusal(404, 'not_found')
        if (attempt > 1 || !(reachedNobody || (kind.changesNothing && !kind.isAboutARun)))
          return isFrozen ? refusal(503, 'sandbox_frozen') : refusal(502, 'sandbox_unreachable')
        if (reachedNobody && wasSaved) this.#disk?.unchanged()
        const failure = await this.#start(policy)
        if (failure !== null) return refusal(503, failure)
      }
    }
  }

  /** Starts the next container in place of one that has been told to end, as soon as nothing lives in it. */
  #replace(policy: NetworkPolicy): Promise<SandboxFailure | null> {
    this.#replacing ??= this.#replaceLeaving(policy).finally(() => (this.#replacing = undefined))
    return this.#replacing
  }

  async #replaceLeaving(policy: NetworkPolicy): Promise<SandboxFailure | null> {
    for (const began = Date.now(); this.#running; await scheduler.wait(LEAVING_LOOK_MS)) {
      if (!(await this.#isBusy()) && (await this.#disk?.saveNow()) !== false) break
      if (Date.now() - began > LEAVING_MS) return 'sandbox_leaving'
    }
    this.#isEnding = true
    return this.#start(policy)
  }

  /** Adds the news of the container in which the run was started. It may not be the one that was there when the run was asked for. */
  #withNews(response: Response): Response {
    const headers = new Headers(response.headers)
    headers.set(NEWS_HEADER, JSON.stringify(this.#disk?.news() ?? NO_NEWS))
    return new Response(response.body, { status: response.status, headers })
  }

  /** Called when `sleepAfter` has passed since the last request. A live run keeps the container awake, however silent it is. */
  override async onActivityExpired(): Promise<void> {
    const isNeeded = this.#changing > 0 || (await this.#isBusy())
    if (isNeeded || (this.#isRestored && (await this.#disk?.saveBeforeSleep()) === false)) this.renewActivityTimeout()
    else {
      this.#isEnding = true
      // No signal: all that it would wait for is done.
      await this.destroy()
    }
  }

  get #running(): boolean {
    return this.ctx.container?.running === true
  }

  get #isRestored(): boolean {
    return this.#disk?.isRestored(this.#token) ?? true
  }

  get #token(): string {
    return this.envVars['RUNNER_TOKEN']!
  }

  #workspaceUrl(path: string): string {
    return `${ORIGIN}/w/${this.ctx.id.name}${path}`
  }

  /** Returns whether a program runs or packages are being installed. A runner that does not answer has nothing worth waiting for. */
  async #isBusy(): Promise<boolean> {
    const health = await this.#health()
    return health !== null && isBusy(health)
  }

  /** The runner's health, asked with any workspace, as the path needs one. Null: no answer. */
  async #health(): Promise<Health | null> {
    try {
      const response = await this.#ask(new Request(this.#workspaceUrl('/health')), null)
      return health.parse(await response.json())
    } catch (error) {
      console.error(JSON.stringify({ event: 'sandbox_health_failed', error: String(error) }))
      return null
    }
  }

  async #intercept(): Promise<void> {
    const { internet } = this.#network
    if (!internet) this.#hasIntercepted = true
    await intercept(this.ctx, this.ctx.container!, internet)
  }

  /** Intercepts the container's traffic, or ends it: a container whose traffic cannot be led must not go on. */
  async #interceptOrEnd(): Promise<void> {
    try {
      await this.#intercept()
    } catch (error) {
      console.error(JSON.stringify({ event: 'sandbox_intercept_failed', error: String(error) }))
      await this.ctx.container!.destroy()
    }
  }

  async #ask({ url, method, headers }: Request, body: BodyInit | null): Promise<Response> {
    const port = this.ctx.container!.getTcpPort(PORT)
    const named = new Headers(headers)
    named.delete(POLICY_HEADER)
    named.set('authorization', `Bearer ${this.#token}`)
    // A program in the container may have answered: its redirects must not lead anywhere else.
    const init: RequestInit = { method, headers: named, body, redirect: 'manual' }
    const response = await this.#pulse.wait(fetchInTime((request) => port.fetch(request), url, init))
    if (response.status !== 401) return response
    // The container was started with an unknown token: only a new container can be asked.
    await this.destroy()
    return refusal(503, 'sandbox_failed')
  }

  /** Looks whether the runner answers anything: without its token it refuses at once, however busy it is. Throws when nobody is there. */
  async #look(signal: AbortSignal | null = null): Promise<void> {
    const response = await this.ctx.container!.getTcpPort(PORT).fetch(this.#workspaceUrl('/health'), { signal })
    await response.body?.cancel()
  }

  /** A pulse for the container that runs, or is about to. */
  #newPulse(): Pulse {
    const pulse: Pulse = new Pulse({
      look: (signal) => this.#look(signal),
      end: async () => {
        if (this.#pulse !== pulse) return // it has been replaced already
        console.error(JSON.stringify({ event: 'sandbox_frozen' }))
        this.#isEnding = true
        await this.destroy()
      },
    })
    return pulse
  }

  /** Stores the token before it is used: the container may outlive this object. */
  #keepToken(token: string): void {
    this.ctx.storage.kv.put(TOKEN_KEY, token)
    this.envVars = { ...this.envVars, RUNNER_TOKEN: token }
  }

  /** Admits the container's next program under this policy. `isSent`: it follows at once. */
  async #admit(policy: NetworkPolicy, isSent: boolean): Promise<SandboxFailure | null> {
    const failure = await this.#awake(policy)
    if (failure !== null) return failure
    return this.#network.admit(policy, isSent, {
      isBusy: async () => {
        const health = await this.#health()
        return health && isBusy(health)
      },
      restart: async () => {
        if ((await this.#disk?.saveNow()) === false) return 'network_unsaved'
        this.#isEnding = true
        await this.destroy()
        // Locally the interception lasts as long as the object rather than its container, and cannot be ended otherwise.
        if (this.#hasIntercepted && policy.network === 'open') this.ctx.abort(RENEWED)
        return this.#start(policy)
      },
    })
  }

  /** Starts the container if it sleeps, whatever its network. */
  async #awake(policy: NetworkPolicy): Promise<SandboxFailure | null> {
    return (await this.asleep()) ? this.#start(policy) : null
  }

  /** Returns whether the container has ended. The platform itself may hang: then the next start tries again. */
  async #endInTime(): Promise<boolean> {
    this.#isEnding = true
    const ended = this.destroy().then(
      () => true,
      () => false,
    )
    return Promise.race([ended, scheduler.wait(END_MS).then(() => false)])
  }

  /** Starts the container, once at a time: each start makes a token. */
  #start(policy: NetworkPolicy): Promise<SandboxFailure | null> {
    this.#starting ??= this.#startWhole(policy).finally(() => (this.#starting = undefined))
    return this.#starting
  }

  async #startWhole(policy: NetworkPolicy): Promise<SandboxFailure | null> {
    const failure = await this.#startInTime(policy)
    if (failure !== null || this.#isRestored) return failure
    try {
      await this.#disk?.restore(this.#token)
      return null
    } catch (error) {
      // Nobody may work with an empty disk: it would be saved over the full one.
      console.error(JSON.stringify({ event: 'restore_failed', error: String(error) }))
      return this.#running ? 'sandbox_not_restored' : 'sandbox_failed'
    }
  }

  /** Gives a container that is about to start a token of its own, and its network. */
  async #prepare(policy: NetworkPolicy): Promise<void> {
    this.#keepToken(newToken())
    this.#pulse = this.#newPulse()
    this.#network.starting(policy)
    const { internet } = this.#network
    this.enableInternet = internet
    const { [INTERCEPTED]: _, ...others } = this.envVars
    this.envVars = internet ? others : { ...others, [INTERCEPTED]: '1' }
    await this.#intercept()
  }

  async #startInTime(policy: NetworkPolicy): Promise<SandboxFailure | null> {
    let isFresh = false
    const abort = AbortSignal.timeout(this.startMs)
    const limits = { instanceGetTimeoutMS: this.startMs * INSTANCE_SHARE, portReadyTimeoutMS: this.startMs }
    for (let attempt = 1; ; attempt++) {
      try {
        if (this.#isEnding && this.#running && !(await this.#endInTime())) return 'sandbox_failed'
        this.#isEnding = false
        if (!this.#running) {
          await this.#prepare(policy)
          isFresh = true
        }
        await this.startAndWaitForPorts(PORT, { abort, waitInterval: POLL_MS, ...limits })
        if (isFresh) {
          // The platform may have forgotten an interception from before the start with the container's former life.
          await this.#intercept()
          // No program has run in it yet: the image itself names its index.
          const said = this.#network.wantsPackageHosts && (await this.#health())
          if (said) this.#network.keepPackageHosts(hostList(said.package_hosts))
        }
        return null
      } catch (error) {
        console.error(JSON.stringify({ event: 'sandbox_start_failed', attempt, error: String(error) }))
        const mayPass = isFull(error) || isNotListening(error)
        if (attempt === 1 && mayPass && !abort.aborted) continue
        // A container that has not come up by now never will, and the next start shall not find it.
        if (this.#running) await this.#endInTime()
        if (isFull(error)) return 'sandbox_full'
        return abort.aborted ? 'sandbox_slow' : 'sandbox_failed'
      }
    }
  }
}

function isBusy({ live_runs, live_installs }: Health): boolean {
  return live_runs + live_installs > 0
}

function newToken(): string {
  return crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)).toHex()
}

/** The code of a refusal; the response can still be read. */
async function codeOf(response: Response): Promise<string | null> {
  if (response.status !== 503) return null
  const said = errorAnswer.safeParse(
    await response
      .clone()
      .json()
      .catch(() => null),
  )
  return said.data?.error.code ?? null
}

/** Answers in the runner's own form, so that its client understands it. */
function refusal(status: number, code: SandboxFailure | 'not_found'): Response {
  return Response.json({ error: { code, message: 'said by the sandbox, not by its runner' } }, { status })
}

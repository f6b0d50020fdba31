/**
 * One user's sandbox: a Cloudflare container of their own with the runner in it, and how the session reaches it. The only file that
 * knows the Sandbox SDK, of which it uses the container's life and nothing else: programs go through the runner.
 */
import { Sandbox as SdkSandbox } from '@cloudflare/sandbox'
import type { Env } from '../env.ts'
import { type Health, health } from '../run/protocol.ts'
import { NO_NEWS, type Readiness, type Runner, RunnerError, type SandboxFailure } from '../run/runner.ts'
import { SANDBOX_START_MS, STARTING_SANDBOX } from '../run/words.ts'
import { runnerClient } from '../runner/client.ts'
import { fetchInTime } from '../runner/fetch-in-time.ts'
import { Backups } from './backups.ts'
import { Disk } from './disk.ts'
import { workspaceQuota } from './quota.ts'

/** What a container's traffic may be led through. The SDK looks for it whenever an object finds its container running. */
export { ContainerProxy } from '@cloudflare/sandbox'

/** The runner's port in the container. */
const PORT = 8080
/** Any name does: requests go to the container's port, not to a host. */
const ORIGIN = 'http://runner'
/** Between two looks at whether the port is open. */
const POLL_MS = 100
/** Of the time for a start, how much one attempt may wait for a free machine. */
const INSTANCE_SHARE = 1 / 4
/** Where the object keeps the running container's token. */
const TOKEN_KEY = 'runner_token'
const TOKEN_BYTES = 32
/** The name of the error of an object that was given no container. */
const OFF = 'ContainersOff'

/** The runner in one user's sandbox. Every method starts the container when it has to. */
export function sandboxRunner(sandboxes: DurableObjectNamespace<Sandbox>, workspace: string, quota: number): Runner {
  // A stub each time: one that has seen its object fail stays broken.
  async function ask<T>(question: (sandbox: DurableObjectStub<Sandbox>) => Promise<T>): Promise<T> {
    try {
      return await question(sandboxes.getByName(workspace))
    } catch (cause) {
      if (nameOf(cause) === OFF) throw new RunnerError('sandbox_off', 'this server has no containers', cause)
      throw new RunnerError('unreachable', 'The sandbox could not be reached.', cause)
    }
  }
  // The object adds the token, which nobody else knows.
  const client = runnerClient(
    (request) => ask((sandbox) => sandbox.fetch(request)),
    ORIGIN,
    '',
    workspace,
    quota,
    SANDBOX_START_MS,
  )
  return {
    ...client,
    ready: async () => (await ask((sandbox) => sandbox.ready())).readiness,
    async wake() {
      const { failure, readiness } = await ask((sandbox) => sandbox.wake())
      if (failure !== null) throw new RunnerError(failure, 'the sandbox did not start')
      return readiness
    },
    async warmUp() {
      const { failure, started } = await ask((sandbox) => sandbox.warmUp())
      if (failure !== null) throw new RunnerError(failure, 'the sandbox did not start')
      return started
    },
    async *install(specs, timeoutS, signal) {
      if (await ask((sandbox) => sandbox.asleep())) yield { type: 'output', text: `${STARTING_SANDBOX}\n` }
      yield* client.install(specs, timeoutS, signal)
    },
  }
}

/** The object that owns the container. What it needs to start one is in its fields, and no secret but the runner's token is. */
export class Sandbox extends SdkSandbox<Env> {
  /** The container ends after so long without a request and without a live run. A field: the SDK's option for it comes too late. */
  override sleepAfter = '10m'
  /** Programs reach the Internet. */
  override enableInternet = true
  /** How long its start may take, in milliseconds. */
  startMs = SANDBOX_START_MS
  /** Seconds without a change after which the container's disk is saved. */
  idleS = 10
  #starting: Promise<SandboxFailure | null> | undefined
  /** Without a bucket the disk is lost with its container. */
  readonly #disk: Disk | undefined

  constructor(ctx: DurableObjectState<object>, env: Env) {
    if (ctx.container === undefined) throw Object.assign(new Error('containers are switched off'), { name: OFF })
    super(ctx, env)
    this.#keepToken(ctx.storage.kv.get<string>(TOKEN_KEY) ?? newToken())
    if (env.BACKUP_BUCKET === undefined) return
    const { kv } = ctx.storage
    this.#disk = new Disk({
      kv,
      backups: new Backups(env.BACKUP_BUCKET, ctx.id.name!, kv, (method, path, init) =>
        this.#ask(new Request(this.#workspaceUrl(path), { method, ...init }), init?.body ?? null),
      ),
      maxBytes: workspaceQuota(env),
      idleS: () => this.idleS,
      look: async () => {
        const { python, live_runs } = await this.#health()
        return { python: python.split('.', 2).join('.'), live_runs }
      },
      schedule: async (seconds) => void (await this.schedule(seconds, 'saveWhenIdle' satisfies keyof this)),
    })
  }

  /** Whether the container has to be started before the runner can be asked. */
  async asleep(): Promise<boolean> {
    return !this.#running || !this.#isRestored || (await this.getState()).status !== 'healthy'
  }

  /** What the user of a run that is about to begin has to know; null when the container has to be started for it. */
  async ready(): Promise<{ readiness: Readiness | null }> {
    return { readiness: (await this.asleep()) ? null : this.#news() }
  }

  /** The same, and starts the container when it has to. */
  async wake(): Promise<{ failure: SandboxFailure | null; readiness: Readiness }> {
    const failure = await this.#awake()
    return { failure, readiness: failure === null ? this.#news() : NO_NEWS }
  }

  /** Starts the container ahead of time: who runs the next program is still told what there is to tell. */
  async warmUp(): Promise<{ failure: SandboxFailure | null; started: boolean }> {
    const started = await this.asleep()
    return { failure: await this.#awake(), started }
  }

  /** Called by the alarm that `schedule` has set. */
  async saveWhenIdle(): Promise<void> {
    // When the container has ended, there is nothing left to save.
    if (this.#running && this.#isRestored) await this.#disk?.saveWhenIdle()
  }

  /**
   * Passes a request on to the runner. A container is started for it, but not when it is about a run: that went with the runner that knew
   * it. Bodies go through as they are: whoever leaves is so noticed at the other end at once, and nobody's memory fills up.
   */
  override async fetch(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url)
    const isAboutARun = /^\/w\/[^/]+\/runs\/./.test(pathname)
    const changesNothing = request.method === 'GET' || pathname.endsWith('/check')
    const isWhole = request.method === 'DELETE' && /^\/w\/[^/]+$/.test(pathname)
    if (isAboutARun && !this.#running) return refusal(404, 'not_found')
    if (isWhole && search !== '' && !this.#running) {
      // Of what shall go altogether nothing has to be brought back first.
      await this.#disk?.forget()
      return Response.json({ files: 0, packages: 0 })
    }
    const failure = await this.#awake()
    if (failure !== null) return refusal(503, failure)
    if (!changesNothing) await this.#disk?.changes()
    // A file is too large to be kept for a second attempt.
    const body = request.method === 'PUT' ? request.body : request.body && (await request.arrayBuffer())
    let response
    try {
      response = await this.#ask(request, body)
    } catch (error) {
      // The runner has ended, and its supervisor starts the next one. Only "not listening" says that nothing was sent.
      const mayBeSentAgain = isNotListening(error) || (changesNothing && !isAboutARun)
      if (!mayBeSentAgain) return refusal(502, 'unreachable')
      if (isAboutARun) return refusal(404, 'not_found')
      const failure = await this.#start()
      if (failure !== null) return refusal(503, failure)
      response = await this.#ask(request, body).catch(() => refusal(502, 'unreachable'))
    }
    if (isWhole && response.ok) await this.#disk?.forget()
    return response
  }

  /** Called when `sleepAfter` has passed since the last request. A live run keeps the container awake, however silent it is. */
  override async onActivityExpired(): Promise<void> {
    const isNeeded = (await this.#liveRuns()) > 0
    if (isNeeded || (this.#isRestored && (await this.#disk?.saveBeforeSleep()) === false)) this.renewActivityTimeout()
    else await super.onActivityExpired()
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

  #news(): Readiness {
    return this.#disk?.news() ?? NO_NEWS
  }

  async #awake(): Promise<SandboxFailure | null> {
    return (await this.asleep()) ? this.#start() : null
  }

  #workspaceUrl(path: string): string {
    return `${ORIGIN}/w/${this.ctx.id.name}${path}`
  }

  async #health(): Promise<Health> {
    const response = await this.#ask(new Request(this.#workspaceUrl('/health')), null)
    return health.parse(await response.json())
  }

  async #liveRuns(): Promise<number> {
    try {
      return (await this.#health()).live_runs
    } catch (error) {
      // A runner that does not answer has nothing that would be worth waiting for.
      console.error(JSON.stringify({ event: 'sandbox_health_failed', error: String(error) }))
      return 0
    }
  }

  async #ask({ url, method, headers }: Request, body: BodyInit | null): Promise<Response> {
    this.renewActivityTimeout()
    const port = this.ctx.container!.getTcpPort(PORT)
    const named = new Headers(headers)
    named.set('authorization', `Bearer ${this.#token}`)
    // What answers is in the container: it must not lead anywhere else.
    const init: RequestInit = { method, headers: named, body, redirect: 'manual' }
    const response = await fetchInTime((request) => port.fetch(request), url, init)
    if (response.status !== 401) return response
    // The container was started with a token that is not known here: only a new one can be asked.
    await this.destroy()
    return refusal(503, 'sandbox_failed')
  }

  /** Written down before it is used: the container may outlive this object. */
  #keepToken(token: string): void {
    this.ctx.storage.kv.put(TOKEN_KEY, token)
    this.envVars = { ...this.envVars, RUNNER_TOKEN: token }
  }

  /** One start at a time: each makes a token. */
  #start(): Promise<SandboxFailure | null> {
    this.#starting ??= this.#startWhole().finally(() => (this.#starting = undefined))
    return this.#starting
  }

  async #startWhole(): Promise<SandboxFailure | null> {
    const failure = await this.#startInTime()
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

  async #startInTime(): Promise<SandboxFailure | null> {
    const abort = AbortSignal.timeout(this.startMs)
    const limits = { instanceGetTimeoutMS: this.startMs * INSTANCE_SHARE, portReadyTimeoutMS: this.startMs }
    for (let attempt = 1; ; attempt++) {
      try {
        if (!this.#running) this.#keepToken(newToken())
        await this.startAndWaitForPorts(PORT, { abort, waitInterval: POLL_MS, ...limits })
        return null
      } catch (error) {
        console.error(JSON.stringify({ event: 'sandbox_start_failed', attempt, error: String(error) }))
        const mayPass = isFull(error) || isNotListening(error)
        if (attempt === 1 && mayPass && !abort.aborted) continue
        // What has not come up by now never will, and the next start shall not find it.
        if (this.#running) await this.destroy()
        if (isFull(error)) return 'sandbox_full'
        return abort.aborted ? 'sandbox_slow' : 'sandbox_failed'
      }
    }
  }
}

function newToken(): string {
  return crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)).toHex()
}

/** In the runner's own form, so that its client understands it. */
function refusal(status: number, code: SandboxFailure | 'not_found' | 'unreachable'): Response {
  return Response.json({ error: { code, message: 'said by the sandbox, not by its runner' } }, { status })
}

// Errors come from the platform, some of them over RPC: their classes are lost on the way, and most have nothing but a text.

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : ''
}

function isNotListening(error: unknown): boolean {
  return /not listening|container port not found/i.test(String(error))
}

function isFull(error: unknown): boolean {
  return (
    nameOf(error) === 'ContainerUnavailableError' ||
    /no container instance|maximum number of running container|too many containers/i.test(String(error))
  )
}

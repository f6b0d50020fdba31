/**
 * `ctx.container` over processes of this machine (test/support/container-host.ts): it behaves and fails as the platform's does. What goes
 * through its port reaches the real runner.
 */
import { env } from 'cloudflare:test'
import type { LedRequest } from '../../support/led-request.ts'
import { SANDBOX_START_MS } from '../../../worker/run/contract/bounds.ts'

/** What goes wrong with the next starts of a user's container, one after the other. */
type Fault =
  /** The platform has no machine for it. */
  | 'full'
  /** It cannot be started at all. */
  | 'no image'
  /** It starts and ends at once. */
  | 'ends'
  /** It starts, but nothing in it ever listens. */
  | 'deaf'
  /** It takes a second to start. */
  | 'slow'

/** What outlives an object: the container on its machine, and what the test has in mind for it. */
export interface Machine {
  faults: Fault[]
  port: number | null
  /** The environments of all starts. */
  started: Record<string, string>[]
  /** Ends of paths: the next request to such a one is lost on its way, when the runner has perhaps had it. */
  lost: string[]
  /** The same, but everything in the container stops for good before such a request arrives. */
  freezesAt: string[]
  /** That the container has ended is not known before a request meets nobody there. */
  endsUnnoticed: boolean
  /** Whether each start was with the Internet. */
  internet: boolean[]
  /** Whether HTTPS was decrypted outside of each start's container: as locally, once asked for it is until the object ends. */
  decrypted: boolean[]
  /** It has a network of its own, out of which only what the object asks for leads. */
  network: boolean
  /** At its start it forgets what its object had asked of its network. */
  forgets: boolean
  /** Whether its image knows where packages come from. */
  packageHosts: boolean
  /** Seconds for which it goes on when it is told to end while something lives in it. */
  leaveS: number
  /** How long the object waits for a start. */
  startMs: number
  /** Seconds without a change after which it saves the container's disk. */
  idleS: number
  /** Whether R2 stores nothing at the moment. */
  storesNothing: boolean
  /** R2 is asked to store something, but does not get to it as long as this is set. */
  storesLate: boolean
  /** The platform does not get to destroying it as long as this is set. */
  destroysLate: boolean
  /** How often R2 was asked to store something. */
  stores: number
}

const machines = new Map<string, Machine>()

export function machineOf(id: string): Machine {
  const machine = machines.get(id) ?? {
    faults: [],
    port: null,
    started: [],
    lost: [],
    freezesAt: [],
    endsUnnoticed: false,
    internet: [],
    decrypted: [],
    network: false,
    forgets: false,
    packageHosts: true,
    leaveS: 60,
    startMs: SANDBOX_START_MS,
    idleS: 10,
    storesNothing: false,
    storesLate: false,
    destroysLate: false,
    stores: 0,
  }
  machines.set(id, machine)
  return machine
}

export const { CONTAINER_HOST } = env as unknown as { CONTAINER_HOST: string }

/** Asks the host to do something with a container. */
export async function host(action: string, id: string, body = ''): Promise<unknown> {
  const answer = await fetch(`${CONTAINER_HOST}/${action}/${id}`, { method: 'POST', body })
  if (!answer.ok) throw new Error(await answer.text())
  return answer.json()
}

export function withContainer<T extends DurableObjectState<object>>(ctx: T): T {
  Object.defineProperty(ctx, 'container', { value: new FakeContainer(ctx.id.toString()) })
  return ctx
}

/** The real bucket, which stores nothing, or later, while the user's machine says so. */
export function withBucket<T extends { BACKUP_BUCKET?: R2Bucket }>(env: T, id: string): T {
  const machine = machineOf(id)
  const bucket = new Proxy(env.BACKUP_BUCKET!, {
    get(target, name: keyof R2Bucket) {
      const work = target[name].bind(target) as (...given: unknown[]) => unknown
      if (name !== 'put' && name !== 'createMultipartUpload') return work
      return async (...given: unknown[]) => {
        machine.stores++
        if (machine.storesNothing) throw new Error('put: We encountered an internal error. Please try again. (10001)')
        while (machine.storesLate) await scheduler.wait(20)
        return work(...given)
      }
    },
  })
  return { ...env, BACKUP_BUCKET: bucket }
}

const FAULTS = {
  full: 'there is no container instance that can be provided to this durable object',
  'no image': 'No such image available named mcp-code-mode-sandbox',
  ends: 'container exited with unexpected exit code: 1',
}
const NOT_LISTENING = 'the container is not listening in the TCP address 10.0.0.1:8080'

/** Takes the first of some ends of paths that fits out of the list. */
function takes(ends: string[], pathname: string): boolean {
  const fits = ends.findIndex((end) => pathname.endsWith(end))
  if (fits >= 0) ends.splice(fits, 1)
  return fits >= 0
}

class FakeContainer {
  readonly #id: string
  readonly #machine: Machine
  #starting: Promise<unknown> = Promise.resolve()
  /** Why it could not be started. */
  #failure: Error | null = null
  #deaf = false
  #decrypts = false
  /** How often it was started: what is heard late of a former life says nothing about this one. */
  #lives = 0
  readonly #bindings = new Map<string, Fetcher>()
  running: boolean

  constructor(id: string) {
    this.#id = id
    this.#machine = machineOf(id)
    this.running = this.#machine.port !== null
  }

  start({ env: environment = {}, enableInternet = false }: ContainerStartupOptions = {}): void {
    if (this.running) throw new Error('start() cannot be called on a container that is already running.')
    const fault = this.#machine.faults.shift()
    this.#machine.started.push(environment)
    this.#machine.internet.push(enableInternet)
    this.#machine.decrypted.push(this.#decrypts)
    this.#failure = null
    this.#deaf = fault === 'deaf'
    if (fault === 'full' || fault === 'no image' || fault === 'ends') {
      this.#failure = new Error(FAULTS[fault])
      return
    }
    this.running = true
    this.#lives++
    if (this.#deaf) return
    const { leaveS, network, packageHosts, forgets } = this.#machine
    const delay = fault === 'slow' ? 1_000 : 0
    this.#starting = scheduler
      .wait(delay)
      .then(() =>
        host(
          'start',
          this.#id,
          JSON.stringify({ environment, leaveS, internet: enableInternet, network, packageHosts, forgets }),
        ),
      )
      .then((started) => (this.#machine.port = (started as { port: number }).port))
  }

  monitor(): Promise<void> {
    const monitor = this.#monitor()
    monitor.catch(() => {
      // whoever waits for it gets it too; the platform does not mind when nobody does
    })
    return monitor
  }

  async #monitor(): Promise<void> {
    if (this.#failure !== null) throw this.#failure
    const life = this.#lives
    await this.#starting
    if (this.#deaf) return new Promise(() => {})
    await host('ended', this.#id)
    while (this.#machine.endsUnnoticed) await scheduler.wait(20)
    if (life !== this.#lives) return
    this.running = false
    this.#machine.port = null
  }

  async destroy(): Promise<void> {
    await this.#starting
    while (this.#machine.destroysLate) await scheduler.wait(20)
    await host('destroy', this.#id)
    this.running = false
    this.#machine.port = null
  }

  signal(): void {
    void host('stop', this.#id)
  }

  interceptOutboundHttp(addr: string, binding: Fetcher) {
    return this.#intercept(`http ${addr}`, binding)
  }

  interceptOutboundHttps(addr: string, binding: Fetcher) {
    this.#decrypts = true
    return this.#intercept(`https ${addr}`, binding)
  }

  interceptAllOutboundHttp(binding: Fetcher) {
    return this.#intercept('http *', binding)
  }

  async #intercept(rule: string, binding: Fetcher) {
    if (!this.#machine.network) return
    await host('intercept', this.#id, rule)
    if (this.#bindings.size === 0)
      this.#lead().catch(() => {
        // the host has gone, or this object
      })
    this.#bindings.set(rule, binding)
  }

  /** Takes what programs send from the host to where this object wanted it led, as long as this object lives. */
  async #lead(): Promise<void> {
    for (;;) {
      const led = (await host('led', this.#id)) as LedRequest | null
      if (led !== null) void this.#answer(led)
    }
  }

  async #answer({ n, rule, method, url, headers, body }: LedRequest): Promise<void> {
    const sent = method === 'GET' || method === 'HEAD' ? null : Uint8Array.fromBase64(body)
    const answer = await this.#bindings.get(rule)!.fetch(url, { method, headers, body: sent, redirect: 'manual' })
    const described = JSON.stringify({ status: answer.status, headers: [...answer.headers] })
    const init = { method: 'POST', headers: { 'x-answer': described }, body: await answer.arrayBuffer() }
    await fetch(`${CONTAINER_HOST}/answered/${this.#id}/${n}`, init)
  }

  getTcpPort(port: number) {
    return { fetch: (to: string | Request, init?: RequestInit) => this.#fetch(port, new Request(to, init)) }
  }

  async #fetch(port: number, request: Request): Promise<Response> {
    // The image's own control server, which is asked for its version at each start.
    if (port === 3000) return Response.json({ success: true, version: '0.12.10' })
    if (this.#failure !== null) throw this.#failure
    if (this.#deaf || (await host('listening', this.#id)) === false) {
      this.#machine.endsUnnoticed = false
      throw new Error(NOT_LISTENING)
    }
    const { pathname, search } = new URL(request.url)
    const { lost, freezesAt } = this.#machine
    if (takes(freezesAt, pathname)) await host('freeze', this.#id)
    if (takes(lost, pathname)) throw new Error('Network connection lost.')
    return fetch(`http://127.0.0.1:${this.#machine.port}${pathname}${search}`, request)
  }
}

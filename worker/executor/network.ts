/** What one sandbox's programs may reach now, and what they were kept from. Stored, as the container outlives its object. */
import * as z from 'zod'
import {
  judgeHost,
  type NetworkPolicy,
  networkPolicy,
  type RefusedHost,
  refusedHost,
  samePolicy,
} from '../run/network/policy.ts'
import type { SandboxFailure } from '../run/contract/errors.ts'
import { orElse, readStored, storedTime } from '../stored.ts'

const POLICY_KEY = 'network'
const REFUSED_KEY = 'refused_hosts'
/** Hosts that are remembered as refused; the one that was refused longest ago is forgotten first. */
const MAX_REFUSED = 50
/** Between two times that it is stored that a host was refused again, in milliseconds. */
const STORED_EVERY_MS = 1_000

const networkState = z.object({
  /** Those of all live programs: what is reached has to be allowed by every one. */
  policies: z.array(networkPolicy),
  /** The container was started with the Internet; null: nobody knows, so it takes another one before a program runs. */
  internet: z.boolean().nullable(),
  /** What the fresh container said of the package index; null before it was asked, and for one with the Internet. */
  packageHosts: z.array(z.string()).nullable(),
})
type NetworkState = z.infer<typeof networkState>

const refusedHosts = z.array(refusedHost.extend({ at: storedTime }))

/** What a change needs of the container. */
interface Changing {
  /** Whether anything goes on in it; null: nobody answers. */
  isBusy: () => Promise<boolean | null>
  /** Ends it, and starts it for the policy in question. */
  restart: () => Promise<SandboxFailure | null>
}

export class SandboxNetwork {
  readonly #kv: SyncKvStorage
  /** The operator's word on the package index: it goes before the container's. Empty: there is none. */
  readonly #operatorHosts: readonly string[]
  #now: NetworkState
  #refused: z.infer<typeof refusedHosts>
  #storedAt = 0
  /** One change at a time. */
  #turn: Promise<unknown> = Promise.resolve()
  /** Programs on their way to the runner, which does not know of them yet. */
  #underWay = 0

  constructor(kv: SyncKvStorage, operatorHosts: readonly string[]) {
    this.#kv = kv
    this.#operatorHosts = operatorHosts
    // A container from before there were policies reaches everything.
    const known = kv.get(POLICY_KEY) ?? { policies: [OPEN], internet: true, packageHosts: null }
    this.#now = orElse(readStored(networkState, known), { policies: [], internet: null, packageHosts: null })
    this.#refused = orElse(readStored(refusedHosts, kv.get(REFUSED_KEY)), [])
  }

  get internet(): boolean {
    return this.#now.internet === true
  }

  /** Whether it takes a container that was started otherwise. */
  needsRestart({ network }: NetworkPolicy): boolean {
    return (network === 'open') !== this.#now.internet
  }

  /** A container is about to start for a program of this policy. */
  starting(policy: NetworkPolicy): void {
    this.#store({ policies: [policy], internet: policy.network === 'open', packageHosts: null })
  }

  /** Whether the container that has just started is to be asked where packages come from. */
  get wantsPackageHosts(): boolean {
    return this.#now.internet === false && this.#operatorHosts.length === 0
  }

  /** To be called before any program has run in the container, and not later: what it says from then on may be a program's word. */
  keepPackageHosts(hosts: string[]): void {
    this.#store({ ...this.#now, packageHosts: hosts })
  }

  /**
   * Has the running container's next program run under this policy; null: it may start. What else is under way must not get more than it had,
   * so until that has ended only what all their policies allow is reached. `isSent`: the program follows at once, until `arrived`.
   */
  admit(policy: NetworkPolicy, isSent: boolean, changing: Changing): Promise<SandboxFailure | null> {
    const turn = this.#turn.then(() => this.#admit(policy, isSent, changing))
    this.#turn = turn.catch(() => {
      // whoever waits for this turn is told; the next one is another
    })
    return turn
  }

  async #admit(policy: NetworkPolicy, isSent: boolean, { isBusy, restart }: Changing): Promise<SandboxFailure | null> {
    if (!this.#fits(policy)) {
      const busy = this.#underWay > 0 || (await isBusy())
      if (this.needsRestart(policy)) {
        // One that does not answer saves nothing: it is ended only when there is nothing to save.
        if (busy === true) return 'network_busy'
        const failure = await restart()
        if (failure !== null) return failure
        // It was started for somebody else, who came at the same moment.
        if (this.needsRestart(policy)) return 'network_busy'
      }
      const others = busy === false ? [] : this.#now.policies.filter((each) => !samePolicy(each, policy))
      this.#store({ ...this.#now, policies: [...others, policy] })
    }
    if (policy.network === 'packages' && this.#packageHosts.length === 0) return 'no_package_hosts'
    if (isSent) this.#underWay++
    return null
  }

  /** The runner has a program that was admitted, or will never have it. */
  arrived(): void {
    this.#underWay--
  }

  /** Whether what an admitted program was promised still holds: its container may have ended, and started for another. */
  holds(policy: NetworkPolicy): boolean {
    return !this.needsRestart(policy) && this.#now.policies.some((each) => samePolicy(each, policy))
  }

  #fits(policy: NetworkPolicy): boolean {
    const [only, ...others] = this.#now.policies
    return only !== undefined && others.length === 0 && samePolicy(only, policy)
  }

  get #packageHosts(): readonly string[] {
    return this.#operatorHosts.length > 0 ? this.#operatorHosts : (this.#now.packageHosts ?? [])
  }

  /** Why a host is refused, which is remembered; null when it may be reached. `isPrivate`: it is known to be. */
  judge(host: string, port: number, isPrivate: boolean): RefusedHost['because'] | null {
    const because = isPrivate ? 'private' : judgeHost(host, this.#now.policies, this.#packageHosts)
    if (because !== null) this.#remember({ host: host.slice(0, MAX_HOST_CHARS), port, because })
    return because
  }

  /** The hosts that were refused within the last so many milliseconds, in that order. */
  refused(withinMs: number): RefusedHost[] {
    const since = Date.now() - withinMs
    return this.#refused.filter(({ at }) => at >= since).map(({ host, port, because }) => ({ host, port, because }))
  }

  #remember(refused: RefusedHost): void {
    const at = Date.now()
    const known = this.#refused.find(
      ({ host, port, because }) => host === refused.host && port === refused.port && because === refused.because,
    )
    this.#refused = [...this.#refused.filter((each) => each !== known), { ...refused, at }].slice(-MAX_REFUSED)
    // A program may ask again and again.
    if (known === undefined || at - this.#storedAt >= STORED_EVERY_MS) {
      this.#kv.put(REFUSED_KEY, this.#refused)
      this.#storedAt = at
    }
  }

  #store(next: NetworkState): void {
    this.#now = next
    this.#kv.put(POLICY_KEY, next)
  }
}

const OPEN: NetworkPolicy = { network: 'open', allowed_hosts: [] }
const MAX_HOST_CHARS = 253

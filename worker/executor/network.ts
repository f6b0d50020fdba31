/** Hosts that one sandbox's programs may reach now, and hosts that were refused. Stored, as the container outlives its object. */
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
/** Most refused hosts that are remembered; the one whose refusal is longest ago is forgotten first. */
const MAX_REFUSED = 50
/** Least time between two writes of a host that is refused again, in milliseconds. */
const STORED_EVERY_MS = 1_000

const networkState = z.object({
  /** Policies of all live programs: each must allow a host that is reached. */
  policies: z.array(networkPolicy),
  /** Set when the container was started with the Internet; null: unknown, so it is replaced before a program runs. */
  internet: z.boolean().nullable(),
  /** Package hosts that the fresh container named; null before it was asked, and for one with the Internet. */
  packageHosts: z.array(z.string()).nullable(),
})
type NetworkState = z.infer<typeof networkState>

const refusedHosts = z.array(refusedHost.extend({ at: storedTime }))

/** The container's part in a change. */
interface Changing {
  /** Resolves to whether the container is busy; null: no answer. */
  isBusy: () => Promise<boolean | null>
  /** Ends the container, and starts it for the policy in question. */
  restart: () => Promise<SandboxFailure | null>
}

export class SandboxNetwork {
  readonly #kv: SyncKvStorage
  /** Package hosts that the operator chose: they replace the container's. Empty: none. */
  readonly #operatorHosts: readonly string[]
  #now: NetworkState
  #refused: z.infer<typeof refusedHosts>
  #storedAt = 0
  /** Turn of the last change: changes come one at a time. */
  #turn: Promise<unknown> = Promise.resolve()
  /** Programs on their way to the runner, which does not know of them yet. */
  #underWay = 0

  constructor(kv: SyncKvStorage, operatorHosts: readonly string[]) {
    this.#kv = kv
    this.#operatorHosts = operatorHosts
    // A container that is older than policies reaches everything.
    const known = kv.get(POLICY_KEY) ?? { policies: [OPEN], internet: true, packageHosts: null }
    this.#now = orElse(readStored(networkState, known), { policies: [], internet: null, packageHosts: null })
    this.#refused = orElse(readStored(refusedHosts, kv.get(REFUSED_KEY)), [])
  }

  get internet(): boolean {
    return this.#now.internet === true
  }

  /** Returns whether this policy needs a container that was started differently. */
  needsRestart({ network }: NetworkPolicy): boolean {
    return (network === 'open') !== this.#now.internet
  }

  /** Notes that a container is about to start for a program of this policy. */
  starting(policy: NetworkPolicy): void {
    this.#store({ policies: [policy], internet: policy.network === 'open', packageHosts: null })
  }

  /** True when the container that has just started is to be asked for its package hosts. */
  get wantsPackageHosts(): boolean {
    return this.#now.internet === false && this.#operatorHosts.length === 0
  }

  /**
   * Keeps the container's package hosts. Called before any program has run in it, and not later: from then on a program may have given the
   * answer.
   */
  keepPackageHosts(hosts: string[]): void {
    this.#store({ ...this.#now, packageHosts: hosts })
  }

  /**
   * Admits the running container's next program under this policy; null: it may start. Programs under way must not get more than they had,
   * so until they have ended only hosts that all policies allow are reached. `isSent`: the program follows at once, until `arrived`.
   */
  admit(policy: NetworkPolicy, isSent: boolean, changing: Changing): Promise<SandboxFailure | null> {
    const turn = this.#turn.then(() => this.#admit(policy, isSent, changing))
    this.#turn = turn.catch(() => {
      // the failure goes to the one who waits for this turn; the next turn is another
    })
    return turn
  }

  async #admit(policy: NetworkPolicy, isSent: boolean, { isBusy, restart }: Changing): Promise<SandboxFailure | null> {
    if (!this.#fits(policy)) {
      const busy = this.#underWay > 0 || (await isBusy())
      if (this.needsRestart(policy)) {
        // A container that does not answer saves nothing: it is ended only when there is nothing to save.
        if (busy === true) return 'network_busy'
        const failure = await restart()
        if (failure !== null) return failure
        // The container was started for somebody else, who came at the same moment.
        if (this.needsRestart(policy)) return 'network_busy'
      }
      const others = busy === false ? [] : this.#now.policies.filter((each) => !samePolicy(each, policy))
      this.#store({ ...this.#now, policies: [...others, policy] })
    }
    if (policy.network === 'packages' && this.#packageHosts.length === 0) return 'no_package_hosts'
    if (isSent) this.#underWay++
    return null
  }

  /** Notes that the runner has an admitted program, or will never have it. */
  arrived(): void {
    this.#underWay--
  }

  /** Returns whether the promise to an admitted program still holds: its container may have ended, and started for another. */
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

  /** The reason why a host is refused, which is remembered; null when it may be reached. `isPrivate`: the address is private. */
  judge(host: string, port: number, isPrivate: boolean): RefusedHost['because'] | null {
    const because = isPrivate ? 'private' : judgeHost(host, this.#now.policies, this.#packageHosts)
    if (because !== null) this.#remember({ host: host.slice(0, MAX_HOST_CHARS), port, because })
    return because
  }

  /** Hosts that were refused within the last so many milliseconds, in that order. */
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

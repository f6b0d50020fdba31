/** What a session's user may take of the server: requests a minute, minutes a day, programs at once, and what nothing here may start. */
import type { Env } from '../../env.ts'
import { NoExecutor } from '../../run/contract/errors.ts'
import { type Capabilities, type Settings, unenforceable } from '../../settings/settings.ts'
import { limitsOf } from './limits.ts'
import { RequestBudget } from './request-budget.ts'
import { RunMinutes } from './run-minutes.ts'
import { tooManyRequests } from './too-many-requests.ts'

export interface AllowanceDeps {
  env: () => Env
  storage: DurableObjectStorage
  settings: () => Settings
  capabilities: () => Capabilities
  /** Milliseconds since 1970. */
  now: () => number
}

export class Allowance {
  readonly #deps: AllowanceDeps
  readonly #requests: RequestBudget
  readonly #minutes: RunMinutes

  /** Throws when a limit of the operator's is no number. */
  constructor(deps: AllowanceDeps) {
    this.#deps = deps
    const { env, storage, now } = deps
    this.#requests = new RequestBudget(limitsOf(env()).requestsPerMinute, now)
    this.#minutes = new RunMinutes({ storage, perDay: () => limitsOf(env()).runMinutesPerDay, now })
  }

  /** Programs at once, whatever the user's setting says; Infinity: no limit. */
  get parallelRuns(): number {
    return limitsOf(this.#deps.env()).parallelRuns
  }

  /** Counts a request; the 429 when it is one too many, or null. */
  refusedRequest(): Response | null {
    const waitS = this.#requests.take()
    return waitS > 0 ? tooManyRequests(waitS) : null
  }

  /** A program or an installation has run for so long. */
  spent(ms: number): void {
    this.#minutes.add(ms)
  }

  /**
   * Before anything is run or installed. Throws QuotaUsed when nothing is left of today, and NoExecutor when nothing here keeps to the
   * user's network policy, which may have been set on a server that could.
   */
  checkStart(): void {
    const { network } = this.#deps.settings()
    const reason = unenforceable('network', network, this.#deps.capabilities())
    if (reason !== null) throw NoExecutor.ofNetwork(network, reason)
    this.#minutes.check()
  }
}

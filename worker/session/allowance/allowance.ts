/** Allowance of a session's user: requests a minute, minutes a day, programs at once, and things that may not start at all. */
import type { Env } from '../../env.ts'
import { NoExecutor } from '../../run/contract/errors.ts'
import { type Capabilities, type Settings, unenforceable } from '../../settings/settings.ts'
import { limitsOf } from './limits.ts'
import { RequestBudget } from './request-budget.ts'
import { RunMinutes } from './run-minutes.ts'

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

  /** Throws when one of the operator's limits is no number. */
  constructor(deps: AllowanceDeps) {
    this.#deps = deps
    const { env, storage, now } = deps
    this.#requests = new RequestBudget(limitsOf(env()).requestsPerMinute, now)
    this.#minutes = new RunMinutes({ storage, perDay: () => limitsOf(env()).runMinutesPerDay, now })
  }

  /** Most programs at once, whatever the user's setting is; Infinity: no limit. */
  get parallelRuns(): number {
    return limitsOf(this.#deps.env()).parallelRuns
  }

  /** Lets one request through (0), or says in how many seconds the next one will be. */
  takeRequest(): number {
    return this.#requests.take()
  }

  /** Notes the duration of a program or an installation. */
  spent(ms: number): void {
    this.#minutes.add(ms)
  }

  /** Time that programs and installations took today (UTC), and may take; null: no limit. */
  today(): { used_ms: number; limit_minutes: number | null } {
    return this.#minutes.today()
  }

  /**
   * Checks before anything is run or installed. Throws QuotaUsed when nothing is left of today, and NoExecutor when nothing here keeps to
   * the user's network policy, which may have been set on a server that could.
   */
  checkStart(): void {
    const { network } = this.#deps.settings()
    const reason = unenforceable('network', network, this.#deps.capabilities())
    if (reason !== null) throw NoExecutor.ofNetwork(network, reason)
    this.#minutes.check()
  }
}

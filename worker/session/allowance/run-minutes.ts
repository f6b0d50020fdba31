/** Time that a user's programs and installations have run today, and the check whether another one may start. */
import * as z from 'zod'
import { QuotaUsed } from '../../run/contract/errors.ts'
import { readStored, UNREADABLE } from '../../stored.ts'

const USED = 'run_minutes_used'
const DAY_MS = 24 * 60 * 60 * 1000
const MINUTE_MS = 60_000

const dayUsage = z.object({
  /** Days since 1970, UTC. */
  day: z.int(),
  ms: z.number().min(0),
})
type DayUsage = z.infer<typeof dayUsage>

export interface RunMinutesDeps {
  storage: DurableObjectStorage
  /** Infinity: no limit. */
  perDay: () => number
  /** Milliseconds since 1970. */
  now: () => number
}

export class RunMinutes {
  readonly #deps: RunMinutesDeps

  constructor(deps: RunMinutesDeps) {
    this.#deps = deps
  }

  /** Throws QuotaUsed when nothing is left of today. Running programs may go on to their own end. */
  check(): void {
    const perDay = this.#deps.perDay()
    if (this.#used().ms < perDay * MINUTE_MS) return
    const now = this.#deps.now()
    const left = (Math.floor(now / DAY_MS) + 1) * DAY_MS - now
    throw new QuotaUsed(
      `The ${perDay} minutes a day that programs and installations may run on this server are used up. Next: wait until midnight UTC, in ${Math.ceil(left / MINUTE_MS)} minutes, or ask the server's operator for more.`,
      Math.ceil(left / 1000),
    )
  }

  /** Adds the duration of a program or an installation. */
  add(ms: number): void {
    if (ms <= 0) return
    const used = this.#used()
    this.#deps.storage.kv.put<DayUsage>(USED, { ...used, ms: used.ms + ms })
  }

  /** What has been used of today, and what may be. */
  today(): { used_ms: number; limit_minutes: number | null } {
    const perDay = this.#deps.perDay()
    return { used_ms: this.#used().ms, limit_minutes: Number.isFinite(perDay) ? perDay : null }
  }

  #used(): DayUsage {
    const day = Math.floor(this.#deps.now() / DAY_MS)
    const kept = readStored(dayUsage, this.#deps.storage.kv.get(USED))
    return kept !== UNREADABLE && kept.day === day ? kept : { day, ms: 0 }
  }
}

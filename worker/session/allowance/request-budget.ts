/** Budget of requests: a token bucket that holds a minute's worth and is refilled all the time. */
const MINUTE_MS = 60_000

export class RequestBudget {
  readonly #perMinute: number
  readonly #now: () => number
  #left: number
  #at: number

  /** `perMinute` may be Infinity; `now` in milliseconds. */
  constructor(perMinute: number, now: () => number) {
    this.#perMinute = perMinute
    this.#now = now
    this.#left = perMinute
    this.#at = now()
  }

  /** Takes one request. Returns 0, or the seconds until the next one is allowed. */
  take(): number {
    if (this.#perMinute === Infinity) return 0
    const now = this.#now()
    const refilled = (Math.max(0, now - this.#at) / MINUTE_MS) * this.#perMinute
    this.#left = Math.min(Math.max(1, this.#perMinute), this.#left + refilled)
    this.#at = now
    if (this.#left >= 1) {
      this.#left -= 1
      return 0
    }
    return Math.max(1, Math.ceil(((1 - this.#left) / this.#perMinute) * 60))
  }
}

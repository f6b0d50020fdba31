/** Places for a user's programs and installations at once. Work without a place waits, the oldest first. */
import { Busy } from '../../run/contract/errors.ts'
import { MAX_QUEUED_RUNS } from '../../run/contract/bounds.ts'

export class Places {
  readonly #most: () => number
  readonly #queue: (() => void)[] = []
  #taken = 0

  /** `most` may change; after it was raised, `admit` lets waiting work in. */
  constructor(most: () => number) {
    this.#most = most
  }

  get taken(): number {
    return this.#taken
  }

  /** Returns whether there is a place for one more. Throws Busy when it could not even wait. */
  isFree(): boolean {
    this.admit()
    if (this.#taken < this.#most()) return true
    if (this.#queue.length >= MAX_QUEUED_RUNS) throw new Busy(this.#taken, this.#queue.length)
    return false
  }

  /** Takes a place at once, whether there is one or not. The returned function gives it back. */
  take(): () => void {
    this.#taken++
    let given = false
    return () => {
      if (given) return
      given = true
      this.#taken--
      this.admit()
    }
  }

  /** Calls `begin`, which has to take a place, when there is one. The returned function calls it now, if it has not been called. */
  wait(begin: () => void): () => void {
    this.#queue.push(begin)
    return () => {
      const place = this.#queue.indexOf(begin)
      if (place >= 0) this.#queue.splice(place, 1)[0]?.()
    }
  }

  /** Lets waiting work in while there are places. */
  admit(): void {
    while (this.#taken < this.#most()) {
      const begin = this.#queue.shift()
      if (begin === undefined) return
      begin()
    }
  }
}

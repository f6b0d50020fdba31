/** Places for what a user has going on at once, programs and installations alike. What finds none waits, the oldest first. */
import { Busy } from '../../run/contract/errors.ts'
import { MAX_QUEUED_RUNS } from '../../run/contract/bounds.ts'

export class Places {
  readonly #most: () => number
  readonly #queue: (() => void)[] = []
  #taken = 0

  /** `most` may change; after it was raised, `admit` lets in who waits. */
  constructor(most: () => number) {
    this.#most = most
  }

  get taken(): number {
    return this.#taken
  }

  /** Whether there is a place for one more. Throws Busy when it could not even wait. */
  isFree(): boolean {
    this.admit()
    if (this.#taken < this.#most()) return true
    if (this.#queue.length >= MAX_QUEUED_RUNS) throw new Busy(this.#taken, this.#queue.length)
    return false
  }

  /** Takes a place at once, whether there is one or not. The function that is returned gives it back. */
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

  /** Calls `begin`, which has to take a place, when there is one. The function that is returned calls it now, if it has not been called. */
  wait(begin: () => void): () => void {
    this.#queue.push(begin)
    return () => {
      const place = this.#queue.indexOf(begin)
      if (place >= 0) this.#queue.splice(place, 1)[0]?.()
    }
  }

  /** Lets those in who wait while there are places. */
  admit(): void {
    while (this.#taken < this.#most()) {
      const begin = this.#queue.shift()
      if (begin === undefined) return
      begin()
    }
  }
}

/** Starts the sandbox as soon as a client shows up, so that the first program does not have to wait for it. */
import type { Runner } from '../../run/contract/runner.ts'
import { orElse, readStored, storedTime } from '../../stored.ts'

/** Key of the time at which the object last started it for a client. */
const WARMED_KEY = 'warmed_at'
/** Time without a run for which it is not started again for clients: they look every few minutes, some of them for days. */
const UNUSED_MS = 12 * 60 * 60_000
/** Pause between two looks at whether it sleeps. */
const LOOK_MS = 60_000

export interface WarmStartDeps {
  kv: SyncKvStorage
  /** Throws when there is none. */
  runner: () => Pick<Runner, 'warmUp'>
  now: () => number
}

export class WarmStart {
  readonly #deps: WarmStartDeps
  #notBefore = 0
  /** Set when nothing is kept under WARMED_KEY; unknown until this life of the object has looked. */
  #isForgotten = false

  constructor(deps: WarmStartDeps) {
    this.#deps = deps
  }

  /** Starts it for a client that may run programs. Never rejects: the caller of a program will learn what is wrong. */
  async clientCame(): Promise<void> {
    const { kv, runner, now } = this.#deps
    const at = now()
    if (at < this.#notBefore || at - orElse(readStored(storedTime, kv.get(WARMED_KEY)), -Infinity) < UNUSED_MS) return
    this.#notBefore = at + LOOK_MS
    try {
      if (await runner().warmUp()) this.#keep(at)
    } catch (error) {
      console.warn(JSON.stringify({ event: 'warm_start_failed', error: String(error) }))
      // A failed start may have succeeded nevertheless, and each attempt keeps it awake.
      this.#keep(at)
    }
  }

  /** Notes that a program was run: the start was of use. */
  ran(): void {
    if (this.#isForgotten) return
    this.#deps.kv.delete(WARMED_KEY)
    this.#isForgotten = true
  }

  #keep(at: number): void {
    this.#deps.kv.put(WARMED_KEY, at)
    this.#isForgotten = false
  }
}

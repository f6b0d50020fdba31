/** Starts what programs run in as soon as a client shows up, so that the first program does not have to wait for it. */
import type { Runner } from '../../run/contract/runner.ts'
import { orElse, readStored, storedTime } from '../../stored.ts'

/** Where the object keeps when it last started it for a client. */
const WARMED_KEY = 'warmed_at'
/** Clients look every few minutes, some of them for days: without a run in between it is not started for them again for so long. */
const UNUSED_MS = 12 * 60 * 60_000
/** Time from one look at whether it sleeps to the next. */
const LOOK_MS = 60_000

export interface WarmStartDeps {
  kv: SyncKvStorage
  /** May throw when there is none. */
  runner: () => Pick<Runner, 'warmUp'>
  now: () => number
}

export class WarmStart {
  readonly #deps: WarmStartDeps
  #notBefore = 0
  /** Nothing is kept under WARMED_KEY; until this life of the object has looked, that is not known. */
  #isForgotten = false

  constructor(deps: WarmStartDeps) {
    this.#deps = deps
  }

  /** A client that may run programs has sent a request. Never rejects: whoever runs a program will be told what is wrong. */
  async clientCame(): Promise<void> {
    const { kv, runner, now } = this.#deps
    const at = now()
    if (at < this.#notBefore || at - orElse(readStored(storedTime, kv.get(WARMED_KEY)), -Infinity) < UNUSED_MS) return
    this.#notBefore = at + LOOK_MS
    try {
      if (await runner().warmUp()) this.#keep(at)
    } catch (error) {
      console.warn(JSON.stringify({ event: 'warm_start_failed', error: String(error) }))
      // What failed may run nevertheless, and each attempt keeps it awake.
      this.#keep(at)
    }
  }

  /** A program was run: it was of use. */
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

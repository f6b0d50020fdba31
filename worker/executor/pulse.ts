/**
 * Watches whether a runner still answers. A frozen runner, or one in a frozen container, takes connections and says nothing: its callers
 * would wait for as long as the longest request may take.
 */
import { within } from '../waiting.ts'

/** Silence of a request after which its runner is looked at. */
const PATIENCE_MS = 1_000
/** Pause between an answered look and the next, while the same request is silent. */
const AGAIN_MS = 5_000
/** Longest time for a look; two slower ones in a row are the end. */
const LOOK_MS = 4_000
/** Longest time that waiting callers go on waiting for that end. */
const END_MS = 3_000

/** A runner that answers nothing, and has been ended as `PulseDeps` says. */
export class Frozen extends Error {
  override readonly name = 'Frozen'
}

interface PulseDeps {
  /** Asks for something that is answered at once. */
  look: (signal: AbortSignal) => Promise<unknown>
  /** Ends the silent side: the container, or the request alone. */
  end: () => Promise<void>
}

export class Pulse {
  readonly #deps: PulseDeps
  readonly #lookMs: number
  #looking: Promise<boolean> | undefined
  #ending: Promise<void> | undefined

  constructor(deps: PulseDeps, lookMs = LOOK_MS) {
    this.#deps = deps
    this.#lookMs = lookMs
  }

  /** Waits for the answer to a request, however long it takes, as long as looks are answered. Throws Frozen, or as the request does. */
  async wait<T>(asked: Promise<T>): Promise<T> {
    const settled = asked.then(
      () => true,
      () => true,
    )
    for (let patience = PATIENCE_MS; ; patience = AGAIN_MS) {
      if (await within(settled, patience)) return asked
      if (await Promise.race([settled, this.#isAlive()])) continue
      this.#ending ??= this.#deps.end().catch(() => {
        // The next start ends the container, or fails itself.
      })
      await within(this.#ending, END_MS)
      throw new Frozen('two looks were not answered')
    }
  }

  /** All waiting requests share one look. */
  #isAlive(): Promise<boolean> {
    this.#looking ??= this.#lookTwice().finally(() => (this.#looking = undefined))
    return this.#looking
  }

  async #lookTwice(): Promise<boolean> {
    return (await this.#look()) || (await this.#look())
  }

  async #look(): Promise<boolean> {
    const signal = AbortSignal.timeout(this.#lookMs)
    const answered = this.#deps.look(signal).then(
      () => true,
      // A refused connection is not a frozen runner: the request itself will show its meaning.
      () => !signal.aborted,
    )
    return (await within(answered, this.#lookMs)) ?? false
  }
}

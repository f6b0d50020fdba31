/**
 * Whether a runner still answers. A frozen one, or one in a frozen container, takes connections and says nothing: whoever waits for an answer
 * would wait for as long as the longest request may take.
 */
import { within } from '../waiting.ts'

/** How long a request may be silent before somebody looks. */
const PATIENCE_MS = 1_000
/** From a look that was answered to the next, while the same request is silent. */
const AGAIN_MS = 5_000
/** How long a look may take; two in a row that take longer are the end. */
const LOOK_MS = 4_000
/** How long whoever waited goes on waiting for that end. */
const END_MS = 3_000

/** The runner answers nothing, and has been ended as `PulseDeps` says. */
export class Frozen extends Error {
  override readonly name = 'Frozen'
}

interface PulseDeps {
  /** Asks for something that is answered at once. */
  look: (signal: AbortSignal) => Promise<unknown>
  /** Ends what does not answer: the container, or the request alone. */
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
        // The next start ends it, or fails itself.
      })
      await within(this.#ending, END_MS)
      throw new Frozen('two looks were not answered')
    }
  }

  /** All that wait look together. */
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
      // One that refuses the connection is not frozen; what it means, the request itself will tell.
      () => !signal.aborted,
    )
    return (await within(answered, this.#lookMs)) ?? false
  }
}

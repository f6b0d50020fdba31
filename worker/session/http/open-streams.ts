/** Streams that are being read, to be ended when who reads them may do so no longer. */
import type { VerifiedCaller } from '../../auth/caller.ts'

export class OpenStreams {
  readonly #open = new Map<() => void, VerifiedCaller>()

  /** Notes a stream, which `end` ends. Returns what to call when it has ended. */
  add(caller: VerifiedCaller, end: () => void): () => void {
    this.#open.set(end, caller)
    return () => this.#open.delete(end)
  }

  /** Ends the streams of these callers. */
  end(isEnded: (caller: VerifiedCaller) => boolean): void {
    for (const [end, caller] of [...this.#open]) if (isEnded(caller)) end()
  }
}

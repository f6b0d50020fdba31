/** Streams that are being read, to be ended when who reads them may do so no longer. */
import type { VerifiedCaller } from '../../auth/caller.ts'

export class OpenStreams {
  readonly #open = new Map<() => void, VerifiedCaller>()

  /** Notes a stream, which `end` ends. Returns what to call when it has ended. Without a caller, by a signed link, it is ended by nobody. */
  add(caller: VerifiedCaller | null, end: () => void): () => void {
    if (caller === null) return () => {}
    this.#open.set(end, caller)
    return () => this.#open.delete(end)
  }

  /** Ends the streams of these callers. */
  end(isEnded: (caller: VerifiedCaller) => boolean): void {
    for (const [end, caller] of [...this.#open]) if (isEnded(caller)) end()
  }
}

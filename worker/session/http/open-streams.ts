/** Streams that are being read, to be ended when who reads them may do so no longer. */
import type { VerifiedCaller } from '../../auth/caller.ts'

/** Ends of access that are remembered. */
const MAX_ENDS = 100

type IsEnded = (caller: VerifiedCaller) => boolean

export class OpenStreams {
  readonly #open = new Map<() => void, VerifiedCaller>()
  /** The last ones. A request that was let in before such an end may open its stream after it. */
  #ends: IsEnded[] = []

  /** Notes a stream, which `end` ends. Returns what to call when it has ended. Without a caller, by a signed link, it is ended by nobody. */
  add(caller: VerifiedCaller | null, end: () => void): () => void {
    if (caller === null) return () => {}
    if (this.#ends.some((isEnded) => isEnded(caller))) {
      queueMicrotask(end)
      return () => {}
    }
    this.#open.set(end, caller)
    return () => this.#open.delete(end)
  }

  /** Ends the streams of these callers, whose access has ended for good. */
  end(isEnded: IsEnded): void {
    this.#ends = [...this.#ends, isEnded].slice(-MAX_ENDS)
    for (const [end, caller] of [...this.#open]) if (isEnded(caller)) end()
  }
}

/** Pieces as a stream that fails when its reader may read no longer: half of it is not taken for the whole. `opened`: as `OpenStreams.add`. */
export function endable(
  pieces: Generator<Uint8Array> | AsyncGenerator<Uint8Array>,
  opened: (end: () => void) => () => void,
): ReadableStream<Uint8Array> {
  let closed = () => {}
  return new ReadableStream({
    start(controller) {
      closed = opened(() => {
        closed()
        controller.error(new Error('Who reads this may read it no longer.'))
        void pieces.return(undefined)
      })
    },
    async pull(controller) {
      try {
        const { done, value } = await pieces.next()
        if (done !== true) return controller.enqueue(value)
        controller.close()
      } catch (error) {
        controller.error(error)
      }
      closed()
    },
    cancel() {
      closed()
      void pieces.return(undefined)
    },
  })
}

/** Bodies of the runner's answers. A runner that stalls in one, or breaks off, is an error and never a wait without end. */
import { RunnerError } from '../run/contract/errors.ts'

/** Longest silence of a body; then it is broken: in a stream the runner sends a heartbeat each second. */
const SILENCE_TIMEOUT_MS = 5_000

/** The body piece by piece. Throws RunnerError (`unreachable`) when it breaks off. Leaving the loop cancels it. */
export async function* pieces(response: Response): AsyncGenerator<Uint8Array> {
  if (response.body === null) return
  const reader = response.body.getReader()
  const release = () =>
    reader.cancel().catch(() => {
      // already broken or already ended: nothing is left to release
    })
  const silence = new Silence(() => void release())
  let isWhole = false
  try {
    for (;;) {
      silence.begin()
      const chunk = await reader.read().catch((cause: unknown) => {
        throw brokenOff(cause)
      })
      silence.end()
      if (silence.isTooLong) throw brokenOff()
      isWhole = chunk.done
      if (chunk.done) return
      yield chunk.value
    }
  } finally {
    silence.stop()
    if (!isWhole) await release()
  }
}

/** The silences of a body, one after the other. One timer measures them all: a timer for each piece costs more than most pieces. */
class Silence {
  readonly #tooLong: () => void
  #timer: ReturnType<typeof setTimeout> | undefined
  /** When the present one began; null between them. Milliseconds since 1970. */
  #since: number | null = null
  isTooLong = false

  constructor(tooLong: () => void) {
    this.#tooLong = tooLong
  }

  begin(): void {
    this.#since = Date.now()
    if (this.#timer === undefined) this.#watch(SILENCE_TIMEOUT_MS)
  }

  end(): void {
    this.#since = null
  }

  stop(): void {
    this.#since = null
    clearTimeout(this.#timer)
  }

  #watch(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#since === null) return
      const left = this.#since + SILENCE_TIMEOUT_MS - Date.now()
      if (left > 0) return this.#watch(left)
      this.isTooLong = true
      this.#tooLong()
    }, ms)
  }
}

/** The whole body. Throws RunnerError (`unreachable`). */
export async function wholeBody(response: Response): Promise<ArrayBuffer> {
  return new Blob(await Array.fromAsync(pieces(response), (piece) => new Uint8Array(piece))).arrayBuffer()
}

function brokenOff(cause?: unknown): RunnerError {
  return new RunnerError('unreachable', 'The Python runner broke off in the middle of its answer.', cause)
}

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
  let timer: ReturnType<typeof setTimeout> | undefined
  let silent = false
  try {
    for (;;) {
      timer = setTimeout(() => {
        silent = true
        void release()
      }, SILENCE_TIMEOUT_MS)
      const chunk = await reader.read().catch((cause: unknown) => {
        throw brokenOff(cause)
      })
      clearTimeout(timer)
      if (silent) throw brokenOff()
      if (chunk.done) return
      yield chunk.value
    }
  } finally {
    clearTimeout(timer)
    await release()
  }
}

/** The body as a stream, which fails when it stalls. How slowly it is read does not matter. */
export function inTime(response: Response): ReadableStream<Uint8Array> {
  const source = pieces(response)
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await source.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel() {
      void source.return(undefined)
    },
  })
}

/** The whole body. Throws RunnerError (`unreachable`). */
export async function wholeBody(response: Response): Promise<ArrayBuffer> {
  return new Blob(await Array.fromAsync(pieces(response), (piece) => new Uint8Array(piece))).arrayBuffer()
}

function brokenOff(cause?: unknown): RunnerError {
  return new RunnerError('unreachable', 'The Python runner broke off in the middle of its answer.', cause)
}

/** The rest of a refused request's body: while its client is still sending, an answer is lost when the connection is closed. */
import { within } from '../../waiting.ts'

/** Most bytes that are read: more than the longest upload, so that a client a little beyond it sees the reason. */
const MAX_DISCARDED_BYTES = 128 * 1024 ** 2
/** Longest wait for the client to send it. Milliseconds. */
export const MAX_WAIT_MS = 30_000

/** Reads the rest of the body of a request that was refused. Returns the answer. */
export async function afterBody(request: Request, response: Response): Promise<Response> {
  if (response.status >= 400 && request.body !== null && !request.body.locked) await discard(request.body)
  return response
}

async function discard(body: ReadableStream<Uint8Array>): Promise<void> {
  const reader = body.getReader()
  const read = async () => {
    for (let left = MAX_DISCARDED_BYTES; left > 0;) {
      const { done, value } = await reader.read()
      if (done) break
      left -= value.byteLength
    }
  }
  try {
    await within(read(), MAX_WAIT_MS)
  } catch {
    // the client has left, or the body was handed on: nobody waits for an answer to it
  } finally {
    await reader.cancel().catch(() => {
      // it broke off already
    })
  }
}

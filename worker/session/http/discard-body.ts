/** The rest of a refused request's body: while its client is still sending, an answer is lost when the connection is closed. */

/** Bytes that are read at most: more than the longest upload, so that who is a little beyond it sees the reason. */
const MAX_DISCARDED_BYTES = 128 * 1024 ** 2
/** Longest wait for the client to send it. Milliseconds. */
const MAX_WAIT_MS = 30_000

/** Reads what nobody has read of the body of a request that was refused, and gives the answer back. */
export async function afterBody(request: Request, response: Response): Promise<Response> {
  if (response.status >= 400 && request.body !== null && !request.body.locked) await discard(request.body)
  return response
}

async function discard(body: ReadableStream<Uint8Array>): Promise<void> {
  const reader = body.getReader()
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeUp = new Promise<{ done: true; value?: undefined }>((resolve) => {
    timer = setTimeout(() => resolve({ done: true }), MAX_WAIT_MS)
  })
  try {
    for (let left = MAX_DISCARDED_BYTES; left > 0;) {
      const { done, value } = await Promise.race([reader.read(), timeUp])
      if (done) break
      left -= value.byteLength
    }
  } catch {
    // the client has left, or the body was handed on: nobody waits for an answer to it
  } finally {
    clearTimeout(timer)
    await reader.cancel().catch(() => {
      // it broke off already
    })
  }
}

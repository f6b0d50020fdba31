/** Bounds the bodies of forms, and of clients' requests to the OAuth endpoints. */
import type { MiddlewareHandler } from 'hono'

/** Longest body, in bytes. */
const MAX_FORM_BYTES = 64 * 1024

/** Refuses a longer body as soon as its length is known; the rest of it stays to be read. */
export const formLimit: MiddlewareHandler = async (c, next) => {
  const { raw } = c.req
  const length = c.req.header('content-length')
  const isKnown = length !== undefined || raw.body === null
  const read = isKnown ? null : await firstBytes(raw.body, MAX_FORM_BYTES + 1)
  if ((read?.byteLength ?? Number(length ?? 0)) > MAX_FORM_BYTES) {
    return c.text(`The request is larger than ${MAX_FORM_BYTES} bytes. Next: send less.`, 413)
  }
  if (read !== null) c.req.raw = new Request(raw, { method: raw.method, body: read })
  return await next()
}

async function firstBytes(body: ReadableStream<Uint8Array>, most: number): Promise<ArrayBuffer> {
  const reader = body.getReader()
  const pieces: Uint8Array<ArrayBuffer>[] = []
  try {
    for (let left = most; left > 0;) {
      const { done, value } = await reader.read()
      if (done) break
      pieces.push(new Uint8Array(value))
      left -= value.byteLength
    }
  } finally {
    reader.releaseLock()
  }
  return new Blob(pieces).arrayBuffer()
}

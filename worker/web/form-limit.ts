/** Bounds the bodies of forms, and of clients' requests to the OAuth endpoints. */
import type { Context, MiddlewareHandler, Next } from 'hono'

/** Longest body of most forms. Bytes. */
export const MAX_FORM_BYTES = 64 * 1024
/** Pages whose forms hold a program, of which each character may take nine, or a file of learnings. */
export const LONG_FORMS = ['/app/runs', '/app/learnings/*']
/** Longest body of such a form. Bytes. */
export const MAX_LONG_FORM_BYTES = 5 * 1024 * 1024

/** Refuses a longer body as soon as its length is known; the rest of it stays to be read. */
export function formLimit(most = MAX_FORM_BYTES): MiddlewareHandler {
  return (c, next) => limited(c, next, most)
}

async function limited(c: Context, next: Next, most: number): Promise<Response | void> {
  const { raw } = c.req
  const length = c.req.header('content-length')
  const isKnown = length !== undefined || raw.body === null
  const read = isKnown ? null : await firstBytes(raw.body, most + 1)
  if ((read?.byteLength ?? Number(length ?? 0)) > most) {
    return c.text(`The request is larger than ${most} bytes. Next: send less.`, 413)
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

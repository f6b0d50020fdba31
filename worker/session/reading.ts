/**
 * A session object that could not be started, as there was no room for what a start stores: what its former life left under way. It is
 * asked again as it stands, by a request that only reads.
 */

/** Set by the Worker alone: it is none of the client's headers that reach a session object. */
const READING_HEADER = 'x-codemode-reading'

/** The request, for an object that is not started for it. */
export function toReadOnly(request: Request): Request {
  const headers = new Headers(request.headers)
  headers.set(READING_HEADER, '1')
  return new Request(request, { headers })
}

export function isReadOnly(request: Request): boolean {
  return request.headers.has(READING_HEADER)
}

/**
 * A session object that could not be started: there was no room to store the end of its former life's work. It is asked again unstarted, by
 * a request that only reads.
 */

/** Header that the Worker alone sets: it is not among the client's headers that reach a session object. */
const READING_HEADER = 'x-codemode-reading'

/** The request in a form for which the object is not started. */
export function toReadOnly(request: Request): Request {
  const headers = new Headers(request.headers)
  headers.set(READING_HEADER, '1')
  return new Request(request, { headers })
}

export function isReadOnly(request: Request): boolean {
  return request.headers.has(READING_HEADER)
}

/**
 * Requests for a session object in one state.
 *
 * Most go to an object that is started already. They go there at once: a start first is another way there and back. An unstarted object
 * says so before it does anything, and gets the request again once it is started.
 *
 * An object that could not be started, as there was no room to store the end of its former life's work, is asked again unstarted, by a
 * request that only reads.
 */

/** Header that the Worker alone sets: it is not among the client's headers that reach a session object. */
const FOR_STARTED_HEADER = 'x-codemode-for-started'
/** Header that the session object alone sets, on an answer that goes no further than the Worker. */
const NOT_STARTED_HEADER = 'x-codemode-not-started'
/** Header that the Worker alone sets, too. */
const READING_HEADER = 'x-codemode-reading'
/** Longest body of a request that may have to be sent again: until then the Worker holds it. Bytes. */
const MAX_HELD_BYTES = 1024 * 1024

/** The request in a form that an object answers only when it is started; null when its body is long, or of unknown length. */
export function forStarted(request: Request): Request | null {
  const bytes = request.body === null ? 0 : Number(request.headers.get('content-length') ?? NaN)
  if (!(bytes <= MAX_HELD_BYTES)) return null
  const asked = request.clone()
  asked.headers.set(FOR_STARTED_HEADER, '1')
  return asked
}

export function isForStarted(request: Request): boolean {
  return request.headers.has(FOR_STARTED_HEADER)
}

/** Answer of an unstarted object to such a request. */
export function notStarted(): Response {
  return new Response(null, { status: 503, headers: { [NOT_STARTED_HEADER]: '1' } })
}

export function isNotStarted(response: Response): boolean {
  return response.headers.has(NOT_STARTED_HEADER)
}

/** The request in a form for which the object is not started. */
export function toReadOnly(request: Request): Request {
  const headers = new Headers(request.headers)
  headers.set(READING_HEADER, '1')
  return new Request(request, { headers })
}

export function isReadOnly(request: Request): boolean {
  return request.headers.has(READING_HEADER)
}

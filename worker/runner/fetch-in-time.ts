/** A request to the runner that is given up when no answer begins. */

/** The way to a runner: from a `Request` to a promise of its `Response` (the seam of `executor/`). */
export type Fetch = (request: Request) => Promise<Response>

/** Longest wait for the answer to a request; a run's stream begins when its program has started. */
const ANSWER_TIMEOUT_MS = 20_000
/** Longest wait for the answer to a request that carries a file, or deletes a whole workspace. */
const LONG_TIMEOUT_MS = 300_000

/**
 * Sends a request. Rejects when no answer has begun in time (`extraMs` more than usual), or when its signal is aborted; the body after the
 * answer's head may take any time.
 */
export async function fetchInTime(fetch: Fetch, url: string, init: RequestInit, extraMs = 0): Promise<Response> {
  const silent = new AbortController()
  const isWhole = /^\/w\/[^/]+$/.test(new URL(url).pathname)
  const isLong = init.method === 'PUT' || (init.method === 'DELETE' && isWhole)
  const limit = isLong ? LONG_TIMEOUT_MS : ANSWER_TIMEOUT_MS
  const timer = setTimeout(() => silent.abort(), limit + extraMs)
  const signal = init.signal ? AbortSignal.any([silent.signal, init.signal]) : silent.signal
  try {
    return await fetch(new Request(url, { ...init, signal }))
  } finally {
    clearTimeout(timer)
  }
}

/** The local runner: a plain process on this machine's loopback, started by `npm run dev`. */
import type { Fetch } from '../runner/fetch-in-time.ts'
import { Pulse } from './pulse.ts'

/** Longest time for a look at whether the runner answers anything: a developer's machine has other things to do. */
const LOOK_MS = 6_000

/** Sends a request to the local runner. A pulse ends uploads and deletions that a stopped runner took: it would never answer. */
export const localFetch: Fetch = async (request) => {
  if (request.method !== 'PUT' && request.method !== 'DELETE') return fetch(request)
  const stopped = new AbortController()
  const look = async (signal: AbortSignal) => {
    const response = await fetch(new URL('/health', request.url), { signal })
    await response.body?.cancel()
  }
  // The runner, unlike a container, is not ours to end: only this request ends.
  const pulse = new Pulse({ look, end: async () => stopped.abort() }, LOOK_MS)
  return pulse.wait(fetch(request, { signal: AbortSignal.any([request.signal, stopped.signal]) }))
}

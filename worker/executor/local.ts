/** The local runner: a plain process on this machine's loopback, started by `npm run dev`. */
import type { Fetch } from '../runner/fetch-in-time.ts'
import { Pulse } from './pulse.ts'

/** How long a look at whether the runner answers anything may take: a developer's machine has other things to do. */
const LOOK_MS = 6_000

/** A stopped runner takes connections and says nothing: an upload or a deletion, which may take long, would wait for as long as that. */
export const localFetch: Fetch = async (request) => {
  if (request.method !== 'PUT' && request.method !== 'DELETE') return fetch(request)
  const stopped = new AbortController()
  const look = async (signal: AbortSignal) => {
    const response = await fetch(new URL('/health', request.url), { signal })
    await response.body?.cancel()
  }
  // The runner is not ours to end, as a container is: only this request ends.
  const pulse = new Pulse({ look, end: async () => stopped.abort() }, LOOK_MS)
  return pulse.wait(fetch(request, { signal: AbortSignal.any([request.signal, stopped.signal]) }))
}

/** The local runner: a plain process on this machine's loopback, started by `npm run dev`. */
import type { Fetch } from '../runner/fetch-in-time.ts'

/** How long a look at whether the runner answers anything may take. Two in a row that take longer end the request. */
const LOOK_MS = 6_000
/** From one look to the next. */
const PAUSE_MS = 3_000

/** A stopped runner takes connections, and says nothing: an upload or a deletion, which may take long, would wait for as long as that. */
export const localFetch: Fetch = async (request) => {
  if (request.method !== 'PUT' && request.method !== 'DELETE') return fetch(request)
  const stopped = new AbortController()
  const ended = new AbortController()
  void endWhenStopped(new URL('/health', request.url), stopped, ended.signal)
  try {
    return await fetch(request, { signal: AbortSignal.any([request.signal, stopped.signal]) })
  } finally {
    ended.abort()
  }
}

/** Aborts `stopped` when two looks in a row were not answered, unless `ended` comes first. */
async function endWhenStopped(url: URL, stopped: AbortController, ended: AbortSignal): Promise<void> {
  let silent = 0
  while (silent < 2) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    if (ended.aborted) return
    silent = (await answers(url)) ? 0 : silent + 1
    if (ended.aborted) return
  }
  stopped.abort()
}

/** Whether anything is answered. Where nobody takes the connection, nobody is stopped. */
async function answers(url: URL): Promise<boolean> {
  const signal = AbortSignal.timeout(LOOK_MS)
  try {
    const response = await fetch(url, { signal })
    await response.body?.cancel()
    return true
  } catch {
    return !signal.aborted
  }
}

/** The local runner: a plain process on this machine's loopback, started by `npm run dev`. */
import type { Fetch } from '../runner/fetch-in-time.ts'

export const localFetch: Fetch = (request) => fetch(request)

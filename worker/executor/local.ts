/** The local runner: a plain process on this machine's loopback, started by `npm run dev`. */
import type { Fetch } from '../runner/client.ts'

export const localFetch: Fetch = (request) => fetch(request)

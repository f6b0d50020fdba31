/**
 * Limits that the operator sets for one user. A local server has none by default while its developer is alone; once others may sign in,
 * requests are limited, as all users of a local server share one thread.
 */
import * as z from 'zod'
import type { Env } from '../../env.ts'

/** Limits of a deployment without settings of its operator. */
const DEPLOYED = { requestsPerMinute: 1_200, runMinutesPerDay: 480 }

export interface Limits {
  /** Requests of any kind; also the most that may come at once. */
  requestsPerMinute: number
  /** Minutes that programs ran, added up, between one midnight (UTC) and the next. */
  runMinutesPerDay: number
  /** Most programs at once, whatever the user's setting is. */
  parallelRuns: number
}

const amount = z.coerce.number().positive().optional()
const variables = z.object({
  REQUESTS_PER_MINUTE: amount,
  RUN_MINUTES_PER_DAY: amount,
  MAX_PARALLEL_RUNS: z.coerce.number().int().min(1).optional(),
})

/** Infinity: no limit. Throws an error that names the variable when it is no positive number: an operator's slip shall not lift a limit. */
export function limitsOf(env: Env): Limits {
  const parsed = variables.safeParse(env)
  if (!parsed.success) throw new TypeError(z.prettifyError(parsed.error))
  const { REQUESTS_PER_MINUTE, RUN_MINUTES_PER_DAY, MAX_PARALLEL_RUNS } = parsed.data
  const isLocal = Boolean(env.DEV_TOKEN)
  const isAlone = isLocal && !env.ALLOWED_USERS
  return {
    requestsPerMinute: REQUESTS_PER_MINUTE ?? (isAlone ? Infinity : DEPLOYED.requestsPerMinute),
    runMinutesPerDay: RUN_MINUTES_PER_DAY ?? (isLocal ? Infinity : DEPLOYED.runMinutesPerDay),
    parallelRuns: MAX_PARALLEL_RUNS ?? Infinity,
  }
}

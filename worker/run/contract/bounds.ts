/** Bounds of runs that no setting changes, each with its unit. Those of one program are in `protocol.ts`, as the runner has them too. */

/** Shortest and longest time-out of a program. Seconds. */
export const MIN_TIMEOUT_S = 1
export const MAX_TIMEOUT_S = 900
/** Most runs of a program after the first, when it fails in a way that may pass. */
export const MAX_RETRIES = 5
/** Most runs that wait for a free place; the next one is refused. */
export const MAX_QUEUED_RUNS = 16
/** Longest start of a sandbox. Milliseconds. */
export const SANDBOX_START_MS = 120_000
/** Longest installation. Seconds. */
export const INSTALL_TIMEOUT_S = 300
/** Longest time that a run goes on while nobody reads its events. Seconds. */
export const ORPHAN_GRACE_S = 30
/** Shortest wait for the end of a program before its call is answered. Seconds. */
export const MIN_ANSWER_S = 1
/** Life of a run that was promised as an MCP task, from its start: longer than any can wait and run. Milliseconds. */
export const TASK_TTL_MS = 24 * 3_600_000
/** Most runs that are promised as tasks at one time. */
export const MAX_TASKS = 200

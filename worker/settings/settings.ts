/** The settings that every run uses, with their defaults and ranges. */

/** Defaults stand apart from any stored value, so that a better default reaches everyone. */
export const DEFAULTS = {
  /** Seconds that a program may run. 50 and not 60: many clients give up after 60 s, and the caller shall get the partial output. */
  default_timeout: 50,
  auto_install: true,
  /** Bytes of both output streams together; beyond it output is counted and dropped. */
  max_output_bytes: 10 * 1024 ** 2,
  max_parallel_runs: 2,
} as const

export interface Settings {
  default_timeout: number
  auto_install: boolean
  max_output_bytes: number
  max_parallel_runs: number
}

/** Seconds. */
export const MIN_TIMEOUT_S = 1
export const MAX_TIMEOUT_S = 900
/** Runs that may wait for a free place; the next one is refused. */
export const MAX_QUEUED_RUNS = 16
/** Seconds that one installation may take. */
export const INSTALL_TIMEOUT_S = 300
/** Seconds that a run goes on while nobody reads its events. */
export const ORPHAN_GRACE_S = 30

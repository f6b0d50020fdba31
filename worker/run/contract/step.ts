/** Input of a run's steps, and the steps as readers see them. */
import type { Findings } from './findings.ts'
import type { ExecutorName, RunOutcome } from './outcome.ts'
import type { NetworkPolicy } from '../network/policy.ts'
import type { RunEvent, RunRequest } from './protocol.ts'
import type { Runner } from './runner.ts'

/**
 * The user's package settings. The lists hold names in any spelling; an empty `allowed_packages` allows all, and `blocked_packages` wins.
 */
export interface PackagePolicy {
  auto_install: boolean
  allowed_packages: readonly string[]
  blocked_packages: readonly string[]
  /** Under `off` nothing can be fetched. */
  network: NetworkPolicy['network']
}

/** The work of a run. `id` is unique in the session. */
export interface RunInput {
  id: string
  code: string
  files?: RunRequest['files']
  stdin?: string | undefined
  /** The program's time zone; undefined: the runner's. */
  time_zone?: string
  /** Environment variables. Their values are stored nowhere. */
  env?: Record<string, string> | undefined
  /** True: the value of the last expression is shown; unset: when nothing else is. */
  show_last?: boolean | undefined
  timeout_s: number
  packages: PackagePolicy
  /** Hosts of the network policy. */
  allowed_hosts?: readonly string[]
  max_output_bytes: number
  orphan_grace_s: number
  install_timeout_s: number
}

export interface RunDeps {
  runner: Runner
  executor: ExecutorName
  /** Aborting cancels the run: its processes end, its output so far is kept. */
  signal: AbortSignal
  /** Milliseconds. */
  wait: (ms: number) => Promise<void>
  /** Milliseconds since 1970. */
  now: () => number
  /** Takes the length of an installation, or of an attempt whose outcome is dropped: the outcome's own usage lacks both. */
  spent: (ms: number) => void
  /** Takes the outcome so far of each attempt that begins. It grows with the attempt's events. */
  begun?: (soFar: OutcomeSoFar) => void
}

export interface OutcomeSoFar {
  outcome(run_id: string, executor: ExecutorName): RunOutcome
}

/** Marks on a run's row, for a session object that is started anew while the run goes on. */
export interface RunMarks {
  /** The program goes to the runner; packages were installed for it until then. */
  sent: (installed: string[]) => void
  /** Findings of the check. */
  read: (found: Findings) => void
  /** The runner has only read the program: nothing of it ran. */
  held: () => void
}

/**
 * A step of a run as readers see it. `status`: the platform's work meanwhile. `install`: the installer's output; `at`: milliseconds since
 * 1970. `outcome` comes once, last.
 */
export type RunStep =
  | RunEvent
  | { type: 'status' | 'install'; text: string; at?: number | undefined }
  | { type: 'outcome'; outcome: RunOutcome }

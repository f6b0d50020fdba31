/** Failures of the platform. A failing program is no error but an outcome. `words.ts` has the next step for each. */
import type { ExecutorName } from './outcome.ts'
import { REFUSAL_CODES, type RefusalCode } from './protocol.ts'

/** Reasons why there is no sandbox to run in. */
const SANDBOX_FAILURES = [
  /** No container is free. */
  'sandbox_full',
  /** It did not start in time. */
  'sandbox_slow',
  /** It ended, or cannot be started. */
  'sandbox_failed',
  /** Its files could not be restored. */
  'sandbox_not_restored',
  /** This server was started without containers. */
  'sandbox_off',
  /** It did not answer this request. */
  'sandbox_unreachable',
  /** It stopped answering, and was ended. */
  'sandbox_frozen',
  /** It is being replaced, but programs or installations in it hold that up. */
  'sandbox_leaving',
  /** It would have to start anew for the network policy, but a program is running. */
  'network_busy',
  /** It would have to start anew for the network policy, but its files could not be saved. */
  'network_unsaved',
  /** Programs may reach only the hosts of packages, and these are unknown. */
  'no_package_hosts',
] as const
export type SandboxFailure = (typeof SANDBOX_FAILURES)[number]

export function isSandboxFailure(code: RunnerErrorCode): code is SandboxFailure {
  return SANDBOX_FAILURES.some((failure) => failure === code)
}

/**
 * Reason why a request to the runner failed: the code of the runner's or the sandbox's answer, or `unreachable` (no answer), `bad_answer`
 * (not in the protocol), `unknown` (a code of another version).
 */
export type RunnerErrorCode = RefusalCode | SandboxFailure | 'unreachable' | 'bad_answer' | 'unknown'

/** The code of an answer. */
export function answeredCode(code: string): RunnerErrorCode {
  return [...REFUSAL_CODES, ...SANDBOX_FAILURES].find((known) => known === code) ?? 'unknown'
}

/** A request that the runner refused, or that could not reach it. */
export class RunnerError extends Error {
  override readonly name = 'RunnerError'
  readonly code: RunnerErrorCode
  constructor(code: RunnerErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** A server with no runner for programs, or not the one that the setting `execution_mode` asks for. */
export class NoExecutor extends Error {
  override readonly name = 'NoExecutor'

  /** This server has no runner at all. */
  static atAll(): NoExecutor {
    return new NoExecutor(
      'This server has no Python runner: neither RUNNER_URL nor a sandbox is configured. Next: stop it and start it with "npm run dev", which starts the runner as well.',
    )
  }

  /** This server cannot keep to the user's network policy. */
  static ofNetwork(network: string, reason: string): NoExecutor {
    return new NoExecutor(
      `The setting network is "${network}", which this server cannot keep to: ${reason}. Next: call configure with the action "reset" and the key "network".`,
    )
  }

  /** This server has the other executor. */
  static ofMode(wanted: ExecutorName): NoExecutor {
    const reason =
      wanted === 'sandbox'
        ? 'it runs programs on its own machine and has no sandbox'
        : 'it runs programs in its sandbox and has no local runner'
    return new NoExecutor(
      `The setting execution_mode is "${wanted}", which this server cannot do: ${reason}. Next: call configure with the action "reset" and the key "execution_mode".`,
    )
  }
}

/** A refusal, as every place is taken and the queue is full. */
export class Busy extends Error {
  override readonly name = 'Busy'
  constructor(running: number, queued: number) {
    super(
      `Busy: ${running} programs or installations are running and ${queued} are waiting. Next: wait for one to end, or cancel one, then call again.`,
    )
  }
}

/** A refusal, as the user has used up the operator's limit; the message names the next step. */
export class QuotaUsed extends Error {
  override readonly name = 'QuotaUsed'
  /** Seconds until the next request may be granted. */
  readonly retryAfterS: number
  constructor(message: string, retryAfterS: number) {
    super(message)
    this.retryAfterS = retryAfterS
  }
}

/** The refusal to store anything more for a user, with the next step. */
export const STORAGE_FULL =
  'The storage of this server is full: nothing can be saved, while reading and deleting still work. Next: make room on the disk of the machine that the server runs on, or delete learnings (GET /learnings/export first, then DELETE /learnings/{id}).'

/** A database without room. */
export class StorageFull extends Error {
  override readonly name = 'StorageFull'

  constructor(cause: unknown) {
    super(STORAGE_FULL, { cause })
  }
}

/** Returns whether an error says that the database has no room, in its words or in ours. */
export function isStorageFull(error: unknown): boolean {
  return error instanceof StorageFull || /SQLITE_FULL|database or disk is full/.test(String(error))
}

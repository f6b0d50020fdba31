/** How the platform fails to do what it is asked for. A failing program is no error but an outcome. `words.ts` says what to do about each. */
import type { ExecutorName } from './outcome.ts'

/**
 * The runner refused a request, or could not be reached. `code` is one of PROTOCOL.md's, one of `SandboxFailure`, or `unreachable` (a plain
 * runner) or `bad_answer`.
 */
export class RunnerError extends Error {
  readonly code: string
  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'RunnerError'
    this.code = code
  }
}

/**
 * Why there is no sandbox to run in: `sandbox_full` no container is free, `sandbox_slow` it did not start in time, `sandbox_failed` it
 * ended or cannot be started, `sandbox_not_restored` its files could not be brought back, `sandbox_off` this server was started without
 * containers, `sandbox_unreachable` it did not answer this time, `sandbox_frozen` it answered nothing any more and was ended,
 * `sandbox_leaving` it is being replaced, which what lives in it holds up; `network_busy` it would have to start anew for the network policy, but a program is running, `network_unsaved` or its files
 * could not be saved before, `no_package_hosts` nobody knows where packages come from, which is all that may be reached.
 */
export type SandboxFailure =
  | 'sandbox_full'
  | 'sandbox_slow'
  | 'sandbox_failed'
  | 'sandbox_not_restored'
  | 'sandbox_off'
  | 'sandbox_unreachable'
  | 'sandbox_frozen'
  | 'sandbox_leaving'
  | 'network_busy'
  | 'network_unsaved'
  | 'no_package_hosts'

/** There is nothing to run programs in, or not what the setting `execution_mode` asks for. */
export class NoExecutor extends Error {
  override readonly name = 'NoExecutor'

  /** This server has nothing at all. */
  static atAll(): NoExecutor {
    return new NoExecutor(
      'This server has no Python runner: neither RUNNER_URL nor a sandbox is configured. Next: stop it and start it with "npm run dev", which starts the runner as well.',
    )
  }

  /** It cannot keep to the user's network policy. */
  static ofNetwork(network: string, reason: string): NoExecutor {
    return new NoExecutor(
      `The setting network is "${network}", which this server cannot keep to: ${reason}. Next: call configure with the action "reset" and the key "network".`,
    )
  }

  /** It has the other one. */
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

/** Every place is taken and the queue is full. */
export class Busy extends Error {
  override readonly name = 'Busy'
  constructor(running: number, queued: number) {
    super(
      `Busy: ${running} programs or installations are running and ${queued} are waiting. Next: wait for one to end, or cancel one, then call again.`,
    )
  }
}

/** The user has used up what the operator gives; the message says what to do. */
export class QuotaUsed extends Error {
  override readonly name = 'QuotaUsed'
  /** Seconds until there is something again. */
  readonly retryAfterS: number
  constructor(message: string, retryAfterS: number) {
    super(message)
    this.retryAfterS = retryAfterS
  }
}

/** Why nothing more can be stored for a user, and what to do. */
export const STORAGE_FULL =
  'The storage of this server is full: nothing can be saved, while reading and deleting still work. Next: make room on the disk of the machine that the server runs on, or delete learnings (GET /learnings/export first, then DELETE /learnings/{id}).'

/** The database has no room. */
export class StorageFull extends Error {
  override readonly name = 'StorageFull'

  constructor(cause: unknown) {
    super(STORAGE_FULL, { cause })
  }
}

/** Whether an error says that the database has no room, in its words or in ours. */
export function isStorageFull(error: unknown): boolean {
  return error instanceof StorageFull || /SQLITE_FULL|database or disk is full/.test(String(error))
}

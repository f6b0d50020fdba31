/** All that the tools, resources, prompts and tasks ask of the session of the user who calls. The session implements it, tests script it. */
import type { RequestId } from '@modelcontextprotocol/server'
import type * as z from 'zod'
import type { Learning, LearningKind, NewLearning } from '../learning/learning.ts'
import type { QuotedLearning } from '../learning/quote.ts'
import type { RunHistory, RunPage, RunQuery, RunSummary } from '../run/contract/history.ts'
import type { ExecutorName, ShownOutcome } from '../run/contract/outcome.ts'
import type { RunCall } from '../run/contract/call.ts'
import type { fileList, Health, InstallEvent } from '../run/contract/protocol.ts'
import type { ReadableRun, ReadStep } from '../run/contract/readable-run.ts'
import type { RunInput } from '../run/contract/step.ts'
import type { Capabilities, Overrides, SettingKey, Settings, SettingValue } from '../settings/settings.ts'

export interface Caller extends RunsCaller, TaskCaller, LearningsCaller, SettingsCaller, PackagesCaller {
  /** What get_system_context tells. */
  readonly context: ContextSource
  listFiles(): Promise<{ path: string; bytes: number; mime: string; modified: string }[]>
}

export interface RunsCaller {
  /** Accepts a run, for the request with this JSON-RPC id when that is to be answered with its outcome. Throws Busy, QuotaUsed and NoExecutor. */
  startRun(input: Omit<RunInput, 'id'>, asked: RunCall, requestId: RequestId | null): ReadableRun
  /** Null when there is no run `before`. */
  listRuns(query: RunQuery): RunPage | null
  findRun(id: string): ShownRun | null
  /** What is known of a run beside its outcome; null when there is no such run. */
  runHistory(id: string): RunHistory | null
  /** Every step of a run that is there now, from its beginning; nothing when none is kept. */
  runOutput(id: string): AsyncGenerator<ReadStep>
  /** A run that has not ended, to be read along; else null. */
  followRun(id: string): ReadableRun | null
  /** Ends a run; resolves when it has ended, or soon after. Does nothing when it has ended before. */
  cancelRun(id: string): Promise<void>
  /** Seconds after which a call of the client that asks is answered, though its program has not ended. */
  answerWithin(): number
  /** Resolves when the client of the current call has taken what it was sent, but for at most 1 MiB. */
  clientReady(): Promise<void>
}

export interface ShownRun extends RunSummary {
  /** What it has come to, also when it has not ended; null when that cannot be read. */
  outcome: ShownOutcome | null
}

export interface TaskCaller extends FileSource, Pick<RunsCaller, 'cancelRun'> {
  /** Promises to keep a run, so that it can be handed out as a task; null when as many are promised as there may be. */
  promiseTask(id: string): TaskRun | null
  /** Null for what is no run, and for a run that was never handed out. */
  findTask(id: string): TaskRun | null
}

export interface TaskRun extends ShownRun {
  /** Milliseconds since 1970: it is there at least until then. */
  task_until: number
}

/** Where the content of files comes from. Both may reject when the platform fails. */
export interface FileSource {
  /** A file's content, or null. Of one with more than `maxBytes` only the size. */
  readFile(path: string, maxBytes: number): Promise<{ body: ArrayBuffer; mime: string } | { bytes: number } | null>
  /** The file as a PNG or JPEG of at most `maxBytes`, or why there is none. */
  readPicture(path: string, maxBytes: number): Promise<{ body: ArrayBuffer } | { reason: string }>
  /** A link that works without a token for an hour, or null when nobody knows where we are reached. */
  downloadUrl(path: string): Promise<string | null>
}

export interface LearningsCaller {
  /** `created` is false when it was there already. Throws LearningRefused. */
  addLearning(input: NewLearning): { learning: Learning; created: boolean }
  getLearning(id: string): Learning | null
  /** Best matches first; the newest ones for an empty search. `total`: how many there are of this kind. */
  searchLearnings(query: { search: string; kind?: LearningKind | undefined; limit: number }): {
    learnings: Learning[]
    total: number
  }
}

export interface SettingsCaller {
  /** What the user changed. */
  changedSettings(): Overrides
  /** Stores a value that was checked. */
  setSetting(key: SettingKey, value: SettingValue): void
  /** Back to the default: one setting, or all. */
  resetSetting(key: SettingKey): void
  resetSettings(): void
  capabilities(): Capabilities
  /** Empties the working folder and removes the installed packages; what programs would lose under their hands is refused. Throws RunnerError and NoExecutor. */
  resetWorkspace(): Promise<{ files: number; packages: number }>
}

export interface PackagesCaller extends Pick<RunsCaller, 'clientReady'> {
  settings(): Settings
  /** Installs specifiers into the workspace; a second installation waits. Aborting ends it, and it changes nothing. Throws RunnerError and NoExecutor. */
  install(specs: string[], timeoutS: number, signal: AbortSignal): AsyncGenerator<InstallEvent>
}

/** What the session tells about itself. Each may throw RunnerError or NoExecutor. */
export interface ContextSource {
  executor(): ExecutorName
  health(): Promise<Health>
  listFiles(): Promise<z.infer<typeof fileList>>
  /** Bytes that the workspace may keep on disk. */
  quota(): number
  /** Milliseconds since 1970. */
  now(): number
  /** Those that have helped, the most useful first; and how many there are in all. */
  topLearnings(limit: number): { learnings: QuotedLearning[]; total: number }
  settings(): Settings
}

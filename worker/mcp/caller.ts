/** The session of the calling user, as tools, resources, prompts and tasks see it. The session implements it, tests script it. */
import type { RequestId } from '@modelcontextprotocol/server'
import type * as z from 'zod'
import type { Learning, LearningKind, NewLearning } from '../learning/learning.ts'
import type { QuotedLearning } from '../learning/quote.ts'
import type { RunHistory, RunPage, RunQuery, RunSummary } from '../run/contract/history.ts'
import type { ExecutorName, ShownOutcome } from '../run/contract/outcome.ts'
import type { RunCall } from '../run/contract/call.ts'
import type { fileList } from '../run/contract/workspace.ts'
import type { Health, InstallEvent } from '../run/contract/protocol.ts'
import type { ReadableRun, ReadStep } from '../run/contract/readable-run.ts'
import type { RunInput } from '../run/contract/step.ts'
import type { Capabilities, Overrides, SettingKey, Settings, SettingValue } from '../settings/settings.ts'

export interface Caller extends RunsCaller, TaskCaller, LearningsCaller, SettingsCaller, PackagesCaller {
  /** Source of get_system_context. */
  readonly context: ContextSource
  listFiles(): Promise<{ path: string; bytes: number; mime: string; modified: string }[]>
}

export interface RunsCaller {
  /** Accepts a run. `requestId`: of the JSON-RPC request that is to be answered with its outcome. Throws Busy, QuotaUsed and NoExecutor. */
  startRun(input: Omit<RunInput, 'id'>, asked: RunCall, requestId: RequestId | null): ReadableRun
  /** A page of runs; null when there is no run `before`. */
  listRuns(query: RunQuery): RunPage | null
  findRun(id: string): ShownRun | null
  /** Facts about a run beside its outcome; null when there is no such run. */
  runHistory(id: string): RunHistory | null
  /** Every kept step of a run, from its beginning; nothing when none is kept. */
  runOutput(id: string): AsyncGenerator<ReadStep>
  /** The newest live run of a program, by its key (`run/program/key.ts`); null when there is none within `ms`. */
  findProgram(key: string, ms: number): Promise<string | null>
  /** Steps of a run after a position (null: from the first), or none when none comes within `ms`. Null when there is no such run. */
  runSteps(id: string, after: string | null, ms: number): Promise<StepsPage | null>
  /** Address below which the pages about runs are; null where it is unknown. */
  pagesAt(): string | null
  /** A run that has not ended, to be followed; else null. */
  followRun(id: string): ReadableRun | null
  /** Ends a run; resolves when it has ended, or soon after. Does nothing when it has ended before. */
  cancelRun(id: string): Promise<void>
  /** Seconds after which a call of this client is answered, though its program has not ended. */
  answerWithin(): number
  /** Resolves when the client of the current call has read all that it was sent but at most 1 MiB. */
  clientReady(): Promise<void>
}

export interface StepsPage {
  steps: ReadStep[]
  /** Position of the last of them. */
  after: string
  /** There are further ones. */
  more: boolean
}

export interface ShownRun extends RunSummary {
  /** The outcome so far, or at the end; null when it cannot be read. */
  outcome: ShownOutcome | null
}

export interface TaskCaller extends FileSource, Pick<RunsCaller, 'cancelRun'> {
  /** Promises to keep a run, so that it can be handed out as a task; null when too many are promised. */
  promiseTask(id: string): TaskRun | null
  /** The task of a run; null for an unknown run, and for a run that was never handed out. */
  findTask(id: string): TaskRun | null
}

export interface TaskRun extends ShownRun {
  /** Time until which the task is kept at least. Milliseconds since 1970. */
  task_until: number
}

/** Source of files' content. The first two may reject when the platform fails. */
export interface FileSource {
  /** A file's content, or null. For a file with more than `maxBytes` only the size. */
  readFile(path: string, maxBytes: number): Promise<{ body: ArrayBuffer; mime: string } | { bytes: number } | null>
  /** The file as a PNG or JPEG of at most `maxBytes`, or the reason why there is none. */
  readPicture(path: string, maxBytes: number): Promise<{ body: ArrayBuffer } | { reason: string }>
  /** A link that works without a token for an hour, or null when the server's address is unknown. */
  downloadUrl(path: string): Promise<string | null>
}

export interface LearningsCaller {
  /** Records a learning. `created` is false when it was there already. Throws LearningRefused. */
  addLearning(input: NewLearning): { learning: Learning; created: boolean }
  getLearning(id: string): Learning | null
  /** Best matches first; the newest ones for an empty search. `total`: the number of learnings of this kind. */
  searchLearnings(query: { search: string; kind?: LearningKind | undefined; limit: number }): {
    learnings: Learning[]
    total: number
  }
}

export interface SettingsCaller {
  /** Settings that the user changed. */
  changedSettings(): Overrides
  /** Stores a checked value. */
  setSetting(key: SettingKey, value: SettingValue): void
  /** Restores defaults: of one setting, or of all. */
  resetSetting(key: SettingKey): void
  resetSettings(): void
  capabilities(): Capabilities
  /**
   * Empties the working folder and removes the installed packages; refused while programs would lose their files. Throws RunnerError and
   * NoExecutor.
   */
  resetWorkspace(): Promise<{ files: number; packages: number }>
}

export interface PackagesCaller extends Pick<RunsCaller, 'clientReady'> {
  settings(): Settings
  /**
   * Installs specifiers into the workspace; a second installation waits. Aborting ends it without a change. Throws RunnerError and
   * NoExecutor.
   */
  install(specs: string[], timeoutS: number, signal: AbortSignal): AsyncGenerator<InstallEvent>
}

/** Facts about the session. Each may throw RunnerError or NoExecutor. */
export interface ContextSource {
  executor(): ExecutorName
  health(): Promise<Health>
  listFiles(): Promise<z.infer<typeof fileList>>
  /** Most bytes that the workspace may keep on disk. */
  quota(): number
  /** Milliseconds since 1970. */
  now(): number
  /** Learnings that have helped, the most useful first; and the number of all. */
  topLearnings(limit: number): { learnings: QuotedLearning[]; total: number }
  settings(): Settings
}

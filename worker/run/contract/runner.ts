/** A runner as runs use it. `runner/client.ts` is the one over HTTP. */
import * as z from 'zod'
import type { RefusedHost } from '../network/policy.ts'
import type { CheckedEvent, Health, InstallEvent, RunEvent, RunRequest } from './protocol.ts'
import type { CheckResult } from './check.ts'
import type { emptied, fileList, PackageList, UploadState } from './workspace.ts'

/** News of the workspace for the user of a run that has begun. */
export const workspaceNews = z.object({
  /** Time (ISO 8601) of the backup that was restored, until a run has reported it. */
  restored_from: z.string().max(40).nullable(),
  /** Set when the sandbox before this one had changes but no backup, until a run has reported it. */
  emptied: z.boolean(),
  unsaved: z.enum(['too_large', 'failed']).nullable(),
})
export type WorkspaceNews = z.infer<typeof workspaceNews>

/** Reason why the last changes of a workspace are not saved: it is `too_large`, or saving it `failed`. */
export type Unsaved = NonNullable<WorkspaceNews['unsaved']>

export const NO_NEWS: WorkspaceNews = { restored_from: null, emptied: false, unsaved: null }

/** What a wish to end a container came to: programs are running in it, or its files could not be saved. */
export type Stop = 'stopped' | 'busy' | 'unsaved'

/** A piece of a file that comes in several requests. */
export interface Piece {
  upload: string
  /** Byte of the file at which the piece begins. */
  from: number
  /** Of the whole file. */
  bytes: number
  /** Of the whole file, in hex digits: when it does not fit at the end, nothing is stored. */
  sha256?: string
}

/** One workspace of a runner. Every method throws RunnerError. */
export interface Runner {
  /** Resolves to whether the runner's container has to be started before a run can begin, which takes a while. */
  asleep(): Promise<boolean>
  /** Starts the container for a run, if need be; every other method does that by itself. */
  wake(): Promise<void>
  /** Starts the container ahead of time; false when it runs already. */
  warmUp(): Promise<boolean>
  /** Ends the container when nothing goes on in it and its files are saved. A runner without a container of its own lacks it. */
  stop?: () => Promise<Stop>
  health(): Promise<Health>
  /** Reads the syntax and imports of a program; runs nothing. `paths`: files that will be there when it runs. */
  check(code: string, paths: string[]): Promise<CheckResult>
  /**
   * Starts a run and yields its events, live. Ends without `exit` when the connection breaks. Leaving the loop closes the connection. `told`
   * is called before the first event: the workspace may be another one than when the run was asked for.
   */
  start(request: RunRequest, told?: (news: WorkspaceNews) => void): AsyncGenerator<RunEvent>
  /**
   * As `start`, but reads the program first: `checked` says what it says, and comes before all else. What it does not start may be started
   * by `start`. A runner that lacks this, or refuses it as a `bad_request`, may still do the one after the other.
   */
  checkAndStart?: (request: RunRequest, told?: (news: WorkspaceNews) => void) => AsyncGenerator<RunEvent | CheckedEvent>
  /** The events of a run after number `after`, then live. */
  attach(id: string, after: number): AsyncGenerator<RunEvent>
  /** Ends a run's process tree. Answers when it is gone; false when the runner does not know the run. */
  cancel(id: string): Promise<boolean>
  /** Installs packages; aborting ends the installation, which then changes nothing. */
  install(specs: string[], timeoutS: number, signal?: AbortSignal): AsyncGenerator<InstallEvent>
  listPackages(): Promise<PackageList>
  /** Removes one of the workspace's packages; resolves to `name==version`, null when there is none. */
  removePackage(name: string): Promise<string | null>
  /** Hosts that programs were refused within the last so many milliseconds. Starts nothing. */
  refusedHosts(withinMs: number): Promise<RefusedHost[]>
  listFiles(): Promise<z.infer<typeof fileList>>
  /** A file's response (status 200, body streaming), or null when there is none. */
  readFile(path: string): Promise<Response | null>
  /**
   * A file as a PNG or JPEG of at most `maxBytes`; null when there is no file. A RunnerError with the code `no_picture` has the reason for
   * none.
   */
  readPicture(path: string, maxBytes: number): Promise<Response | null>
  /** Deletes the workspace's files and packages. Resolves to their numbers. */
  reset(): Promise<z.infer<typeof emptied>>
  /** Ends all work in the workspace and deletes the whole of it, as when its user leaves. Resolves to the numbers. */
  wipe(): Promise<z.infer<typeof emptied>>
  writeFile(path: string, body: BodyInit): Promise<void>
  /** Stores a piece of a file, and with the last one the file. */
  writePiece(path: string, piece: Piece, body: BodyInit): Promise<UploadState>
  /** What there is of an upload, or null. */
  upload(path: string, id: string): Promise<UploadState | null>
  /** Removes what there is of an upload; false when there is nothing. */
  dropUpload(path: string, id: string): Promise<boolean>
  /** The response with files and folders as a compressed tar, or with all, in a folder `below`; null when one of them is not there. */
  readSeveral(paths: string[], below?: string): Promise<Response | null>
  /** Deletes a folder with all that is in it; resolves to the number of files, null when there is no folder. */
  deleteFolder(path: string): Promise<number | null>
  /** Deletes a file; false when there is none. */
  deleteFile(path: string): Promise<boolean>
}

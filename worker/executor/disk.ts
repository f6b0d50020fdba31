/**
 * Times at which a container's disk is restored from its backup, and saved. All state that must outlive the object is in its storage: the
 * container may outlive it, too.
 */
import * as z from 'zod'
import type { Unsaved, WorkspaceNews } from '../run/contract/runner.ts'
import { orElse, readStored, storedTime } from '../stored.ts'
import { type Backups, BackupTooLarge } from './backups.ts'

/** Name of the container whose disk has been restored. */
const RESTORED_KEY = 'restored_for'
/** Time of the backup that was restored, until a run has reported it. */
const NEWS_KEY = 'restored_from'
/** Set when the disk before this one had unsaved changes, until a run has reported it. */
const EMPTIED_KEY = 'emptied'
/** Time of the oldest unsaved change. Milliseconds since 1970. */
const CHANGED_KEY = 'changed_since'
/** Reason why the last attempt to save failed. */
const FAILED_KEY = 'unsaved'

const aTime = z.iso.datetime()
const whyUnsaved: z.ZodType<Unsaved> = z.enum(['too_large', 'failed'])

/** Interval at which a disk that changes all the time is saved nevertheless. */
const BUSY_MS = 300_000
/** Interval of such saves in a container that has been told to end. */
const LEAVING_MS = 60_000
/** Pause between a failed attempt to save and the next. */
const RETRY_S = 60
/** Most attempts to save the disk of a container that should sleep; until then it stays awake. */
const MAX_ATTEMPTS = 3

export interface DiskDeps {
  kv: SyncKvStorage
  backups: Backups
  /** Most bytes of a compressed part. */
  maxBytes: number
  /** Seconds without a change, and without a live run, after which a disk is saved. */
  idleS: () => number
  /** The version of the container's Python, such as `3.11`; whether it is busy; whether it has been told to end. */
  look: () => Promise<{ python: string; isBusy: boolean; isLeaving: boolean }>
  /** Calls `saveWhenIdle` after so many seconds, also when the object has been evicted by then. */
  schedule: (seconds: number) => Promise<void>
}

export class Disk {
  readonly #deps: DiskDeps
  readonly #kv: SyncKvStorage
  #changedAt = 0
  /** Changes since this object began. */
  #changes = 0
  #attempts = 0
  #savedAt = 0
  #saving: Promise<boolean> | undefined

  constructor(deps: DiskDeps) {
    this.#deps = deps
    this.#kv = deps.kv
  }

  /** Returns whether the disk of this container (named by its token) is complete. Only then may it be worked with, and saved. */
  isRestored(container: string): boolean {
    return this.#kv.get(RESTORED_KEY) === container
  }

  /** Restores the backup. Throws when that fails, and can be called again. */
  async restore(container: string): Promise<void> {
    const from = await this.#deps.backups.restore((await this.#deps.look()).python)
    if (from !== null) this.#kv.put(NEWS_KEY, from)
    else {
      this.#kv.delete(NEWS_KEY)
      if (this.#kv.get(CHANGED_KEY) !== undefined) this.#kv.put(EMPTIED_KEY, true)
    }
    this.#kv.delete(CHANGED_KEY)
    this.#kv.delete(FAILED_KEY)
    this.#kv.put(RESTORED_KEY, container)
  }

  /** News for the user of a run that has just begun. The fate of the disk before is told once. */
  news(): WorkspaceNews {
    const restored_from = orElse(readStored(aTime, this.#kv.get(NEWS_KEY)), null)
    const emptied = this.#kv.get(EMPTIED_KEY) === true
    for (const key of [NEWS_KEY, EMPTIED_KEY]) this.#kv.delete(key)
    return { restored_from, emptied, unsaved: orElse(readStored(whyUnsaved, this.#kv.get(FAILED_KEY)), null) }
  }

  /** Notes a request that may change the disk. Returns whether everything was saved until now. */
  async changes(): Promise<boolean> {
    this.#changedAt = Date.now()
    this.#changes++
    if (this.#kv.get(CHANGED_KEY) !== undefined) return false
    this.#kv.put(CHANGED_KEY, this.#changedAt)
    await this.#deps.schedule(this.#deps.idleS())
    return true
  }

  /** Takes back the last note: its request reached nobody, and everything had been saved before. */
  unchanged(): void {
    this.#kv.delete(CHANGED_KEY)
  }

  /** Saves the disk, or, while it is being worked with, schedules a later attempt. */
  async saveWhenIdle(): Promise<void> {
    const stored = this.#kv.get(CHANGED_KEY)
    if (stored === undefined) return
    const since = orElse(readStored(storedTime, stored), 0)
    const idleS = this.#deps.idleS()
    const { isBusy, isLeaving } = await this.#state()
    const recently = Date.now() - this.#changedAt < idleS * 1000
    const mayWait = isLeaving
      ? isBusy && Date.now() - this.#savedAt < LEAVING_MS
      : (recently || isBusy) && Date.now() - since < BUSY_MS
    if (mayWait) await this.#deps.schedule(idleS)
    else if (!(await this.#save())) await this.#deps.schedule(isLeaving ? idleS : RETRY_S)
  }

  /** Saves the disk before the container sleeps. Returns whether it may sleep. After several failed attempts the changes are given up. */
  async saveBeforeSleep(): Promise<boolean> {
    const before = this.#changedAt
    if (!(await this.saveNow()) && ++this.#attempts < MAX_ATTEMPTS) return false
    this.#attempts = 0
    return this.#changedAt === before
  }

  /** Saves the disk. Returns whether everything is saved now. */
  async saveNow(): Promise<boolean> {
    await this.#saving
    const isSaved = this.#kv.get(CHANGED_KEY) === undefined || (await this.#save())
    return isSaved && this.#kv.get(CHANGED_KEY) === undefined
  }

  /** Deletes the backup, as the user has deleted the workspace. */
  async forget(): Promise<void> {
    // A save under way would store its parts afterwards.
    await this.#saving
    await this.#deps.backups.delete()
    for (const key of [NEWS_KEY, EMPTIED_KEY, FAILED_KEY]) this.#kv.delete(key)
  }

  #save(): Promise<boolean> {
    this.#saving ??= this.#saveNow().finally(() => (this.#saving = undefined))
    return this.#saving
  }

  async #saveNow(): Promise<boolean> {
    // A change from now on may be missing in the backup.
    const before = this.#changes
    try {
      const { python, isBusy, isLeaving } = await this.#deps.look()
      await this.#deps.backups.save(python, this.#deps.maxBytes)
      this.#savedAt = Date.now()
      // A runner that leaves waits for word that its archive was stored.
      if (isLeaving) await this.#deps.backups.save(python, this.#deps.maxBytes)
      this.#kv.delete(FAILED_KEY)
      // This mark goes last: the object may be evicted in the middle.
      this.#kv.delete(CHANGED_KEY)
      if (isBusy || this.#changes !== before) await this.changes()
      return true
    } catch (error) {
      console.error(JSON.stringify({ event: 'backup_failed', error: String(error) }))
      this.#kv.put(FAILED_KEY, (error instanceof BackupTooLarge ? 'too_large' : 'failed') satisfies Unsaved)
      return false
    }
  }

  async #state(): Promise<{ isBusy: boolean; isLeaving: boolean }> {
    try {
      return await this.#deps.look()
    } catch {
      return { isBusy: false, isLeaving: false } // a runner that does not answer will show it when the archive is asked for
    }
  }
}

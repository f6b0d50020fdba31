/**
 * The one server of a state folder: two would take each other's live runs away. The folder names it, so that a second start, the demo and
 * the smoke test find it.
 */
import { randomBytes } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { CannotStart } from '../cannot-start.ts'
import { endOrphans } from './orphans.ts'
import { identityOf, startOf } from './processes.ts'

const entrySchema = z.object({
  pid: z.int().positive(),
  /** Time of that process's start, as the system gives it: a process id alone may be somebody else's by now. */
  started: z.string(),
  /** Processes that it started and that keep their environment to themselves. */
  children: z.array(z.object({ pid: z.int().positive(), started: z.string(), command: z.string() })).default([]),
  /** Mark in the environment of every process that it started. */
  marker: z.string(),
  /** Its address, null until it answers. */
  origin: z.url({ protocol: /^http$/ }).nullable(),
})
type Entry = z.infer<typeof entrySchema>

/** A variable of the environment by which all processes of one start are known. */
export const MARKER_NAME = 'MCP_CODE_MODE_DEV'

export interface Claim {
  /** Mark for the environment of every process that is started. */
  marker: string
  /** Remembers a process that was started, for a server that takes the folder over. */
  started(pid: number): void
  /** Publishes the address at which it answers. */
  serves(origin: string): void
  /** Gives the folder back. Does nothing when another server has it by now. */
  release(): void
}

/** Takes a state folder for this process. Throws CannotStart when a server lives there; processes that a dead one has left are ended. */
export async function claimStateFolder(folder: string): Promise<Claim> {
  let entry: Entry = {
    pid: process.pid,
    started: startOf(process.pid) ?? '',
    children: [],
    marker: randomBytes(16).toString('hex'),
    origin: null,
  }
  while (!tryLink(folder, entry)) await takeAwayStale(folder)
  const isOurs = () => readEntry(fileIn(folder))?.marker === entry.marker
  const change = (changed: Partial<Entry>) => {
    entry = { ...entry, ...changed }
    if (isOurs()) renameSync(draftOf(folder, entry), fileIn(folder))
  }
  return {
    marker: entry.marker,
    started(pid) {
      const child = identityOf(pid)
      if (child !== null) change({ children: [...entry.children, child] })
    },
    serves: (origin) => change({ origin }),
    release() {
      if (isOurs()) rmSync(fileIn(folder), { force: true })
    },
  }
}

/** The server that lives in a state folder; null: none does. */
export function runningServer(folder: string): { pid: number; origin: string | null } | null {
  const entry = readEntry(fileIn(folder))
  return entry !== null && isAlive(entry) ? entry : null
}

async function takeAwayStale(folder: string): Promise<void> {
  const found = readEntry(fileIn(folder))
  if (found !== null && isAlive(found)) throw new CannotStart(isTaken(folder, found))
  // The entry goes last: it alone says which processes are its.
  if (found !== null) await endWhatIsLeft(found)
  // Renamed rather than removed: of two starts at once only one gets it, and sees when it was another's new one.
  const aside = `${fileIn(folder)}.${process.pid}.stale`
  try {
    renameSync(fileIn(folder), aside)
  } catch {
    return // another start was faster: the next try meets it
  }
  const taken = readEntry(aside)
  if (taken !== null && isAlive(taken)) {
    tryToLink(aside, fileIn(folder))
    rmSync(aside, { force: true })
    throw new CannotStart(isTaken(folder, taken))
  }
  if (taken !== null && taken.marker !== found?.marker) await endWhatIsLeft(taken)
  rmSync(aside, { force: true })
}

function endWhatIsLeft({ marker, children }: Entry): Promise<void> {
  return endOrphans(`${MARKER_NAME}=${marker}`, children)
}

function isTaken(folder: string, { pid, origin }: Entry): string {
  const where = origin === null ? `is starting over ${folder}` : `runs at ${origin} already, over ${folder}`
  return `A server ${where} (process ${pid}). Fix: use it, end it with "kill ${pid}", or keep this one's state elsewhere: --persist-to DIR.`
}

function tryLink(folder: string, entry: Entry): boolean {
  const draft = draftOf(folder, entry)
  try {
    return tryToLink(draft, fileIn(folder))
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Makes the link. Returns whether nothing was there. A link comes with its whole content, or not at all. */
function tryToLink(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function draftOf(folder: string, entry: Entry): string {
  const draft = `${fileIn(folder)}.${process.pid}`
  writeFileSync(draft, `${JSON.stringify(entry)}\n`, { mode: 0o600 })
  return draft
}

/** The entry in a file; null when none can be read. */
function readEntry(file: string): Entry | null {
  try {
    return entrySchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null // not there, or not written by a server of ours
  }
}

function fileIn(folder: string): string {
  return join(folder, 'server.json')
}

function isAlive({ pid, started }: Entry): boolean {
  return startOf(pid) === started
}

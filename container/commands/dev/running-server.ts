/**
 * One state folder has one server: two would take each other's live runs away. Which one it is stands in the folder, so that a second
 * start, the demo and the smoke test find it.
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
  /** When that process started, as the system tells it: a process id alone may be somebody else's by now. */
  started: z.string(),
  /** What it started and what keeps its environment to itself. */
  children: z.array(z.object({ pid: z.int().positive(), started: z.string(), command: z.string() })).default([]),
  /** In the environment of everything that it started. */
  marker: z.string(),
  /** Null until it answers. */
  origin: z.url({ protocol: /^http$/ }).nullable(),
})
type Entry = z.infer<typeof entrySchema>

/** A variable of the environment by which everything that one start has started is known. */
export const MARKER_NAME = 'MCP_CODE_MODE_DEV'

export interface Claim {
  /** For the environment of all that is started. */
  marker: string
  /** Remembers a process that was started, for whoever takes the folder over. */
  started(pid: number): void
  /** Tells others where it answers. */
  serves(origin: string): void
  /** Gives the folder back. Does nothing when it is somebody else's by now. */
  release(): void
}

/**
 * Takes a state folder for this process. Throws CannotStart when a server lives there; what a dead one has left running is ended.
 */
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
  // Before the entry goes: it alone says which processes are its.
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

/** Whether nothing was there. A link comes with its whole content, or not at all. */
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

/** Null when there is none that can be read. */
function readEntry(file: string): Entry | null {
  try {
    return entrySchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null // not there, or nothing that a server of ours has written
  }
}

function fileIn(folder: string): string {
  return join(folder, 'server.json')
}

function isAlive({ pid, started }: Entry): boolean {
  return startOf(pid) === started
}

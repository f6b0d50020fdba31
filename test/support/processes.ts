/** What is alive on this machine, read from /proc (Linux only). */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export const hasProc = process.platform === 'linux'

export interface FoundProcess {
  pid: number
  command: string
}

/**
 * Processes which carry a marker in their command line, environment or working folder, without this one. A forked process has
 * the environment of the one it was forked from, so a program is best found by its working folder.
 */
export function processesOf(marker: string): FoundProcess[] {
  return allPids()
    .filter((pid) => pid !== process.pid)
    .flatMap((pid) => {
      const command = commandOf(pid)
      const traces = [command, read(pid, 'environ'), workingFolder(pid)]
      return traces.some((trace) => trace.includes(marker)) ? [{ pid, command }] : []
    })
}

/** A process's descendants, itself not included. */
export function descendantsOf(pid: number): number[] {
  const parents = new Map(allPids().map((each) => [each, parentOf(each)]))
  const found = new Set([pid])
  for (let before = 0; before !== found.size;) {
    before = found.size
    for (const [child, parent] of parents) if (parent !== undefined && found.has(parent)) found.add(child)
  }
  found.delete(pid)
  return [...found]
}

/** The process from which a runner has those forked that read programs. It is forked from the runner, whose command line it has. */
export function checkerSourceOf(runner: number): number {
  const found = descendantsOf(runner).filter(
    (pid) => parentOf(pid) === runner && commandOf(pid) === commandOf(runner) && isAlive(pid),
  )
  if (found.length !== 1) throw new Error(`${found.length} processes of the runner ${runner} could be it`)
  return found[0]!
}

/** The processes that read programs for a runner. */
export function checkersOf(runner: number): number[] {
  return descendantsOf(checkerSourceOf(runner))
    .filter(isAlive)
    .toSorted((a, b) => a - b)
}

/** Whether a process runs; one that has ended and only waits to be read does not. */
export function isAlive(pid: number): boolean {
  return /^State:\s+[^ZX]/m.test(read(pid, 'status'))
}

/** A process's command line, words parted by spaces. */
export function commandOf(pid: number): string {
  return read(pid, 'cmdline').replaceAll('\0', ' ').trim()
}

/** A process's ancestors below `top`, the nearest first. */
export function ancestorsBelow(top: number, pid: number): number[] {
  const parent = parentOf(pid)
  if (parent === undefined || parent <= 1) throw new Error(`process ${pid} is not below ${top}`)
  return parent === top ? [] : [parent, ...ancestorsBelow(top, parent)]
}

export function environmentOf(pid: number): string {
  return read(pid, 'environ')
}

/** Resident memory of a process in bytes: now, or its peak since the peak was last forgotten. */
export function memoryOf(pid: number, what: 'VmRSS' | 'VmHWM'): number {
  const kib = new RegExp(`^${what}:\\s+(\\d+) kB`, 'm').exec(read(pid, 'status'))?.[1]
  if (kib === undefined) throw new Error(`process ${pid} is gone`)
  return Number(kib) * 1024
}

/** What a process has open: paths of files, kinds of pipes and connections. Empty: it has ended. */
export function descriptorsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => linkOf(`/proc/${pid}/fd/${fd}`))
  } catch {
    return []
  }
}

function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** Undefined: it has ended. */
export function parentOf(pid: number): number | undefined {
  const ppid = /^PPid:\s+(\d+)/m.exec(read(pid, 'status'))?.[1]
  return ppid === undefined ? undefined : Number(ppid)
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    return '' // it ended while we looked, or it is somebody else's
  }
}

function workingFolder(pid: number): string {
  return linkOf(`/proc/${pid}/cwd`)
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return '' // closed meanwhile, a zombie's, or somebody else's
  }
}

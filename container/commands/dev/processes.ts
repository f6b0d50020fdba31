/** The system's facts about processes: from /proc on Linux, from `ps` elsewhere. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** A process id alone may be another process's by now; with these two it is not. */
export interface ProcessIdentity {
  pid: number
  /** Time of its start, in the system's own words. */
  started: string
  command: string
}

/** A process's identity; null: there is none, or it has ended. */
export function identityOf(pid: number): ProcessIdentity | null {
  const started = startOf(pid)
  return started === null ? null : { pid, started, command: commandOf(pid) }
}

/** Time of a process's start, in the system's own words; null: there is none. */
export function startOf(pid: number): string | null {
  if (process.platform !== 'linux') return ps(pid, 'lstart')
  const fields = statOf(pid)
  return fields === null || isDead(fields) ? null : (fields[19] ?? null)
}

/** Its parent's process id; null where only `ps` could tell, or when it has ended. */
export function parentOf(pid: number): number | null {
  const fields = process.platform === 'linux' ? statOf(pid) : null
  return fields === null ? null : Number(fields[1])
}

/** The name of its executable, such as "sh"; null where only `ps` could tell, or when it has ended. */
export function nameOf(pid: number): string | null {
  return process.platform === 'linux' ? read(pid, 'comm').trim() || null : null
}

/** A process's environment. Empty for another user's process, and for one that hides it. Linux only. */
export function environmentOf(pid: number): string {
  return read(pid, 'environ')
}

/** Returns whether it is gone with all its threads: until then it holds its ports. */
export function hasEnded(pid: number): boolean {
  if (process.platform !== 'linux') return ps(pid, 'lstart') === null
  const fields = statOf(pid)
  return fields === null || (isDead(fields) && threadsOf(pid) <= 1)
}

function commandOf(pid: number): string {
  if (process.platform !== 'linux') return ps(pid, 'command') ?? ''
  return read(pid, 'cmdline').replaceAll('\0', ' ').trim()
}

/** The fields from the third on: the second one, a name in parentheses, may hold blanks and parentheses. */
function statOf(pid: number): string[] | null {
  const stat = read(pid, 'stat')
  return stat === '' ? null : stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function isDead([state]: string[]): boolean {
  return state === 'Z' || state === 'X'
}

function threadsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length
  } catch {
    return 0 // it is gone
  }
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    return '' // it is gone, or somebody else's
  }
}

function ps(pid: number, field: string): string | null {
  const { status, stdout } = spawnSync('ps', ['-ww', '-o', `${field}=`, '-p', String(pid)], { encoding: 'utf8' })
  return status === 0 && stdout.trim() !== '' ? stdout.trim() : null
}

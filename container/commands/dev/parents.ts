/** npm and its shell, which start a command of ours and can end without a word to it. */
import { nameOf, parentOf } from './processes.ts'

const CHECK_MS = 500
const SHELLS: ReadonlySet<string | null> = new Set(['sh', 'bash', 'dash'])

/** Calls `end` when npm started this process and is gone, or its shell is. Does nothing for a process that npm did not start. */
export function whenParentsEnd(end: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return
  const shell = process.ppid
  // A shell that has become this process leaves npm as its parent, and npm's own parent may end at will.
  const npm = SHELLS.has(nameOf(shell)) ? parentOf(shell) : null
  // npm passes a SIGTERM on to its shell, which ends of it; when npm is killed, the shell stays.
  const isGone = () => process.ppid !== shell || (npm !== null && parentOf(shell) !== npm)
  setInterval(() => isGone() && end(), CHECK_MS).unref()
}

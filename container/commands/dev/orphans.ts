/** Ends processes that a killed server has left running. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { environmentOf, hasEnded, identityOf, type ProcessIdentity } from './processes.ts'

/** Longest time that a killed process may take to be gone; one that waits for a disk can take longer. */
const END_TIMEOUT_MS = 5_000
const END_CHECK_MS = 20

/**
 * Kills every process that has this text in its environment, and those of `recorded` that are still the same processes. Resolves when all
 * of them are gone, and with them the ports that they held, or after 5 s.
 */
export async function endOrphans(marker: string, recorded: ProcessIdentity[] = []): Promise<void> {
  const deadline = Date.now() + END_TIMEOUT_MS
  const killed = new Set<number>()
  for (;;) {
    const same = recorded.filter((one) => isSame(one, identityOf(one.pid))).map(({ pid }) => pid)
    const found = [...withEnvironment(marker), ...same]
    for (const pid of found) kill(pid, killed)
    if ([...killed].every(hasEnded) || Date.now() > deadline) return
    await setTimeout(END_CHECK_MS)
  }
}

function isSame(one: ProcessIdentity, other: ProcessIdentity | null): boolean {
  return other !== null && one.started === other.started && one.command === other.command
}

function kill(pid: number, killed: Set<number>): void {
  if (pid === process.pid) return
  killed.add(pid)
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has ended meanwhile
  }
}

/** Processes of this user with this text in their environment. */
function withEnvironment(marker: string): number[] {
  if (process.platform === 'linux') {
    const pids = readdirSync('/proc').map(Number).filter(Number.isInteger)
    return pids.filter((pid) => environmentOf(pid).includes(marker))
  }
  // macOS and the BSDs show it so.
  const { stdout } = spawnSync('ps', ['-axwwE', '-o', 'pid=,command='], { encoding: 'utf8', maxBuffer: 1 << 26 })
  return (stdout ?? '')
    .split('\n')
    .filter((line) => line.includes(marker))
    .map((line) => parseInt(line, 10))
}

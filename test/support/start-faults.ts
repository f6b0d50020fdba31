/** Programs whose start is disturbed: its processes are killed or stopped on the way, and then it is counted how often the program ran. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { run } from '../../worker/run/execution/run.ts'
import { platformErrorWords } from '../../worker/run/words/platform.ts'
import { ancestorsBelow, commandOf, descendantsOf, isAlive } from './processes.ts'
import type { RunningRunner } from './runner.ts'

/** Leaves one line for each time that it runs. */
const PAYMENT = `
import os
os.write(os.open('paid.txt', os.O_WRONLY | os.O_CREAT | os.O_APPEND), b'paid\\n')
print('paid')
`

const SETTLE_MS = 200
const CHAIN = 3 // the fork server, the monitor, and the process that becomes the program

/** The processes that the next program will be started by, from the fork server down to the one that becomes the program. */
export type Chain = number[]

/** Waits until the next start is prepared. */
export async function nextChain(runner: RunningRunner): Promise<Chain> {
  const health = () => runner.client('w1').health()
  await until('the fork server is ready', async () => (await health()).start['bare'] === 'ready')
  let chain: Chain = []
  await until('a process waits for a program', () => {
    chain = descendantsOf(runner.pid)
      .filter(isAlive)
      .map((pid) => above(runner.pid, pid))
      .filter(([server]) => server !== undefined && commandOf(server).endsWith(' bare'))
      .reduce((longest, each) => (each.length > longest.length ? each : longest), [])
    return chain.length === CHAIN
  })
  return chain
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 30_000; !(await holds()); await wait(5))
    if (performance.now() > end) throw new Error(`not within 30 s: ${what}`)
}

/** Empty when the process has just ended. */
function above(top: number, pid: number): Chain {
  try {
    return [...ancestorsBelow(top, pid).toReversed(), pid]
  } catch {
    return []
  }
}

export interface Payment {
  /** How often the program ran. */
  ran: number
  /** What the caller is told: the outcome's status, or the platform's words. */
  told: string
}

/**
 * Runs the program as the session does, and disturbs it from the moment on in which it is sent to the runner; `afterwards` is done when
 * the caller has been told.
 */
export async function pay(
  runner: RunningRunner,
  workspace: string,
  disturb: () => Promise<void>,
  {
    afterwards = () => {},
    cancelled = new AbortController().signal,
  }: { afterwards?: () => void; cancelled?: AbortSignal } = {},
): Promise<Payment> {
  let disturbed = Promise.resolve()
  const told = await toldOf(runner, workspace, cancelled, () => {
    disturbed = disturb()
  })
  await disturbed
  afterwards()
  // What was held up, or was asked to end, has had its turn when no run is live, and a moment has passed.
  const client = runner.client(workspace)
  const live = () => client.health().then(({ live_runs }) => live_runs)
  await until('no run is live', async () => (await live().catch(() => (isAlive(runner.pid) ? 1 : 0))) === 0)
  await wait(SETTLE_MS)
  return { ran: await linesOf(join(runner.root, workspace, 'files', 'paid.txt')), told }
}

async function toldOf(
  runner: RunningRunner,
  workspace: string,
  signal: AbortSignal,
  starting: () => void,
): Promise<string> {
  const input = {
    id: 'r_pay',
    code: PAYMENT,
    timeout_s: 30,
    packages: { auto_install: false, allowed_packages: [], blocked_packages: [], network: 'open' as const },
    max_output_bytes: 1_000_000,
    orphan_grace_s: 30,
    install_timeout_s: 300,
  }
  const client = runner.client(workspace)
  const deps = { runner: client, executor: 'local' as const, signal, wait, now: Date.now, spent: () => {} }
  try {
    const marks = { sent: starting, read: () => {}, held: () => {} }
    for await (const step of run(input, deps, marks)) if (step.type === 'outcome') return step.outcome.status
    return 'no outcome'
  } catch (error) {
    return platformErrorWords(error)
  }
}

async function linesOf(path: string): Promise<number> {
  try {
    return (await readFile(path, 'utf8')).split('\n').length - 1
  } catch {
    return 0
  }
}

/** At most once; once when the caller was told a success; never when they were told that nothing ran. */
export function expectTruth({ ran, told }: Payment, what: string): void {
  const most = /nothing of (?:it|the program) ran/i.test(told) ? 0 : 1
  const least = told === 'success' ? 1 : 0
  if (ran < least || ran > most) throw new Error(`${what}: it ran ${ran} times, and the caller was told: ${told}`)
}

/** Signals a process, if it is still there. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/**
 * Starts programs and kills or stops a process of the start, or the runner, at a moment that is swept over the whole start:
 * `node test/bench/start-faults.ts [trials] [plain|fork]`. Prints how often each end was told and how often the program ran; fails when one ran twice,
 * or ran though the caller was told that it had not.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { expectTruth, nextChain, pay, signal } from '../support/start-faults.ts'
import { type RunningRunner, startRunner } from '../support/runner.ts'

const TRIALS = Number(process.argv[2] ?? 400)
const start = process.argv[3] === 'plain' ? 'plain' : 'fork'
/** Milliseconds from the request over which the disturbance is swept. */
const SWEEP_MS = 40
/** Milliseconds for which a process is stopped. */
const HELD_MS = [30, 300]

const told = new Map<string, number>()
let runner: RunningRunner = await startRunner({ start })
for (let trial = 0; trial < TRIALS; trial++) {
  const chain = [runner.pid, ...(await nextChain(runner))]
  const victim = trial % chain.length
  const pid = chain[victim]!
  const kind = Math.floor(trial / chain.length) % 3
  const at = (SWEEP_MS * trial) / TRIALS
  const paid = await pay(runner, `w${trial}`, async () => {
    await wait(at)
    signal(pid, kind === 0 ? 'SIGKILL' : 'SIGSTOP')
    if (kind === 0) return
    await wait(HELD_MS[kind - 1])
    signal(pid, 'SIGCONT')
  })
  expectTruth(paid, `${kind === 0 ? 'SIGKILL' : 'SIGSTOP'} to ${victim} after ${at} ms`)
  const said = `${paid.told.slice(0, 60)}: ran ${paid.ran}`
  told.set(said, (told.get(said) ?? 0) + 1)
  if (victim === 0 && kind === 0) {
    await runner.stop()
    runner = await startRunner({ start })
  }
}
await runner.stop()
console.table([...told].toSorted(([a], [b]) => a.localeCompare(b)))

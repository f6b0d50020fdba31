/** A program begins at most once, and "nothing ran" is true, whatever is killed or held up while it is started. */
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { hasProc } from '../../support/processes.ts'
import { expectTruth, nextChain, pay, signal } from '../../support/start-faults.ts'
import { type Contract, newWorkspace, run } from './context.ts'

/** Long enough for a request to get to what is stopped. Were it not, the test would only try less. */
const STEP_MS = 150

export function starting(the: Contract): void {
  test.skipIf(!hasProc)(
    'one process of a start is held up, and one is killed meanwhile',
    { timeout: 180_000 },
    async () => {
      await using other = await the.start()
      const { length } = await nextChain(other)
      for (let held = 0; held < length; held++) {
        for (let killed = 0; killed < length; killed++) {
          const chain = await nextChain(other)
          signal(chain[held]!, 'SIGSTOP')
          const paid = await pay(other, newWorkspace(), async () => {
            await wait(STEP_MS)
            signal(chain[killed]!, 'SIGKILL')
            await wait(STEP_MS)
            signal(chain[held]!, 'SIGCONT')
          })
          expectTruth(paid, `${held} of ${length} held up, ${killed} killed`)
        }
      }
      expect((await run(other, 'print(1)')).stdout).toBe('1\n')
    },
  )

  test.skipIf(!hasProc)(
    'a start is held up for longer than the runner waits for it',
    { timeout: 180_000 },
    async () => {
      const { length } = await nextChain(the.runner)
      const holdUp = async (held: number) => {
        await using other = await the.start()
        const chain = await nextChain(other)
        signal(chain[held]!, 'SIGSTOP')
        const resume = () => signal(chain[held]!, 'SIGCONT')
        const paid = await pay(other, newWorkspace(), () => Promise.resolve(), { afterwards: resume })
        expectTruth(paid, `${held} of ${length} held up`)
        // It was started again, by another fork server.
        expect(paid).toEqual({ ran: 1, told: 'success' })
      }
      await Promise.all(Array.from({ length }, (_, held) => holdUp(held)))
    },
  )

  test.skipIf(!hasProc)(
    'a runner that is held up for longer than its client waits begins nothing',
    { timeout: 180_000 },
    async () => {
      await using other = await the.start()
      await nextChain(other)
      const workspace = newWorkspace()
      await other.client(workspace).check('', []) // a connection that is open already
      const stop = async () => signal(other.pid, 'SIGSTOP')
      const paid = await pay(other, workspace, stop, { afterwards: () => signal(other.pid, 'SIGCONT') })
      expect(paid).toEqual({ ran: 0, told: expect.stringContaining('did not answer') })
    },
  )

  test('a start that is cancelled does not begin', async () => {
    await using other = await the.start()
    const [, , ...programs] = await nextChain(other)
    for (const pid of programs) signal(pid, 'SIGSTOP')
    const workspace = newWorkspace()
    const cancelled = new AbortController()
    const paid = await pay(
      other,
      workspace,
      async () => {
        await wait(STEP_MS)
        cancelled.abort()
        await wait(STEP_MS)
        for (const pid of programs) signal(pid, 'SIGCONT')
      },
      { cancelled: cancelled.signal },
    )
    expect(paid).toEqual({ ran: 0, told: 'cancelled' })
  })
}

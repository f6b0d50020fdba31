/** The runner, or its whole container, is killed at a random moment of a run: that is said, nothing that is kept is lost, and the next call works. */
import { expect, test } from 'vitest'
import { newUser, outcomeOf, type User } from './support/user.ts'

const RUNS = 20
/** When a run of the program below, the start of its container included, is about over. */
const LAST_MOMENT_MS = 1_000
const TEST_MS = 300_000

/** Fails at its end, so that there would be something to learn. */
const PROGRAM = `import time
for n in range(20):
    print(n)
    time.sleep(0.03)
raise ValueError("no columns")
`

/** What a user would miss. */
async function kept({ http }: User) {
  const read = async <T>(path: string) => (await (await http('GET', path)).json()) as T
  return {
    learnings: (await read<{ learnings: { id: string }[] }>('/learnings')).learnings.map(({ id }) => id),
    retries: (await read<{ max_retries: number }>('/config')).max_retries,
    runs: (await read<{ runs: { run_id: string }[] }>('/runs')).runs.map(({ run_id }) => run_id),
  }
}

test.concurrent.each(['the runner', 'the container'])(
  '%s killed at random moments of 20 runs',
  { timeout: TEST_MS },
  async (victim) => {
    const user = await newUser()
    const learning = { kind: 'error', problem: 'KeyError: price', solution: 'check the key', context: '', tags: [] }
    expect((await user.http('POST', '/learnings/import', [learning])).status).toBe(200)
    await user.http('POST', '/config', { max_retries: 1 })
    let before = await kept(user)
    expect(before).toMatchObject({ learnings: [expect.any(String)], retries: 1 })
    for (let n = 0; n < RUNS; n++) {
      const moment = Math.floor(Math.random() * LAST_MOMENT_MS)
      const run = user.run(PROGRAM, { description: 'read the columns' })
      await scheduler.wait(moment)
      await (victim === 'the runner' ? user.host('runner', 'SIGKILL') : user.host('destroy'))
      const { run_id, status, error, hints, stdout } = outcomeOf(await run)
      const words = [error?.message, ...hints].join(' ')
      const what = `killed after ${moment} ms: ${status} ${words}`
      // It may have been over before, or not have begun: then it ran as it would have otherwise.
      if (!(status === 'error' && error?.type === 'ValueError')) {
        expect(['lost', 'error'], what).toContain(status)
        expect(words).toMatch(/Next: /)
        if (stdout !== '') expect(status, what).toBe('lost')
      }

      const after = await kept(user)
      expect(after.learnings, what).toEqual(expect.arrayContaining(before.learnings))
      expect(after.retries).toBe(1)
      expect(after.runs, what).toEqual([run_id, ...before.runs])
      const next = outcomeOf(await user.run('print("works")'))
      expect(next, `${what}, then ${next.error?.message}`).toMatchObject({ status: 'success', stdout: 'works\n' })
      before = await kept(user)
    }
  },
)

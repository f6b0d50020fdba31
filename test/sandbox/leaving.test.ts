/** A container that the platform tells to end, as in a roll-out: its programs go on for a while, nothing is lost, and what is new gets another one. */
import { runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { runFrames } from '../session/support/events.ts'
import { newUser, outcomeOf, type User } from './support/user.ts'

const LIST = 'import os; print(sorted(os.listdir(".")))'
const RESTORED = /^This is a new sandbox: files and packages were restored as they had been saved at .* UTC\./
const write = (name: string) => `open("${name}", "w").write("x")`

/** A user whose container has a file that is not saved yet; every so many seconds somebody looks whether it can be. */
async function newWriter(idleS: number): Promise<User> {
  const user = await newUser()
  user.machine.idleS = idleS
  await runInDurableObject(user.sandbox(), (object) => {
    object.idleS = idleS
  })
  await user.run(write('before.txt'))
  return user
}

async function toldToEnd(user: User): Promise<void> {
  await user.host('stop')
  await expect.poll(async () => (await user.runner.health()).leaving, { timeout: 30_000 }).toBe(true)
}

test('a live run goes on to its end, a new one is told to come back, and all changes are there afterwards', async () => {
  const user = await newWriter(1)
  const code = `import os, time
print("begun", flush=True)
while not os.path.exists("go"): time.sleep(0.02)
${write('after.txt')}
print("done")`
  const response = await user.http('POST', '/runs', { code, timeout: 300 })
  const seen = []
  for await (const frame of runFrames(response)) {
    seen.push(frame)
    if (frame.data.text?.includes('begun') !== true) continue
    await toldToEnd(user)
    const { status, error } = outcomeOf(await user.run('print("new")'))
    expect({ status, message: error?.message }).toEqual({
      status: 'error',
      message:
        'The platform is replacing the sandbox, as after a new version of this server, but a program still runs in it, or its files are not saved yet. Nothing of the program ran. Next: wait for the program to end or cancel it (the tool runs), then call again.',
    })
    await user.runner.writeFile('go', '')
  }
  expect(outcomeOf(seen)).toMatchObject({ status: 'success', stdout: 'begun\ndone\n' })
  // It goes by itself, as everything has been fetched.
  await expect.poll(() => user.machine.port, { timeout: 30_000 }).toBeNull()
  const next = outcomeOf(await user.run(LIST))
  expect(next).toMatchObject({ status: 'success', stdout: "['after.txt', 'before.txt', 'go']\n" })
  expect(next.hints).toEqual([expect.stringMatching(RESTORED)])
  expect(user.machine.started).toHaveLength(2)
})

test('where nothing lives, what is new runs in the next container, with everything that was changed in this one', async () => {
  const user = await newWriter(100)
  await toldToEnd(user)
  const outcomes = (await Promise.all([1, 2].map(() => user.run(LIST)))).map(outcomeOf)
  for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 'success', stdout: "['before.txt']\n" })
  expect(outcomes.flatMap(({ hints }) => hints)).toEqual([expect.stringMatching(RESTORED)])
  expect(user.machine.started).toHaveLength(2)
})

test('a package is installed into the next container, too', async () => {
  const user = await newWriter(100)
  await toldToEnd(user)
  const events = await Array.fromAsync(user.runner.install(['demo'], 60))
  expect(events.at(-1)).toMatchObject({ type: 'done', status: 'success' })
  expect(outcomeOf(await user.run(`import demo; ${LIST}`))).toMatchObject({ stdout: "['before.txt']\n" })
  expect(user.machine.started).toHaveLength(2)
})

test('a run that takes too long is lost in words, and what it had written is kept', async () => {
  const user = await newUser()
  user.machine.leaveS = 2
  user.machine.idleS = 1
  // The line is one write, so it comes in one piece.
  const code = `${write('part.txt')}\nprint("begun\\n", end="")\nimport time\ntime.sleep(250)`
  const response = await user.http('POST', '/runs', { code, timeout: 300 })
  const seen = []
  for await (const frame of runFrames(response)) {
    seen.push(frame)
    if (frame.event === 'stdout') await user.host('stop')
  }
  expect(outcomeOf(seen)).toMatchObject({ status: 'lost', stdout: 'begun\n' })
  expect(outcomeOf(seen).hints).toEqual([
    'The sandbox was stopped by the platform in the middle of the run, which was ended with it. Files that were not saved yet may be gone, list them first. Next: call again.',
  ])
  await expect.poll(() => user.machine.port, { timeout: 40_000 }).toBeNull()
  expect(outcomeOf(await user.run(LIST)).stdout).toBe("['part.txt']\n")
})

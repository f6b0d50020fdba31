/** A container that has ended, or answers nothing any more, without anybody having noticed: what is told of it is true, at once, and the next program runs. */
import { env, runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import type { Env } from '../../worker/env.ts'
import { runFrames } from '../session/support/events.ts'
import { newUser, outcomeOf, statusesOf, type User } from './support/user.ts'

const BUCKET = (env as Env).BACKUP_BUCKET!
const LIST = 'import os; print(sorted(os.listdir(".")))'
const RESTORED = /^This is a new sandbox: files and packages were restored as they had been saved at .* UTC\./

const write = (name: string) => `open("${name}", "w").write("x")`

async function save(user: User): Promise<void> {
  await runInDurableObject(user.sandbox(), async (object) => {
    object.idleS = 0
    await object.saveWhenIdle()
  })
}

/** A user with a saved file, another one that could not be saved, and a container that is gone, which nobody has noticed. */
async function bereaved(): Promise<User> {
  const user = await newUser()
  user.machine.idleS = 100
  await user.run(write('saved.txt'))
  await save(user)
  await user.run(write('lost.txt'))
  user.machine.storesNothing = true
  await save(user)
  user.machine.storesNothing = false
  user.machine.endsUnnoticed = true
  await user.host('destroy')
  return user
}

test('the first result after a container has died unnoticed says what has become of the files, and is saved', async () => {
  const user = await bereaved()
  expect(await user.sandbox().asleep()).toBe(false)
  const first = await user.run(`${LIST}; ${write('new.txt')}`)
  expect(outcomeOf(first)).toMatchObject({ status: 'success', stdout: "['saved.txt']\n" })
  expect(outcomeOf(first).restored_from).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  expect(outcomeOf(first).hints).toEqual([expect.stringMatching(RESTORED)])
  const second = outcomeOf(await user.run('print(1)'))
  expect({ hints: second.hints, restored_from: second.restored_from }).toEqual({ hints: [] })
  await save(user)
  await user.host('destroy')
  expect(outcomeOf(await user.run(LIST)).stdout).toBe("['new.txt', 'saved.txt']\n")
})

test('an upload goes into the container that takes the place of the one that has died, and is saved before a sleep', async () => {
  const user = await bereaved()
  await user.runner.writeFile('new.txt', 'x')
  await runInDurableObject(user.sandbox(), (object) => object.onActivityExpired())
  await expect.poll(() => user.machine.port, { timeout: 30_000 }).toBeNull()
  expect(outcomeOf(await user.run(LIST)).stdout).toBe("['new.txt', 'saved.txt']\n")
})

test('whoever installs or lists files first takes no news away from the next program', async () => {
  const user = await bereaved()
  await user.runner.listFiles()
  const events = await Array.fromAsync(user.runner.install(['demo'], 60))
  expect(events.at(-1)).toMatchObject({ type: 'done', status: 'success' })
  expect(outcomeOf(await user.run('print(1)')).hints).toEqual([expect.stringMatching(RESTORED)])
})

test('a container that ended before anything was saved is said to be gone, once', async () => {
  const user = await newUser()
  user.machine.idleS = 100
  expect(outcomeOf(await user.run(write('lost.txt'))).hints).not.toContainEqual(expect.stringContaining('new sandbox'))
  user.machine.endsUnnoticed = true
  await user.host('destroy')
  const { stdout, hints, restored_from } = outcomeOf(await user.run(LIST))
  expect({ stdout, restored_from }).toEqual({ stdout: '[]\n' })
  expect(hints).toEqual([
    'This is a new sandbox, and the one before ended before anything in it had been saved: its files and packages are gone.',
  ])
  expect(outcomeOf(await user.run('print(1)')).hints).toEqual([])
})

test('a container that ended before anything was changed in it is no news', async () => {
  const user = await newUser()
  await user.runner.wake()
  user.machine.endsUnnoticed = true
  await user.host('destroy')
  await user.runner.writeFile('new.txt', 'x')
  expect(outcomeOf(await user.run(LIST))).toMatchObject({ status: 'success', stdout: "['new.txt']\n", hints: [] })
})

test.concurrent('a frozen container is replaced: its run is lost, and the next one knows', async () => {
  const user = await newUser()
  await user.run(write('saved.txt'))
  await save(user)
  // The line is one write, so it comes in one piece.
  const response = await user.http('POST', '/runs', { code: 'import time\nprint("begun\\n", end="")\ntime.sleep(600)' })
  const seen = []
  for await (const frame of runFrames(response)) {
    seen.push(frame)
    if (frame.event === 'stdout') await user.host('freeze')
  }
  expect(outcomeOf(seen)).toMatchObject({ status: 'lost', stdout: 'begun\n' })
  expect(outcomeOf(seen).hints.join(' ')).toMatch(/Files that were not saved yet may be gone.* Next: call again/)
  const next = await user.run(LIST)
  expect(statusesOf(next)).toEqual(['Starting the sandbox …'])
  expect(outcomeOf(next)).toMatchObject({ status: 'success', stdout: "['saved.txt']\n" })
  expect(outcomeOf(next).hints).toEqual([expect.stringMatching(RESTORED)])
  expect(user.machine.started).toHaveLength(2)
})

test.concurrent('what changes nothing is done in the next container, for all that waited', async () => {
  const user = await newUser()
  await user.run(write('saved.txt'))
  await save(user)
  await user.host('freeze')
  const [run, files] = await Promise.all([user.run(LIST), user.runner.listFiles()])
  expect(outcomeOf(run)).toMatchObject({ status: 'success', stdout: "['saved.txt']\n" })
  expect(outcomeOf(run).hints).toEqual([expect.stringMatching(RESTORED)])
  expect(files.files.map(({ path }) => path)).toEqual(['saved.txt'])
  expect(user.machine.started).toHaveLength(2)
})

test.concurrent('a program that was being started in a container that froze is not started twice, and that is said', async () => {
  const user = await newUser()
  await user.run(write('saved.txt'))
  user.machine.freezesAt.push('/runs')
  const { status, error, stdout } = outcomeOf(await user.run('print("ran")'))
  expect({ status, stdout }).toEqual({ status: 'error', stdout: '' })
  expect(error).toEqual({
    type: 'NotStarted',
    message:
      'The sandbox did not answer any more, so it was ended. If the program had begun, it ended with it. Next: call again, which starts a new one with the files that were saved; list them first.',
    line: null,
    frame: null,
  })
  expect(outcomeOf(await user.run('print(2)'))).toMatchObject({ status: 'success', stdout: '2\n' })
})

test.concurrent('an upload into a container that froze is refused in the words of the sandbox', async () => {
  const user = await newUser()
  await user.runner.wake()
  user.machine.freezesAt.push('/files/new.txt')
  const refused = await user.http('PUT', '/files/new.txt', undefined, { 'content-length': '0' })
  expect(refused.status).toBe(503)
  expect(await refused.json()).toEqual({
    error:
      'The sandbox did not answer any more, so it was ended. Next: call again, which starts a new one with the files that were saved; list them first.',
  })
})

test.concurrent('a frozen container that the platform cannot end either is an error in words', async () => {
  const user = await newUser()
  await user.runner.wake()
  user.machine.destroysLate = true
  await user.host('freeze')
  const { status, error } = outcomeOf(await user.run('print(1)'))
  expect({ status, message: error?.message }).toEqual({
    status: 'error',
    message:
      'The sandbox could not be started. Nothing of the program ran. Next: call again; if it stays so, the operator finds the reason in the logs ("npx wrangler tail").',
  })
  user.machine.destroysLate = false
  expect(outcomeOf(await user.run('print(2)')).stdout).toBe('2\n')
})

test.concurrent('a slow answer is waited for as long as the container answers others', async () => {
  const user = await newUser()
  // Longer than two looks together may take.
  const code = 'import time\ntime.sleep(12)\nprint("waited")'
  await user.runner.wake()
  await user.host('runner', 'SIGSTOP')
  const run = user.run(code)
  await scheduler.wait(3_000)
  await user.host('runner', 'SIGCONT')
  expect(outcomeOf(await run)).toMatchObject({ status: 'success', stdout: 'waited\n' })
  expect(user.machine.started).toHaveLength(1)
})

test('the bucket keeps what a frozen container could not give', async () => {
  const user = await newUser()
  await user.run(write('saved.txt'))
  await save(user)
  const before = (await BUCKET.head(`${user.id}/files.tar.gz`))!.version
  await user.run(write('lost.txt'))
  await user.host('freeze')
  await save(user)
  expect((await BUCKET.head(`${user.id}/files.tar.gz`))!.version).toBe(before)
  expect(outcomeOf(await user.run(LIST)).stdout).toBe("['saved.txt']\n")
})

/** When a container sleeps and when it must not. Its disk is gone afterwards, and nothing else. */
import { runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { newUser, outcomeOf, statusesOf, type User } from './support/user.ts'

/** A user whose container sleeps when there was no request for four seconds, which a busy machine may need from one request to the next. */
async function sleepyUser(): Promise<User> {
  const user = await newUser()
  await runInDurableObject(user.sandbox(), (object) => {
    object.sleepAfter = '4s'
    object.idleS = 1
  })
  return user
}

test.concurrent('a silent run keeps its container awake, without it the container sleeps', async () => {
  const user = await sleepyUser()
  const silent = await user.run(
    'import os, time\nopen(os.path.join(os.environ["TMPDIR"], "lost.txt"), "w").write("x")\ntime.sleep(12)\nprint("done")',
  )
  expect(outcomeOf(silent)).toMatchObject({ status: 'success', stdout: 'done\n' })
  expect(user.machine.started).toHaveLength(1)
  await expect.poll(() => user.machine.port, { timeout: 30_000 }).toBeNull()
  expect(await user.host('look')).toBeNull()
  const next = await user.run('import os\nprint(os.listdir(os.environ["TMPDIR"]))')
  expect(statusesOf(next)).toEqual(['Starting the sandbox …'])
  expect(outcomeOf(next).stdout).toBe('[]\n')
  expect(user.machine.started).toHaveLength(2)
})

test.concurrent('a runner that does not answer is not waited for: its container sleeps', async () => {
  const user = await sleepyUser()
  await user.run('print(1)')
  // What is not saved is worth some attempts.
  const saved = () =>
    runInDurableObject(
      user.sandbox(),
      (_, { storage: { kv } }) => kv.get('backup') !== undefined && kv.get('changed_since') === undefined,
    )
  await expect.poll(saved, { timeout: 30_000 }).toBe(true)
  await user.host('runner', 'SIGSTOP')
  await expect.poll(() => user.sandbox().asleep(), { timeout: 50_000 }).toBe(true)
})

test('attempts to save what cannot be saved do not keep a container awake', async () => {
  const user = await sleepyUser()
  user.machine.storesNothing = true
  await user.run('open("kept.txt", "w").write("x")')
  const triedAgain = async () => {
    // As the alarm does each minute. It is put off for a second by that.
    await runInDurableObject(user.sandbox(), (object) => object.saveWhenIdle())
    return user.sandbox().asleep()
  }
  await expect.poll(triedAgain, { timeout: 40_000, interval: 1_500 }).toBe(true)
})

test('it is stopped at its user’s wish, when nothing runs in it; its files are there afterwards', async () => {
  const user = await newUser()
  const code = 'open("kept.txt", "w").write("kept")\nimport time; time.sleep(600)'
  const started = await user.http('POST', '/runs', { code, background: true, timeout: 700 })
  const { run_id } = await started.json<{ run_id: string }>()
  await expect.poll(async () => (await user.http('GET', '/files')).text(), { timeout: 30_000 }).toContain('"kept.txt"')
  expect(await user.sandbox().sleepNow()).toBe('busy')
  await user.http('DELETE', `/runs/${run_id}`)
  await expect.poll(() => user.sandbox().sleepNow(), { timeout: 30_000 }).toBe('stopped')
  expect([await user.sandbox().asleep(), await user.sandbox().sleepNow()]).toEqual([true, 'stopped'])
  expect(outcomeOf(await user.run('print(open("kept.txt").read())')).stdout).toBe('kept\n')
})

test('files that only a sandbox under way may give do not start one that sleeps', async () => {
  const user = await newUser()
  await user.run('open("kept.txt", "w").write("kept")')
  const ask = async (path: string) => {
    const response = await user.http('GET', `${path}?start=false`)
    return [response.status, await response.text()]
  }
  expect(await ask('/files/kept.txt')).toEqual([200, 'kept'])
  expect(await ask('/files')).toEqual([200, expect.stringContaining('"path":"kept.txt"')])
  expect(await user.sandbox().sleepNow()).toBe('stopped')
  const error = 'The sandbox sleeps, so its files were not read. Next: leave "start" out, which starts it.'
  for (const path of ['/files', '/files/kept.txt']) expect(await ask(path)).toEqual([503, JSON.stringify({ error })])
  expect([await user.sandbox().asleep(), user.machine.started.length]).toEqual([true, 1])
})

test('it is not stopped when its files cannot be saved', async () => {
  const user = await newUser()
  user.machine.storesNothing = true
  await user.run('open("kept.txt", "w").write("x")')
  expect(await user.sandbox().sleepNow()).toBe('unsaved')
  expect(outcomeOf(await user.run('print(open("kept.txt").read())')).stdout).toBe('x\n')
})

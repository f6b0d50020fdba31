/** What a user has in their workspace outlives its container: by sleep, by accident, by eviction of its object. */
import { abortAllDurableObjects, env, runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import type { Env } from '../../worker/env.ts'
import { Backups, BackupTooLarge } from '../../worker/executor/backups.ts'
import { newUser, outcomeOf, statusesOf, type User } from './support/user.ts'

const BUCKET = (env as Env).BACKUP_BUCKET!
const LIST = 'import os; print(sorted(os.listdir(".")))'

/** A user whose disk is saved when nothing was changed for a second. */
async function newKeeper(): Promise<User> {
  const user = await newUser()
  user.machine.idleS = 1
  return user
}

/** The objects that are stored of a user, by name, each with its version. */
async function stored({ id }: User): Promise<Record<string, string>> {
  const { objects } = await BUCKET.list({ prefix: `${id}/` })
  return Object.fromEntries(objects.map(({ key, version }) => [key.slice(id.length + 1), version]))
}

/** Waits until something other than `before` is stored. */
async function saved(user: User, before: Record<string, string> = {}): Promise<Record<string, string>> {
  await expect.poll(() => stored(user), { timeout: 30_000 }).not.toEqual(before)
  return stored(user)
}

/** The time without a request has passed. */
async function sleeps(user: User): Promise<void> {
  await runInDurableObject(user.sandbox(), (object) => object.onActivityExpired())
  await expect.poll(() => user.machine.port, { timeout: 30_000 }).toBeNull()
  expect(await user.host('look')).toBeNull()
}

async function installed(user: User, spec: string): Promise<void> {
  const events = await Array.fromAsync(user.runner.install([spec], 60))
  expect(events.at(-1)).toMatchObject({ type: 'done', status: 'success' })
}

test('a file and a package are there after a sleep, and the next result says so, once', async () => {
  const user = await newUser()
  user.machine.idleS = 100
  await runInDurableObject(user.sandbox(), (object) => {
    object.sleepAfter = '10s'
  })
  await installed(user, 'demo')
  const wrote = outcomeOf(
    await user.run('import os; open("kept.txt", "w").write("x"); os.makedirs("sub"); os.chmod("kept.txt", 0o700)'),
  )
  expect(wrote.restored_from).toBeUndefined()
  // Nothing was saved before: the sleep sees to it.
  expect(await stored(user)).toEqual({})
  const asleepFrom = new Date().toISOString()
  await expect.poll(() => user.machine.port, { timeout: 60_000 }).toBeNull()
  expect(await user.host('look')).toBeNull()

  const next = await user.run(
    'import os, demo; print(sorted(os.listdir(".")), oct(os.stat("kept.txt").st_mode), demo.VERSION)',
  )
  expect(statusesOf(next)).toEqual(['Starting the sandbox …'])
  const { stdout, hints, installed_packages, restored_from } = outcomeOf(next)
  expect(stdout).toBe("['kept.txt', 'sub'] 0o100700 1.0\n")
  expect(installed_packages).toEqual([])
  expect(hints).toEqual([expect.stringMatching(/^This is a new sandbox: files and packages were restored .* UTC\./)])
  expect(restored_from! > asleepFrom).toBe(true)
  expect(user.machine.started).toHaveLength(2)

  expect(outcomeOf(await user.run('print(1)'))).toMatchObject({ hints: [] })
  expect(outcomeOf(await user.run('print(1)')).restored_from).toBeUndefined()
})

test('an alarm that comes early, twice at once, again or late saves once and wakes nothing', async () => {
  const user = await newKeeper()
  /** What the alarm calls; the platform may deliver one more than once. */
  const save = (times: number) =>
    runInDurableObject(user.sandbox(), (object) =>
      Promise.all(Array.from({ length: times }, () => object.saveWhenIdle())),
    )
  await user.run('open("kept.txt", "w").write("x")')
  await save(2)
  const first = await saved(user)
  await save(3)
  expect(await stored(user)).toEqual(first)

  await sleeps(user)
  await save(2)
  expect(user.machine.port).toBeNull()
  expect(user.machine.started).toHaveLength(1)
  expect(await stored(user)).toEqual(first)
  expect(outcomeOf(await user.run(LIST)).stdout).toBe("['kept.txt']\n")
})

test('when a container dies, only what came after the last backup is lost', async () => {
  const user = await newKeeper()
  await user.run('open("first.txt", "w").write("x")')
  const before = await saved(user)
  expect(Object.keys(before)).toEqual(['files.tar.gz'])
  user.machine.idleS = 100
  await runInDurableObject(user.sandbox(), (object) => {
    object.idleS = 100
  })
  await user.run('open("second.txt", "w").write("x")')
  await user.host('destroy')
  const { stdout, restored_from } = outcomeOf(await user.run(LIST))
  expect(stdout).toBe("['first.txt']\n")
  expect(restored_from).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  expect(await stored(user)).toEqual(before)
})

test('only what has changed is stored again', async () => {
  const user = await newKeeper()
  await installed(user, 'demo')
  await user.run('open("a.txt", "w").write("x")')
  await expect.poll(async () => Object.keys(await stored(user)), { timeout: 30_000 }).toHaveLength(2)
  const first = await stored(user)
  const packages = Object.keys(first).find((key) => /^packages-3\.\d+\.tar\.gz$/.test(key))!
  await user.run('print(open("a.txt").read())')
  const unchanged = await stored(user)
  await user.run('open("a.txt", "w").write("other")')
  const changed = await saved(user, unchanged)
  expect(unchanged).toEqual(first)
  expect(changed[packages]).toBe(first[packages])
  // What came from a backup is as it was: nothing is stored again.
  await sleeps(user)
  const asleep = await stored(user)
  await user.run('print(1)')
  await sleeps(user)
  expect(await stored(user)).toEqual(asleep)
})

test('programs that come together while it starts all find their files', async () => {
  const user = await newUser()
  await user.run('open("kept.txt", "w").write("x")')
  await sleeps(user)
  const outcomes = (await Promise.all([1, 2, 3].map(() => user.run(LIST)))).map(outcomeOf)
  expect(outcomes.map(({ stdout }) => stdout)).toEqual(Array(3).fill("['kept.txt']\n"))
  expect(outcomes.filter(({ restored_from }) => restored_from !== undefined)).toHaveLength(1)
})

test('files that cannot be brought back are not overwritten by an empty disk', async () => {
  const user = await newKeeper()
  await user.run('open("kept.txt", "w").write("x")')
  await saved(user)
  const key = `${user.id}/files.tar.gz`
  const good = await (await BUCKET.get(key))!.arrayBuffer()
  await user.host('destroy')
  const broken = (await BUCKET.put(key, good.slice(0, good.byteLength / 2)))!
  for (let n = 0; n < 2; n++) {
    const { status, error } = outcomeOf(await user.run('open("new.txt", "w")'))
    expect({ status, type: error?.type }).toEqual({ status: 'error', type: 'NotStarted' })
    expect(error?.message).toMatch(/could not be brought into the new sandbox; they are not lost\. .*Next: call again/)
  }
  expect(await (await user.http('GET', '/files/new.txt')).text()).toContain('could not be brought into the new sandbox')
  await scheduler.wait(3_000)
  expect((await BUCKET.head(key))!.version).toBe(broken.version)
  await BUCKET.put(key, good)
  expect(outcomeOf(await user.run(LIST)).stdout).toBe("['kept.txt']\n")
})

test('packages that cannot be brought back are installed again, and keep nobody from the files', async () => {
  const user = await newUser()
  await installed(user, 'demo')
  await user.run('open("kept.txt", "w").write("x")')
  await sleeps(user)
  const key = Object.keys(await stored(user)).find((name) => name.startsWith('packages-'))!
  await BUCKET.put(`${user.id}/${key}`, 'broken')
  const { stdout, installed_packages } = outcomeOf(await user.run(`import demo; ${LIST}`))
  expect({ stdout, installed_packages }).toEqual({ stdout: "['kept.txt']\n", installed_packages: ['demo==1.0'] })
})

test('while nothing can be stored that is said, the container stays awake for a while, and then all is stored', async () => {
  const user = await newKeeper()
  user.machine.storesNothing = true
  await user.run('open("kept.txt", "w").write("x")')
  const said = async () => outcomeOf(await user.run('print(1)')).hints.join(' ')
  await expect.poll(said, { timeout: 40_000, interval: 4_000 }).toMatch(/could not be saved yet, which is tried again/)
  const expires = () => runInDurableObject(user.sandbox(), (object) => object.onActivityExpired())
  await expires()
  await expires()
  expect(await user.host('look')).not.toBeNull()
  user.machine.storesNothing = false
  await sleeps(user)
  const { stdout, hints } = outcomeOf(await user.run(LIST))
  expect(stdout).toBe("['kept.txt']\n")
  expect(hints.join(' ')).not.toContain('could not be saved')

  // What cannot be saved at all does not keep it awake for ever.
  user.machine.storesNothing = true
  await user.run('open("late.txt", "w").write("x")')
  await expires()
  await expires()
  await sleeps(user)
  expect(outcomeOf(await user.run(LIST)).stdout).toBe("['kept.txt']\n")
})

test('a deleted workspace is gone from the bucket, for which no container is started', async () => {
  const user = await newUser()
  await user.run('open("mine.txt", "w").write("x")')
  await sleeps(user)
  expect(Object.keys(await stored(user))).toEqual(['files.tar.gz'])
  await user.runner.wipe()
  expect(await stored(user)).toEqual({})
  expect(user.machine.started).toHaveLength(1)
  const { stdout, restored_from } = outcomeOf(await user.run(LIST))
  expect({ stdout, restored_from }).toEqual({ stdout: '[]\n', restored_from: undefined })
})

test('the container of a deleted workspace ends, and with it what programs have left elsewhere', async () => {
  const user = await newUser()
  await user.run('open("mine.txt", "w").write("x")')
  expect(await user.runner.wipe()).toEqual({ files: 1, packages: 0 })
  expect(await user.host('look')).toBeNull()
  expect(outcomeOf(await user.run(LIST)).stdout).toBe('[]\n')
  expect(user.machine.started).toHaveLength(2)
})

test('an emptied workspace stays empty, whatever happens to its container then', async () => {
  const user = await newKeeper()
  await user.run('open("mine.txt", "w").write("x")')
  await saved(user)
  expect(await user.runner.reset()).toEqual({ files: 1, packages: 0 })
  await user.host('destroy')
  expect(outcomeOf(await user.run(LIST)).stdout).toBe('[]\n')
})

test('what is emptied while it sleeps is counted, and what cannot be emptied stays', async () => {
  const user = await newUser()
  await user.run('open("mine.txt", "w").write("x")')
  await sleeps(user)
  const response = await user.http('POST', '/runs', { code: 'import time; time.sleep(60)', background: true })
  const { run_id } = await response.json<{ run_id: string }>()
  await expect.poll(async () => (await user.runner.health()).live_runs, { timeout: 30_000 }).toBe(1)
  await expect(user.runner.reset()).rejects.toMatchObject({ code: 'conflict' })
  await user.host('destroy')
  await expect
    .poll(async () => (await (await user.http('GET', `/runs/${run_id}`)).json<{ status: string }>()).status)
    .toMatch(/^(lost|error)$/)
  expect(await user.runner.reset()).toEqual({ files: 1, packages: 0 })
  expect(await stored(user)).toEqual({})
})

test('a new sandbox for another network policy has the files, and there is none while they cannot be saved', async () => {
  const user = await newUser()
  await user.run('open("kept.txt", "w").write("x")')
  expect((await user.http('POST', '/config', { network: 'off' })).status).toBe(200)
  user.machine.storesNothing = true
  const { status, error } = outcomeOf(await user.run(LIST))
  expect({ status, type: error?.type }).toEqual({ status: 'error', type: 'NotStarted' })
  expect(error?.message).toMatch(/network policy has changed .* files could not be saved before\. .*Next: call again/)
  user.machine.storesNothing = false
  expect(outcomeOf(await user.run(LIST))).toMatchObject({
    stdout: "['kept.txt']\n",
    restored_from: expect.any(String),
  })
  expect(user.machine.started).toHaveLength(2)
})

test('a large workspace is stored in pieces, and not when it is too large', async () => {
  const user = await newUser()
  await user.run('import os; open("noise.bin", "wb").write(os.urandom(20_000_000)); print(1)')
  await runInDurableObject(user.sandbox(), async (object, { storage }) => {
    const ask = (method: string, path: string, init?: RequestInit) =>
      object.fetch(new Request(`http://runner/w/${user.id}${path}`, { method, ...init }))
    const backups = new Backups(BUCKET, user.id, storage.kv, ask)
    await expect(backups.save('3.11', 19_000_000)).rejects.toBeInstanceOf(BackupTooLarge)
    expect(await stored(user)).toEqual({})
    await backups.save('3.11', 30_000_000)
  })
  expect((await BUCKET.head(`${user.id}/files.tar.gz`))!.size).toBeGreaterThan(19_900_000)
  await user.host('destroy')
  const { stdout } = outcomeOf(await user.run('import os; print(os.stat("noise.bin").st_size)'))
  expect(stdout).toBe('20000000\n')
})

test('a disk is saved although its object was evicted after the change, and nobody but its user gets it', async () => {
  const [user, other] = [await newKeeper(), await newKeeper()]
  await user.run('open("mine.txt", "w").write("x")')
  await other.run('open("theirs.txt", "w").write("x")')
  await abortAllDurableObjects()
  await Promise.all([saved(user), saved(other)])
  await Promise.all([user.host('destroy'), other.host('destroy')])
  expect(outcomeOf(await user.run(LIST)).stdout).toBe("['mine.txt']\n")
  expect(outcomeOf(await other.run(LIST)).stdout).toBe("['theirs.txt']\n")
})

test('what was changed is saved although the object was evicted in the middle of saving it', async () => {
  const user = await newKeeper()
  user.machine.storesLate = true
  await user.run('open("mine.txt", "w").write("x")')
  await expect.poll(() => user.machine.stores, { timeout: 30_000 }).toBe(1)
  await abortAllDurableObjects()
  user.machine.storesLate = false
  await sleeps(user)
  expect(outcomeOf(await user.run(LIST)).stdout).toBe("['mine.txt']\n")
})

test('a file that was still being uploaded when its disk was saved is saved too', async () => {
  const user = await newUser()
  await runInDurableObject(user.sandbox(), (object) => {
    object.idleS = 0
  })
  await user.runner.wake()
  let isWhole = false
  const body = new ReadableStream({
    async pull(controller) {
      controller.enqueue(new TextEncoder().encode('x'))
      await scheduler.wait(20)
      if (isWhole) controller.close()
    },
  })
  const uploaded = user.runner.writeFile('mine.txt', body)
  const received = async () =>
    ((await user.host('look')) as { files: string[] }).files.some((name) => name.endsWith('.part'))
  await expect.poll(received, { timeout: 30_000 }).toBe(true)
  await runInDurableObject(user.sandbox(), (object) => object.saveWhenIdle())
  isWhole = true
  await uploaded
  await sleeps(user)
  expect(outcomeOf(await user.run(LIST)).stdout).toBe("['mine.txt']\n")
})

test('a workspace that is deleted while it is being saved does not come back', async () => {
  const user = await newKeeper()
  user.machine.storesLate = true
  await user.run('open("mine.txt", "w").write("x")')
  await expect.poll(() => user.machine.stores, { timeout: 30_000 }).toBe(1)
  const wiped = user.runner.wipe()
  const isThere = async () =>
    ((await user.host('look')) as { files: string[] }).files.some((name) => name.endsWith('mine.txt'))
  await expect.poll(isThere, { timeout: 30_000 }).toBe(false)
  await Promise.race([wiped, scheduler.wait(1_000)])
  user.machine.storesLate = false
  await wiped
  await user.host('destroy')
  expect(outcomeOf(await user.run(LIST)).stdout).toBe('[]\n')
})

test('files that cannot be brought back can be deleted', async () => {
  const user = await newUser()
  await user.run('open("kept.txt", "w").write("x")')
  await sleeps(user)
  await BUCKET.put(`${user.id}/files.tar.gz`, 'no archive')
  expect(outcomeOf(await user.run(LIST)).error?.message).toContain('could not be brought into the new sandbox')
  expect(await user.host('look')).not.toBeNull()
  await user.runner.wipe()
  expect(await stored(user)).toEqual({})
  expect(outcomeOf(await user.run(LIST)).stdout).toBe('[]\n')
})

test('a file that comes while the container is being ended goes into the next one', async () => {
  const user = await newUser()
  await user.runner.wake()
  user.machine.destroysLate = true
  const slept = runInDurableObject(user.sandbox(), (object) => object.onActivityExpired())
  await expect.poll(() => user.sandbox().asleep(), { timeout: 30_000 }).toBe(true)
  const uploaded = user.runner.writeFile('mine.txt', 'x')
  await scheduler.wait(500)
  user.machine.destroysLate = false
  await Promise.all([slept, uploaded])
  expect(outcomeOf(await user.run(LIST)).stdout).toBe("['mine.txt']\n")
  expect(user.machine.started).toHaveLength(2)
})

test('what has gone from the bucket is stored again', async () => {
  const user = await newUser()
  await user.run('open("mine.txt", "w").write("x")')
  await sleeps(user)
  await user.run('print(1)')
  await BUCKET.delete(`${user.id}/files.tar.gz`)
  await sleeps(user)
  expect(outcomeOf(await user.run(LIST)).stdout).toBe("['mine.txt']\n")
})

/** A container starts when a client looks at what there is, so that its first program finds it running. */
import { abortAllDurableObjects, env, runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import type { Env } from '../../worker/env.ts'
import { CLIENT_HEADERS, initialize } from '../support/mcp-by-hand.ts'
import { newUser, outcomeOf, statusesOf, type User } from './support/user.ts'

const OPEN = { network: 'open', allowed_hosts: [] } as const

async function lists(user: User): Promise<void> {
  const answer = await user.mcp({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} })
  expect(await answer.text()).toContain('run_python')
}

const awake = async (user: User) => !(await user.sandbox().asleep())

async function sleeps(user: User): Promise<void> {
  await runInDurableObject(user.sandbox(), (object) => object.onActivityExpired())
  await expect.poll(() => user.machine.port, { timeout: 30_000 }).toBeNull()
}

test('a listing starts the container, and no program has to wait', async () => {
  const user = await newUser()
  await lists(user)
  await expect.poll(() => awake(user), { timeout: 30_000 }).toBe(true)
  for (let n = 0; n < 2; n++) {
    const ran = await user.run('print(1)')
    expect(statusesOf(ran)).toEqual([])
    expect(outcomeOf(ran).stdout).toBe('1\n')
  }
  expect(user.machine.started).toHaveLength(1)
})

test('so does a client of 2025 that begins a session', async () => {
  const user = await newUser()
  const begun = await user.http('POST', '/mcp', initialize(), CLIENT_HEADERS)
  expect(begun.headers.get('mcp-session-id')).not.toBeNull()
  await begun.text()
  await expect.poll(() => awake(user), { timeout: 30_000 }).toBe(true)
  expect(user.machine.started).toHaveLength(1)
})

test('what was restored by a warm start is told to the first program after it', async () => {
  const user = await newUser()
  await user.run('open("kept.txt", "w").write("x")')
  await sleeps(user)
  await abortAllDurableObjects() // or the minute between two looks would have to pass
  await lists(user)
  await expect.poll(() => awake(user), { timeout: 30_000 }).toBe(true)
  const ran = await user.run('import os; print(os.listdir("."))')
  expect(statusesOf(ran)).toEqual([])
  expect(outcomeOf(ran)).toMatchObject({ stdout: "['kept.txt']\n", restored_from: expect.any(String) })
})

test('a client that only ever looks does not keep it running', async () => {
  const user = await newUser()
  await lists(user)
  await expect.poll(() => awake(user), { timeout: 30_000 }).toBe(true)
  await sleeps(user)
  for (let n = 0; n < 2; n++) {
    await abortAllDurableObjects()
    await lists(user)
  }
  await scheduler.wait(1_000)
  expect(await awake(user)).toBe(false)
  expect(user.machine.started).toHaveLength(1)
  // A program is run as ever, and makes it worth while again.
  await user.run('print(1)')
  await sleeps(user)
  await abortAllDurableObjects()
  await lists(user)
  await expect.poll(() => awake(user), { timeout: 30_000 }).toBe(true)
  expect(user.machine.started).toHaveLength(3)
})

test('a listing does not wait for the container, nor fail with it', async () => {
  const user = await newUser()
  user.machine.faults.push('deaf')
  await lists(user)
  user.machine.faults.length = 0
  const other = await newUser()
  other.machine.faults.push('no image', 'no image')
  await lists(other)
})

test('a container that fails is not started for every client that looks', async () => {
  const user = await newUser()
  await user.run('open("kept.txt", "w").write("x")')
  await sleeps(user)
  await (env as Env).BACKUP_BUCKET!.put(`${user.id}/files.tar.gz`, 'no archive')
  await abortAllDurableObjects()
  await lists(user)
  await expect.poll(() => user.machine.started, { timeout: 30_000 }).toHaveLength(2)
  // The attempt is over when nothing waits for it any more.
  await user.sandbox().warmUp(OPEN)
  await scheduler.wait(500)
  await user.host('destroy')
  for (let n = 0; n < 2; n++) {
    await abortAllDurableObjects()
    await lists(user)
  }
  await scheduler.wait(1_000)
  expect(user.machine.started).toHaveLength(2)
})

/** What a warm call of `run_python` costs its object in statements, values and alarms: each is time, and a write is a wait for the disk. */
import { env, runInDurableObject } from 'cloudflare:test'
import { beforeAll, expect, test } from 'vitest'
import type { Env } from '../../worker/env.ts'
import { ask, call, workspace } from './support/mcp.ts'
import { idOfUser, userToken } from './support/users.ts'

const WRITE = /^\s*(INSERT|UPDATE|DELETE|REPLACE)\b/i

/** Of `worker/session/runs/keep-alive.ts`: a run that lasts longer is kept alive. */
const SHORT_MS = 2_000

/** A user in whose workspace nobody else writes: a run stores which files have changed meanwhile. */
const name = crypto.randomUUID()
let user: string
let token: string
beforeAll(async () => {
  user = await idOfUser(name)
  token = await userToken(name)
})

const run = async (code: string) => (await ask(token, call(1, 'run_python', { code }))).text()

test('a short run sets no alarm, and stores what changes alone', async () => {
  await costsOfShortRun() // the first one is not warm
  expect(await costsOfShortRun()).toEqual({ reads: 9, writes: 11, kvReads: 3, kvWrites: 1, alarms: 0 })
})

/** On a busy machine also this run may last: then another one is counted. */
async function costsOfShortRun(): Promise<Counts> {
  for (let tries = 0; tries < 10; tries++) {
    const { counts, stop } = await counting()
    const began = Date.now()
    await run('print(1)')
    const isShort = Date.now() - began < SHORT_MS
    // An alarm that was set is taken back a little later than the run ends: that is no cost of the next one.
    if (!isShort) await expect.poll(() => counts.alarms % 2).toBe(0)
    await stop()
    if (isShort) return counts
  }
  throw new Error('no run was short')
}

test('a run that lasts is kept alive', async () => {
  const go = crypto.randomUUID()
  const { counts, stop } = await counting()
  const ended = run(`import os, time\nwhile not os.path.exists('${go}'): time.sleep(0.02)`)
  await expect.poll(() => counts.alarms).toBe(1)
  await (await workspace(user)).writeFile(go, '')
  await ended
  await expect.poll(() => counts.alarms).toBe(2)
  await stop()
})

type Counts = Record<'reads' | 'writes' | 'kvReads' | 'kvWrites' | 'alarms', number>

/** Counts from now on, until it is stopped. */
async function counting(): Promise<{ counts: Counts; stop: () => Promise<void> }> {
  const session = (env as unknown as Env).SESSION.getByName(user)
  const counts: Counts = { reads: 0, writes: 0, kvReads: 0, kvWrites: 0, alarms: 0 }
  const restores: (() => void)[] = []
  /** Puts a method in front of the platform's own. */
  const watch = (target: object, name: string, count: (argument: unknown) => void) => {
    const own: (...args: unknown[]) => unknown = Reflect.get(target, name).bind(target)
    const value = (...args: unknown[]) => {
      count(args[0])
      return own(...args)
    }
    Object.defineProperty(target, name, { value, configurable: true })
    restores.push(() => void Reflect.deleteProperty(target, name))
  }
  await runInDurableObject(session, (_, { storage }) => {
    watch(storage.sql, 'exec', (statement) => counts[WRITE.test(String(statement)) ? 'writes' : 'reads']++)
    watch(storage.kv, 'get', () => counts.kvReads++)
    for (const name of ['put', 'delete']) watch(storage.kv, name, () => counts.kvWrites++)
    for (const name of ['setAlarm', 'deleteAlarm']) watch(storage, name, () => counts.alarms++)
  })
  const stop = () =>
    runInDurableObject(session, () => {
      for (const restore of restores) restore()
    })
  return { counts, stop }
}

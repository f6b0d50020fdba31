/** What a warm call of `run_python` costs its object in statements, values and alarms: each is time, and a write is a wait for the disk. */
import { env, runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { userIdOf } from '../../worker/auth/caller.ts'
import type { Env } from '../../worker/env.ts'
import { ask, call } from './support/mcp.ts'

const WRITE = /^\s*(INSERT|UPDATE|DELETE|REPLACE)\b/i

test('a short run sets no alarm, and stores what changes alone', async () => {
  const run = async (code: string) => (await ask('session-tests', call(1, 'run_python', { code }))).text()
  await run('print(1)')
  const counts = await counting()
  await run('print(1)')
  expect(await counts()).toEqual({ reads: 9, writes: 11, kvReads: 3, kvWrites: 1, alarms: 0 })
})

test('a run that lasts is kept alive', async () => {
  const counts = await counting()
  await (await ask('session-tests', call(2, 'run_python', { code: 'import time; time.sleep(2.5)' }))).text()
  expect(await counts()).toMatchObject({ alarms: 2 })
})

/** Counts from now on; the returned function tells, and stops. */
async function counting(): Promise<() => Promise<Record<string, number>>> {
  const session = (env as unknown as Env).SESSION.getByName(await userIdOf('dev', 'local'))
  const counts = { reads: 0, writes: 0, kvReads: 0, kvWrites: 0, alarms: 0 }
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
  return () =>
    runInDurableObject(session, () => {
      for (const restore of restores) restore()
      return counts
    })
}

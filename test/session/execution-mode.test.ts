/** A server with a local runner runs programs there, although a sandbox is bound as well, and never touches that. */
import { env, runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { userIdOf } from '../../worker/auth/caller.ts'
import type { Env } from '../../worker/env.ts'
import { allFrames, startRun } from './support/events.ts'
import { sendTo } from './support/mcp.ts'

async function store(value: string, key = 'execution_mode'): Promise<void> {
  const { SESSION } = env as Env
  await runInDurableObject(SESSION.getByName(await userIdOf('dev', 'local')), (_session, { storage }) => {
    storage.sql.exec('INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)', key, JSON.stringify(value))
  })
}

test.each(['auto', 'local'])('%s runs programs locally', async (mode) => {
  expect((env as Env).SANDBOX).toBeDefined()
  expect((await sendTo('/config', 'POST', { execution_mode: mode })).status).toBe(200)
  const frames = await allFrames((await startRun({ code: 'print(1)' })).response)
  expect(frames.at(-1)?.data.outcome).toMatchObject({ executor: 'local', stdout: '1\n' })
})

test('a sandbox cannot be chosen, and one that was chosen elsewhere refuses runs with the next step', async () => {
  const refused = await (await sendTo('/config', 'POST', { execution_mode: 'sandbox' })).text()
  expect(refused).toContain('has no sandbox')
  await store('sandbox')
  const response = await sendTo('/runs', 'POST', { code: 'print(1)' })
  expect([response.status, await response.json()]).toEqual([
    503,
    { error: expect.stringMatching(/execution_mode is "sandbox".*has no sandbox.*Next: call configure/) },
  ])
  await store('auto')
})

test('a network policy that was set elsewhere refuses runs, as nothing here keeps to it', async () => {
  await store('off', 'network')
  const response = await sendTo('/runs', 'POST', { code: 'print(1)' })
  const reason = /network is "off".*nothing here can restrict.*Next: call configure with the action "reset"/
  expect([response.status, await response.json()]).toEqual([503, { error: expect.stringMatching(reason) }])
  await store('open', 'network')
})

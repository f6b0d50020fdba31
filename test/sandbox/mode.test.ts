/** What the setting `execution_mode` means where there is a sandbox and no local runner. */
import { env, runInDurableObject } from 'cloudflare:test'
import { getAgentByName } from 'agents'
import { expect, test } from 'vitest'
import type { Env } from '../../worker/env.ts'
import { SANDBOX_IMAGE } from '../../worker/executor/image.ts'
import { call } from '../support/mcp-by-hand.ts'
import { newUser, outcomeOf } from './support/user.ts'

test.each(['auto', 'sandbox'])('%s runs programs in the sandbox', async (mode) => {
  const user = await newUser()
  expect((await user.http('POST', '/config', { execution_mode: mode })).status).toBe(200)
  expect(outcomeOf(await user.run('print(1)'))).toMatchObject({ executor: 'sandbox', stdout: '1\n' })
})

test('the image that programs run in is shown', async () => {
  const user = await newUser()
  const answer = await user.mcp(call(1, 'configure', { action: 'view' }))
  expect(await answer.text()).toContain(SANDBOX_IMAGE)
})

test('local cannot be chosen', async () => {
  const user = await newUser()
  const answer = await (await user.http('POST', '/config', { execution_mode: 'local' })).text()
  expect(answer).toContain('runs programs in its sandbox and has no local runner')
  expect(outcomeOf(await user.run('print(1)')).executor).toBe('sandbox')
})

test('local, chosen where that was possible, refuses runs and says how to go on', async () => {
  const user = await newUser()
  await user.http('GET', '/config')
  await runInDurableObject(await getAgentByName((env as Env).SESSION, user.id), (_session, { storage }) => {
    storage.sql.exec(`INSERT INTO settings (key, value) VALUES ('execution_mode', '"local"')`)
  })
  const refused = await user.http('POST', '/runs', { code: 'print(1)' })
  expect([refused.status, await refused.json()]).toEqual([
    503,
    { error: expect.stringMatching(/execution_mode is "local".*no local runner.*Next: call configure/) },
  ])
  expect(user.machine.started).toEqual([])
})

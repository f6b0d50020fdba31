/** What must not get from a client into the session object, nor out of it. */
import { env, runInDurableObject, SELF } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { userIdOf } from '../../worker/auth/caller.ts'
import type { Env } from '../../worker/env.ts'
import { openSession, send } from './support/mcp.ts'

const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' }

test('a WebSocket is not opened: the SDK’s own protocol is not served', async () => {
  const response = await send('GET', undefined, { upgrade: 'websocket', connection: 'upgrade' })
  expect(response.status).toBe(405)
  expect(response.webSocket).toBe(null)
})

test('a header that the SDK reads as start properties does not reach the object', async () => {
  const session = await openSession()
  const response = await send('POST', LIST, { ...session, 'x-agents-lifecycle-props': '%%%' })
  expect(response.status).toBe(200)
  await response.text()
})

test('what fails inside the object is told without a stack trace', async () => {
  await (await send('POST', LIST)).text() // the object has started
  const { SESSION } = env as Env
  await runInDurableObject(SESSION.getByName(await userIdOf('dev', 'local')), (_session, { storage }) => {
    storage.sql.exec('ALTER TABLE settings RENAME TO settings_gone')
  })
  const headers = { host: 'localhost', authorization: 'Bearer session-tests' }
  const response = await SELF.fetch(new Request('http://localhost/config', { headers }))
  expect(response.status).toBe(500)
  expect(await response.json()).toEqual({ error: 'Internal error. Next: try again.' })
})

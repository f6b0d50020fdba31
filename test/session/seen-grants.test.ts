/** Whatever an app was used for counts as seen on the account page, also where it never speaks MCP. */
import { env, runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import type { Env } from '../../worker/env.ts'
import { ConnectedApp, grantOf } from './support/connected-app.ts'
import { sendTo } from './support/mcp.ts'
import { newClient } from './support/oauth.ts'

/** An app, and what its user sees and the session keeps of it. */
async function newApp() {
  const app = await ConnectedApp.new()
  const session = (env as Env).SESSION.getByName(app.user)
  return {
    app,
    session,
    token: app.first.access_token,
    grant: grantOf(app.first),
    isSeen: async () => (await (await app.browser.get('/account')).text()).includes('last seen'),
    stored: () => runInDurableObject(session, (_, { storage }) => storage.kv.get('seen_grants')),
  }
}
const get = async (token: string, path: string) =>
  (await sendTo(path, 'GET', undefined, { authorization: `Bearer ${token}` })).status

test.each([
  '/runs',
  '/runs/live',
  '/runs/r_0000000000000000',
  '/files',
  '/learnings',
  '/packages',
  '/usage',
  '/config',
])('an app that was used for %s alone was seen', async (path) => {
  const { isSeen, token } = await newApp()
  expect(await isSeen()).toBe(false)
  expect([401, 403]).not.toContain(await get(token, path))
  expect(await isSeen()).toBe(true)
})

test('many requests of one app are one write, whose time the object knows better meanwhile', async () => {
  const { session, token, grant, stored } = await newApp()
  await get(token, '/runs')
  const first = await stored()
  expect(first).toEqual({ [grant]: expect.any(Number) })
  await new Promise((resolve) => setTimeout(resolve, 5))
  for (let i = 0; i < 20; i++) await get(token, '/runs')
  expect(await stored()).toEqual(first)
  expect((await session.seenGrants())[grant]).toBeGreaterThan((first as Record<string, number>)[grant]!)
})

test('a request that the app may not make is no use of it; an app that is disconnected is forgotten, the others stay', async () => {
  const { app, session, token, isSeen, stored, grant } = await newApp()
  const reader = await (await newClient({ client_name: 'A reader' })).signIn(app.browser, [])
  const refused = await sendTo('/runs', 'POST', { code: '1' }, { authorization: `Bearer ${reader.access_token}` })
  expect(refused.status).toBe(403)
  expect(await isSeen()).toBe(false)
  await get(reader.access_token, '/runs')
  await get(token, '/runs')
  expect(Object.keys(await session.seenGrants())).toEqual([grantOf(reader), grant])
  await app.browser.post('/account/grants/revoke', { id: grant })
  expect(Object.keys((await stored()) as object)).toEqual([grantOf(reader)])
  await session.refuseTokensBefore(Date.now())
  expect(await stored()).toEqual({})
})

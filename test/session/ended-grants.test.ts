/** A grant that has ended stays so, whatever KV still shows, and whatever fails meanwhile. */
import { abortAllDurableObjects, env } from 'cloudflare:test'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Env } from '../../worker/env.ts'
import { formFields } from '../support/cookie-browser.ts'
import { ConnectedApp, grantOf, putBack } from './support/connected-app.ts'
import { browserOf, statusWith } from './support/oauth.ts'
import { expectRefused } from './support/token-endpoint.ts'

const { OAUTH_KV } = env as Env

let app: ConnectedApp
beforeEach(async () => {
  app = await ConnectedApp.new()
})
afterEach(() => {
  vi.restoreAllMocks()
})

test('access is refused by the session itself, whatever KV still shows', async () => {
  const [, , held] = await app.chain(2)
  const stored = await app.stored()
  await app.client.refresh(app.first.refresh_token)
  await putBack(stored)
  expect(await statusWith(held!.access_token)).toBe(401)
  // Nor does a copy of the grant that came back refresh.
  await app.expectRefused(held!.refresh_token)
  expect(await OAUTH_KV.get(`grant:${app.user}:${grantOf(app.first)}`)).toBe(null)
})

test('a used token is known where KV still shows it as the next one', async () => {
  const before = await app.stored()
  const [, , held] = await app.chain(2)
  await putBack(before)
  await app.expectRefused(app.first.refresh_token)
  expect(await statusWith(held!.access_token)).toBe(401)
})

test('a repeat ends nothing where KV still shows an older grant', async () => {
  const before = await app.stored()
  const [, second, held] = await app.chain(2)
  const after = await app.stored()
  await putBack(before)
  await app.expectRefused(second!.refresh_token)
  await putBack(after)
  await app.expectGoesOn(held!)
})

test('used tokens are known after the account object was ended and started again', async () => {
  const [, , held] = await app.chain(2)
  await abortAllDurableObjects()
  await app.client.refresh(app.first.refresh_token)
  await abortAllDurableObjects()
  await app.expectEnded(held!)
})

test('a KV that fails to forget the grant brings nothing back', async () => {
  const [, , held] = await app.chain(2)
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const failing = new Proxy(OAUTH_KV, {
    get: (kv, name) => {
      if (name === 'delete' || name === 'list') return () => Promise.reject(new Error('KV DELETE failed: 429'))
      const member: unknown = Reflect.get(kv, name)
      return typeof member === 'function' ? member.bind(kv) : member
    },
  })
  const there = app.where({ OAUTH_KV: failing })
  await expectRefused(await there.refresh(app.first.refresh_token), 400, 'invalid_grant')
  expect(said.mock.calls.flat().join('\n')).toContain('"event":"grant_not_deleted"')
  await expectRefused(await there.refresh(held!.refresh_token), 400, 'invalid_grant')
  expect(await statusWith(held!.access_token)).toBe(401)
})

test('a session that cannot be told is told the next time', async () => {
  const [, , held] = await app.chain(2)
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const away = new Proxy((env as Env).SESSION, {
    get: (namespace, name) => {
      if (name === 'idFromName') throw new Error('The object cannot be reached')
      const member: unknown = Reflect.get(namespace, name)
      return typeof member === 'function' ? member.bind(namespace) : member
    },
  })
  const there = app.where({ SESSION: away })
  expect((await there.refresh(app.first.refresh_token)).status).toBe(500)
  expect((await app.client.refresh(app.first.refresh_token)).status).toBe(400)
  expect(await statusWith(held!.access_token)).toBe(401)
})

test('disconnecting an app holds where KV still shows it', async () => {
  const [, held] = await app.chain(1)
  const stored = await app.stored()
  const page = await (await app.browser.get('/account')).text()
  await app.browser.post('/account/grants/revoke', formFields(page, '/account/grants/revoke'))
  await putBack(stored)
  await app.expectEnded(held!)
  // Which was no theft.
  expect(await (await app.browser.get('/account')).text()).not.toContain('was disconnected on')
})

test('the grant that makes room for an eleventh holds no longer where KV still shows it', async () => {
  // The time of a grant is known in seconds, of which this test takes one.
  const key = `grant:${app.user}:${grantOf(app.first)}`
  await OAUTH_KV.put(key, JSON.stringify({ ...(await OAUTH_KV.get<object>(key, 'json')), createdAt: 1 }))
  const stored = await app.stored()
  for (let more = 0; more < 10; more += 1) await app.client.signIn(app.browser)
  await putBack(stored)
  await app.expectEnded(app.first)
})

test('nobody disconnects another user’s app', async () => {
  const neighbour = await browserOf(`${app.user} 2`)
  await neighbour.post('/account/grants/revoke', { id: grantOf(app.first) })
  await app.expectGoesOn(app.first)
})

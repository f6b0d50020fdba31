/** What nobody can read of an account, a session's own values or what KV holds of an app: it ends that, with words, and nothing else. */
import { abortAllDurableObjects, env } from 'cloudflare:test'
import { expect, test } from 'vitest'
import type { Env } from '../../worker/env.ts'
import { ConnectedApp, putBack as putBackInKv } from './support/connected-app.ts'
import { sendTo } from './support/mcp.ts'
import { bearer, browserOf, statusWith } from './support/oauth.ts'
import { accountOf, contentsOf, inStorage, ODD_VALUES, putBack, putOdd, sessionOf } from './support/odd-values.ts'
import { startRun } from './support/events.ts'
import { idOfUser, userToken } from './support/users.ts'

const { OAUTH_KV } = env as Env

test('whatever a row of an account holds, its user can sign in, see the account and connect', async () => {
  const app = await ConnectedApp.new()
  const newest = (await app.chain(2)).at(-1)!
  const account = () => accountOf(app.user)
  const token = await account().createToken('one', [], 1)
  await account().createToken('two', [], 1)
  await account().firstUse('something')
  expect(token).not.toBeNull()
  const [before, stored] = [await inStorage(account(), contentsOf), await app.stored()]
  expect([...before].filter(([, { rows }]) => rows.length === 0)).toEqual([])

  const problems: string[] = []
  for (const [table, { columns, rows }] of before) {
    for (const column of columns) {
      for (const [name, value] of Object.entries(ODD_VALUES)) {
        const isPut = await inStorage(account(), (storage) => putOdd(storage, { table, column }, rows.at(-1)!, value))
        if (!isPut) continue
        await abortAllDurableObjects()
        const what = `${table}.${column}: ${name}`
        const look = async (path: string, response: Promise<Response>, allowed: number[]) => {
          const { status } = await response
          await (await response).text()
          if (!allowed.includes(status)) problems.push(`${what}: ${path} ${status}`)
        }
        const { access_token, refresh_token } = newest
        await look('/account', app.browser.get('/account'), [200, 303])
        await look('access', sendTo('/runs', 'GET', undefined, bearer(access_token)), [200, 401])
        await look('refresh', app.client.refresh(refresh_token), [200, 400])
        await look('again', (await browserOf(app.name)).get('/account'), [200])
        await inStorage(account(), (storage) => putBack(storage, before))
        await putBackInKv(stored)
      }
    }
  }
  expect(problems).toEqual([])
})

test('a personal token whose scopes cannot be read may do nothing that needs one, and is still listed', async () => {
  const name = crypto.randomUUID()
  const token = await userToken(name)
  const id = await idOfUser(name)
  await inStorage(accountOf(id), ({ sql }) => sql.exec(`UPDATE tokens SET scopes = '{'`))
  expect((await sendTo('/config', 'POST', { max_retries: 1 }, bearer(token))).status).toBe(403)
  expect(await (await (await browserOf(name)).get('/account')).text()).toContain('<strong><bdi>test</bdi></strong>')
})

test('whatever the session’s own values are, requests are answered and programs run', async () => {
  const name = crypto.randomUUID()
  const id = await idOfUser(name)
  const session = () => sessionOf(id)
  const first = await userToken(name)
  expect(await statusWith(first)).toBe(200)
  await session().refuseTokensBefore(1)
  await session().refuseGrant('a-grant-that-ended')
  // A run that takes no time leaves no minutes.
  await (await startRun({ code: 'import time; time.sleep(0.05)' }, bearer(first))).response.text()
  const keys = await inStorage(session(), ({ kv }) => {
    kv.put('warmed_at', 1)
    return [...kv.list()].map(([key]) => key)
  })
  expect(keys).toEqual(expect.arrayContaining(['run_minutes_used', 'tokens_refused_before', 'warmed_at']))
  const values = { ...ODD_VALUES, 'an object': {}, 'a list': [1], 'yes or no': true, 'no number': NaN }
  for (const key of keys) {
    for (const [what, value] of Object.entries(values)) {
      const was = await inStorage(session(), ({ kv }) => {
        const was = kv.get(key)
        kv.put(key, value)
        return was
      })
      await abortAllDurableObjects()
      await accountOf(id).signOutEverywhere()
      // When everybody was signed out cannot be read: then all have been, once.
      expect([200, 401], `${key}: ${what}`).toContain(await statusWith(await userToken(name)))
      const token = await userToken(name)
      expect(await statusWith(token), `${key}: ${what}`).toBe(200)
      const { response } = await startRun({ code: 'print(6 * 7)' }, bearer(token))
      expect(await response.text(), `${key}: ${what}`).toContain('"stdout":"42\\n"')
      await session().refuseGrant('another')
      await inStorage(session(), ({ kv }) => kv.put(key, was))
    }
  }
})

test('that everybody was signed out is not forgotten with the time of it', async () => {
  const name = crypto.randomUUID()
  const id = await idOfUser(name)
  const token = await userToken(name)
  await sessionOf(id).refuseTokensBefore(Date.now() + 3_600_000)
  expect(await statusWith(token)).toBe(401)
  await inStorage(sessionOf(id), ({ kv }) => kv.put('tokens_refused_before', 'x'))
  expect(await statusWith(token)).toBe(401)
})

test('whatever KV holds of a client, a grant or a token, requests are refused for it rather than failing', async () => {
  const app = await ConnectedApp.new()
  const names = [...(await app.stored()).keys(), `client:${app.client.clientId}`]
  expect(names.map((name) => name.split(':')[0])).toEqual(expect.arrayContaining(['grant', 'token', 'client']))
  const problems: string[] = []
  for (const name of names) {
    const was = (await OAUTH_KV.get(name))!
    for (const [what, value] of Object.entries(ODD_VALUES)) {
      if (typeof value !== 'string') continue
      await OAUTH_KV.put(name, value)
      const answers = {
        access: await sendTo('/runs', 'GET', undefined, bearer(app.first.access_token)),
        refresh: await app.client.refresh(app.first.refresh_token),
        authorize: await app.browser.get(app.client.authorization().url),
        account: await app.browser.get('/account'),
      }
      for (const [way, response] of Object.entries(answers)) {
        await response.text()
        if (response.status >= 500) problems.push(`${name.split(':')[0]}, ${what}: ${way} ${response.status}`)
      }
      await OAUTH_KV.put(name, was)
    }
  }
  expect(problems).toEqual([])
})

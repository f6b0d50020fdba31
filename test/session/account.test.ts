/** The account page: personal tokens, connected apps, signing out everywhere, deleting everything. */
import { env, runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { browserLifeMs } from '../../worker/auth/account.ts'
import { userIdOf } from '../../worker/auth/caller.ts'
import type { Env } from '../../worker/env.ts'
import { CookieBrowser, formFields } from '../support/cookie-browser.ts'
import { runFrames, textOf } from './support/events.ts'
import { answer, ask, call, sendTo, workspace } from './support/mcp.ts'
import { next } from './support/next.ts'
import { browserOf, fetchSelf, newClient, ORIGIN, signedInBrowser } from './support/oauth.ts'
import type { Tokens } from '../support/oauth-client.ts'
import { dataOf } from '../support/tool-result.ts'
import { idOfUser } from './support/users.ts'

async function connected(browser: CookieBrowser) {
  const client = await newClient({ client_name: 'An app' })
  return { client, tokens: await client.signIn(browser) }
}

/** Makes a token on the page and reads it there. */
async function newToken(browser: CookieBrowser, fields: Record<string, string | string[]>): Promise<string> {
  const page = await (await browser.post('/account/tokens', { name: 'ci', days: '1', ...fields })).text()
  return /<pre id="new-token"[^>]*>([^<]+)</.exec(page)?.[1] ?? ''
}

const status = async (token: string, method = 'GET', path = '/runs') =>
  (await sendTo(path, method, method === 'GET' ? undefined : {}, { authorization: `Bearer ${token}` })).status

/** The page says what its form has ended, and says it no more when it is looked at again. */
async function toldOnce(browser: CookieBrowser, words: string): Promise<void> {
  const told = async () => {
    const page = await (await browser.get('/account')).text()
    return [...page.matchAll(/role="status">([^<]+)</g)].map(([, said]) => said)
  }
  expect(await told()).toEqual([words])
  expect(await told()).toEqual([])
}

test('a personal token works everywhere, is shown once, and dies when it is revoked', async () => {
  const browser = await signedInBrowser()
  const token = await newToken(browser, { name: 'my <b>CI</b>', scope: ['python:run'] })
  expect(token).toMatch(/^mcpcm_/)
  const ran = await answer(await ask(token, call(1, 'run_python', { code: 'print("from CI")' })))
  expect(dataOf(ran.result)).toMatchObject({ status: 'success', stdout: 'from CI\n' })
  expect(await status(token)).toBe(200)
  expect(await status(token, 'POST', '/config')).toBe(403)

  const page = await (await browser.get('/account')).text()
  expect(page).not.toContain(token)
  expect(page).toContain('my &lt;b&gt;CI&lt;/b&gt;')
  const revoked = await browser.post('/account/tokens/revoke', formFields(page, '/account/tokens/revoke'))
  expect([revoked.status, revoked.headers.get('location')]).toEqual([303, '/account#tokens'])
  await toldOnce(browser, 'The token is revoked.')
  expect(await status(token)).toBe(401)
})

test('the local developer is told of the printed token, nobody else', async () => {
  const told = 'The token that <code>npm run dev</code> printed'
  expect(await (await (await signedInBrowser()).get('/account')).text()).toContain(told)
  expect(await (await (await browserOf(crypto.randomUUID())).get('/account')).text()).not.toContain(told)
})

test('a token is only what its server made of it', async () => {
  const token = await newToken(await signedInBrowser(), { scope: ['python:run'] })
  const changed = (at: number) => `${token.slice(0, at)}${token[at] === 'a' ? 'b' : 'a'}${token.slice(at + 1)}`
  // Its user, its secret, its proof.
  for (const at of [6, 40, 100]) expect(await status(changed(at)), String(at)).toBe(401)
  for (const wrong of [token.slice(0, -1), `${token}a`, token.toUpperCase(), 'mcpcm_', `mcpcm_${'0'.repeat(118)}`]) {
    expect(await status(wrong)).toBe(401)
  }
  // The same bytes are no cookie: each use has a key of its own.
  const thief = new CookieBrowser(fetchSelf, ORIGIN)
  thief.setCookie('__Host-session', token.slice('mcpcm_'.length))
  expect((await thief.get('/account')).status).toBe(303)
})

test.each([
  ['without a name', { name: ' ' }],
  ['with a name that is too long', { name: 'x'.repeat(81) }],
  ['for no day', { days: '0' }],
  ['for ever', { days: '367' }],
  ['for a word', { days: 'many' }],
  ['for a scope that is none', { scope: ['python:run', 'root'] }],
])('no token is made %s, and the page says why', async (_what, fields) => {
  const browser = await signedInBrowser()
  const response = await browser.post('/account/tokens', { name: 'ci', days: '1', scope: ['python:run'], ...fields })
  expect(response.status).toBe(400)
  expect(await response.text()).toContain('No token was made')
})

test('an expired token is refused', async () => {
  const token = await newToken(await signedInBrowser(), { scope: ['python:run'] })
  expect(await status(token)).toBe(200)
  const { ACCOUNT } = env as Env
  await runInDurableObject(ACCOUNT.getByName(await userIdOf('dev', 'local')), (_account, { storage }) => {
    storage.sql.exec('UPDATE tokens SET expires_at = ?', Date.now())
  })
  expect(await status(token)).toBe(401)
})

test('the fifty-first token is refused with what to do', async () => {
  const browser = await signedInBrowser()
  for (let made = 0; made < 50; made += 1) expect(await newToken(browser, { scope: [] })).not.toBe('')
  const response = await browser.post('/account/tokens', { name: 'ci', days: '1' })
  expect(response.status).toBe(400)
  expect(await response.text()).toContain('there are 50 already')
  await browser.post('/account/sign-out-everywhere', {})
})

test('a connected app is listed and can be disconnected', async () => {
  const browser = await signedInBrowser()
  const { tokens } = await connected(browser)
  const page = await (await browser.get('/account')).text()
  expect(page).toContain('An app')
  const disconnected = await browser.post('/account/grants/revoke', formFields(page, '/account/grants/revoke'))
  expect(disconnected.headers.get('location')).toBe('/account#apps')
  await toldOnce(browser, 'The app is disconnected.')
  expect(await status(tokens.access_token)).toBe(401)
  expect(await (await browser.get('/account')).text()).not.toContain('An app')
})

test('an app and a token are listed with what they may do, in words, and when they were there last', async () => {
  const browser = await browserOf(crypto.randomUUID())
  const { client } = await connected(browser)
  const authorization = client.authorization()
  const code = (await client.allow(browser, authorization, ['python:run'])).searchParams.get('code')!
  const { access_token } = await (await client.redeem(code, authorization.verifier)).json<Tokens>()
  await (await ask(access_token, { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} })).text()
  const token = await newToken(browser, { scope: [] })
  await status(token)
  const text = (await (await browser.get('/account')).text()).replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ')
  const reads = 'Read your runs, files, learnings and settings'
  expect(text).toMatch(new RegExp(`An app connected [-0-9: ]+ UTC , last seen just now ${reads} Run Python programs`))
  expect(text).toMatch(new RegExp(`An app connected [-0-9: ]+ UTC , not seen yet ${reads} Run Python programs`))
  expect(text).toMatch(new RegExp(`ci last used just now , expires on [-0-9]+ ${reads} Revoke`))
})

test('a new token comes with command lines that have it', async () => {
  const browser = await browserOf(crypto.randomUUID())
  const page = await (await browser.post('/account/tokens', { name: 'ci', days: '1', scope: ['python:run'] })).text()
  const lines = [...page.matchAll(/<pre[^>]* data-copy>\s*([^<]+)</g)].map(([, line]) =>
    line!.replaceAll('&quot;', '"'),
  )
  const [token, claude, curl] = lines
  expect(claude).toBe(
    `claude mcp add --transport http code-mode ${ORIGIN}/mcp --header "Authorization: Bearer ${token}"`,
  )
  expect(curl).toContain(`curl -N ${ORIGIN}/runs -H "Authorization: Bearer ${token}"`)
})

test('signing out everywhere asks first', async () => {
  const browser = await browserOf(crypto.randomUUID())
  await connected(browser)
  const token = await newToken(browser, {})
  const page = await (await browser.get('/account')).text()
  expect(page).not.toContain('action="/account/sign-out-everywhere"')
  const asks = await browser.get('/account/sign-out-everywhere')
  expect(await asks.text()).toMatch(/disconnects 1 app and\s+revokes\s+1 token/)
  expect([asks.status, await status(token)]).toEqual([200, 200])
})

test('signing out everywhere ends every token and browser at once, and keeps the data', async () => {
  const browser = await signedInBrowser()
  const { client, tokens } = await connected(browser)
  const personal = await newToken(browser, { scope: ['python:run'] })
  const ran = await answer(await ask(tokens.access_token, call(1, 'run_python', { code: 'print(1)' })))
  const { SESSION } = env as Env
  // What another place of the network still believes: a grant that is not revoked there yet.
  const before = Date.now()
  expect((await browser.post('/account/sign-out-everywhere', {})).status).toBe(303)
  expect(await status(tokens.access_token)).toBe(401)
  expect(await status(personal)).toBe(401)
  expect((await client.refresh(tokens.refresh_token)).status).toBe(400)
  expect((await browser.get('/account')).status).toBe(303)

  const caller = { userId: await userIdOf('dev', 'local'), scopes: ['python:run'], authorizedAt: before - 1 }
  const stale = await SESSION.getByName(caller.userId).fetch('http://localhost/runs', {
    headers: { 'x-codemode-caller': JSON.stringify(caller) },
  })
  expect(stale.status).toBe(401)

  const again = await connected(await signedInBrowser())
  const listed = await sendTo('/runs', 'GET', undefined, { authorization: `Bearer ${again.tokens.access_token}` })
  expect(JSON.stringify(await listed.json())).toContain(dataOf(ran.result)?.run_id)
})

test('deleting everything ends a run in progress, and leaves nothing', async () => {
  // No other file of tests has this user: its runs and files would end, too.
  const name = crypto.randomUUID()
  const browser = await browserOf(name)
  const { tokens } = await connected(browser)
  const authorization = { authorization: `Bearer ${tokens.access_token}` }
  const learning = { error_pattern: 'Gone', solution: 's', context: 'c' }
  await answer(await ask(tokens.access_token, call(1, 'add_learning', learning)))
  await answer(await ask(tokens.access_token, call(2, 'configure', { action: 'set', key: 'max_retries', value: '1' })))
  const code = 'import time\nopen("mine.txt", "w").write("x")\nprint("up", flush=True)\ntime.sleep(60)'
  const started = await answer(await ask(tokens.access_token, call(3, 'run_python', { code, background: true })))
  const id = dataOf(started.result)?.run_id ?? ''
  // Its first line, so that it is really under way.
  const events = runFrames(await sendTo(`/runs/${id}/events`, 'GET', undefined, authorization))
  for (let seen = ''; !seen.includes('up');) seen += textOf([await next(events)])

  const unconfirmed = await browser.post('/account/delete', { confirm: 'yes' })
  expect(await unconfirmed.text()).toContain('Nothing was deleted')
  expect((await sendTo('/files/mine.txt', 'GET', undefined, authorization)).status).toBe(200)

  const deleted = await browser.post('/account/delete', { confirm: 'Delete' })
  expect(await deleted.text()).toContain('Everything was deleted')
  expect(await status(tokens.access_token)).toBe(401)
  expect((await browser.get('/account')).status).toBe(303)
  expect((await (await workspace(await idOfUser(name))).listFiles()).files).toEqual([])

  const fresh = await connected(await browserOf(name))
  const now = { authorization: `Bearer ${fresh.tokens.access_token}` }
  expect(await (await sendTo('/runs', 'GET', undefined, now)).json()).toEqual({ runs: [], next: null })
  expect(JSON.stringify(await (await sendTo('/learnings', 'GET', undefined, now)).json())).not.toContain('Gone')
  expect(JSON.stringify(await (await sendTo('/config', 'GET', undefined, now)).json())).not.toContain('"max_retries":1')
  expect((await sendTo(`/runs/${id}`, 'GET', undefined, now)).status).toBe(404)
})

test('a page of another origin cannot press a button', async () => {
  const browser = await signedInBrowser()
  const foreign = [
    { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    { origin: 'null', 'sec-fetch-site': 'cross-site' },
    // The same machine, another port: the same site to a browser, which sends the cookie.
    { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' },
  ]
  for (const headers of foreign) {
    for (const path of [
      '/account/delete',
      '/account/tokens',
      '/account/sign-out-everywhere',
      '/sign-out',
      '/authorize',
    ]) {
      expect((await browser.post(path, { confirm: 'delete', name: 'x', days: '1' }, headers)).status, path).toBe(403)
    }
  }
  expect((await browser.get('/account')).status).toBe(200)
})

const HOUR_MS = 60 * 60 * 1000

test('a browser stays signed in to a local server for eight hours, and to a deployed one for 30 days', async () => {
  const signedIn = await new CookieBrowser(fetchSelf, ORIGIN).post('/sign-in/local', {})
  expect(signedIn.headers.get('set-cookie')).toContain(`Max-Age=${8 * 60 * 60};`)
  expect(browserLifeMs({ ...(env as Env), DEV_TOKEN: '' })).toBe(30 * 24 * HOUR_MS)
})

test('a cookie that a browser keeps for longer than eight hours signs nobody in', async () => {
  const browser = await signedInBrowser()
  const { ACCOUNT } = env as Env
  const lives = await runInDurableObject(ACCOUNT.getByName(await userIdOf('dev', 'local')), (_account, { storage }) => {
    const rows = storage.sql.exec<{ life: number }>('SELECT expires_at - created_at AS life FROM browsers').toArray()
    storage.sql.exec('UPDATE browsers SET expires_at = expires_at - ?', 8 * HOUR_MS)
    return new Set(rows.map(({ life }) => life))
  })
  expect(lives).toEqual(new Set([8 * HOUR_MS]))
  expect((await browser.get('/account')).status).toBe(303)
})

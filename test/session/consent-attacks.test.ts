/** Whoever answers the consent page has to be who it was shown to, in the browser it was shown in, once, and with what it offers. */
import { env, runInDurableObject } from 'cloudflare:test'
import { beforeEach, expect, test } from 'vitest'
import { userIdOf } from '../../worker/auth/caller.ts'
import type { Env } from '../../worker/env.ts'
import { CookieBrowser } from '../support/cookie-browser.ts'
import { type OAuthClient, REDIRECT_URI } from '../support/oauth-client.ts'
import { browserOf, consentFields, fetchSelf, newClient, ORIGIN, signedInBrowser } from './support/oauth.ts'

type Fields = Record<string, string | string[]>
interface Shown {
  /** The browser that the page was shown in, and what its Allow button sends. */
  browser: CookieBrowser
  fields: Fields
  client: OAuthClient
}

let shown: Shown
beforeEach(async () => {
  const [browser, client] = await Promise.all([signedInBrowser(), newClient()])
  const fields = await consentFields(browser, client.authorization())
  shown = { browser, client, fields: { ...fields, decision: 'allow' } }
})

const DEVELOPER = await userIdOf('dev', 'local')
const kv = () => (env as Env).OAUTH_KV

async function grantsOf(clientId: string): Promise<number> {
  const { keys } = await kv().list<{ clientId: string }>({ prefix: 'grant:' })
  return keys.filter(({ metadata }) => metadata?.clientId === clientId).length
}

/** A body that no form makes, from the page's own origin. */
function sent({ browser }: Shown, body: BodyInit, type?: string): Promise<Response> {
  const cookie = [...browser.cookies()].map(([name, value]) => `${name}=${value}`).join('; ')
  const headers = { host: 'localhost', origin: ORIGIN, 'sec-fetch-site': 'same-origin', cookie }
  const init: RequestInit = {
    method: 'POST',
    redirect: 'manual',
    body,
    headers: { ...headers, ...(type && { 'content-type': type }) },
  }
  return fetchSelf(new Request(`${ORIGIN}/authorize`, init))
}

/** Keeps only these cookies of a browser, and gives it others. */
function browserWith(cookies: Iterable<[string, string]>): CookieBrowser {
  const browser = new CookieBrowser(fetchSelf, ORIGIN)
  for (const [name, value] of cookies) browser.setCookie(name, value)
  return browser
}

const ofConsent = ({ browser }: Shown) => [...browser.cookies()].filter(([name]) => name !== '__Host-session')
const post = (browser: CookieBrowser, fields: Fields, headers?: Record<string, string>) =>
  browser.post('/authorize', fields, headers)
const from = (origin: string | undefined, site: string) => (shown: Shown) =>
  post(shown.browser, shown.fields, { 'sec-fetch-site': site, origin: origin ?? '' })

/** How it is answered, what comes of it, and how many grants of the app there are then: none, where it is not said. */
const REFUSED: [string, number, (shown: Shown) => Promise<Response>, number?][] = [
  // the handle
  ['without a handle', 400, ({ browser, fields }) => post(browser, { ...fields, handle: [] })],
  ['with an empty handle', 400, ({ browser, fields }) => post(browser, { ...fields, handle: '' })],
  ['with a made-up handle', 400, ({ browser, fields }) => post(browser, { ...fields, handle: 'A'.repeat(43) })],
  [
    'with another character in it',
    400,
    ({ browser, fields }) => post(browser, { ...fields, handle: `${String(fields['handle'])}A` }),
  ],
  [
    'with the handle’s key instead',
    400,
    async ({ browser, fields }) => {
      const { keys } = await kv().list({ prefix: 'transaction:' })
      return post(browser, { ...fields, handle: keys[0]!.name.slice('transaction:'.length) })
    },
  ],
  ['with a handle of 60 kB', 400, ({ browser, fields }) => post(browser, { ...fields, handle: 'A'.repeat(60_000) })],
  [
    'with a made-up handle before the right one',
    400,
    ({ browser, fields }) => post(browser, { ...fields, handle: ['x', String(fields['handle'])] }),
  ],
  [
    'with a file as its handle',
    400,
    (shown) => {
      const form = new FormData()
      for (const [name, value] of Object.entries(shown.fields)) form.append(name, String(value))
      form.set('handle', new File([String(shown.fields['handle'])], 'handle'))
      return sent(shown, form)
    },
  ],
  [
    'a second time',
    400,
    async ({ browser, fields }) => {
      expect((await post(browser, fields)).status).toBe(302)
      return post(browser, fields)
    },
    1,
  ],
  [
    'after it was denied',
    400,
    async ({ browser, fields }) => {
      expect((await post(browser, { ...fields, decision: 'deny' })).status).toBe(302)
      return post(browser, fields)
    },
  ],
  [
    'a second time by a browser that kept its cookies',
    400,
    async (shown) => {
      const kept = browserWith(shown.browser.cookies())
      expect((await post(shown.browser, shown.fields)).status).toBe(302)
      return post(kept, shown.fields)
    },
    1,
  ],
  [
    'after it has expired',
    400,
    async ({ browser, fields }) => {
      for (const { name } of (await kv().list({ prefix: 'transaction:' })).keys) await kv().delete(name)
      return post(browser, fields)
    },
  ],
  [
    'after the app has gone',
    400,
    async ({ browser, fields, client }) => {
      await kv().delete(`client:${client.clientId}`)
      return post(browser, fields)
    },
  ],
  [
    'after the app has given up its redirect URI',
    400,
    async ({ browser, fields, client }) => {
      const key = `client:${client.clientId}`
      const stored = await kv().get<Record<string, unknown>>(key, 'json')
      await kv().put(key, JSON.stringify({ ...stored, redirectUris: ['https://app.example/other'] }))
      return post(browser, fields)
    },
  ],
  // the browser
  ['by another browser of the same user', 400, async ({ fields }) => post(await signedInBrowser(), fields)],
  [
    'by the browser, without what binds the page to it',
    400,
    ({ browser, fields }) =>
      post(browserWith([...browser.cookies()].filter(([name]) => name === '__Host-session')), fields),
  ],
  [
    'with the cookie of another page',
    400,
    async (shown) => {
      const other = await consentFields(shown.browser, shown.client.authorization())
      const [first, second] = ofConsent(shown)
      const swapped = browserWith([...shown.browser.cookies(), [first![0], second![1]], [second![0], first![1]]])
      return post(swapped, { ...other, decision: 'allow' })
    },
  ],
  // the user
  ['by another user', 400, async ({ fields }) => post(await browserOf('Eve'), fields)],
  [
    'by another user who took the cookie and writes their own name',
    400,
    async (shown) => {
      const eve = await browserOf('Eve')
      for (const [name, value] of ofConsent(shown)) eve.setCookie(name, value)
      return post(eve, shown.fields)
    },
  ],
  ['by nobody', 400, ({ fields }) => post(new CookieBrowser(fetchSelf, ORIGIN), fields)],
  [
    'by nobody, with what binds the page to its browser',
    400,
    (shown) => post(browserWith(ofConsent(shown)), shown.fields),
  ],
  [
    'with a made-up session',
    400,
    (shown) =>
      post(browserWith([...ofConsent(shown), ['__Host-session', `${DEVELOPER}${'A'.repeat(86)}`]]), shown.fields),
  ],
  [
    'after signing out',
    400,
    async (shown) => {
      const kept = browserWith(shown.browser.cookies())
      await shown.browser.post('/sign-out', {})
      return post(kept, shown.fields)
    },
  ],
  [
    'after the sign-in has expired',
    400,
    async ({ browser, fields }) => {
      await runInDurableObject((env as Env).ACCOUNT.getByName(DEVELOPER), (_account, { storage }) => {
        storage.sql.exec('UPDATE browsers SET expires_at = ?', Date.now())
      })
      return post(browser, fields)
    },
  ],
  [
    'after signing in as somebody else',
    400,
    async ({ browser, fields }) => {
      browser.setCookie('__Host-session', (await browserOf('Eve')).cookies().get('__Host-session')!)
      return post(browser, fields)
    },
  ],
  ['without saying who it was shown to', 400, ({ browser, fields }) => post(browser, { ...fields, user: [] })],
  ['as shown to somebody else', 400, ({ browser, fields }) => post(browser, { ...fields, user: 'f'.repeat(32) })],
  // where it is sent from
  ['from another site', 403, from('https://evil.example', 'cross-site')],
  ['from a frame without an origin', 403, from('null', 'cross-site')],
  ['from nowhere', 403, from(undefined, 'cross-site')],
  ['from a page that says nothing', 403, from(undefined, '')],
  ['from another port of this machine', 403, from('http://localhost:3000', 'same-site')],
  ['from another name of this machine', 403, from('http://127.0.0.1', 'cross-site')],
  ['from the same name over TLS', 403, from('https://localhost', 'cross-site')],
  ['from a name that begins like ours', 403, from('http://localhost.evil.example', 'cross-site')],
  // what is sent
  ['as JSON', 415, (shown) => sent(shown, JSON.stringify(shown.fields), 'application/json')],
  [
    'as text',
    415,
    (shown) => sent(shown, new URLSearchParams(shown.fields as Record<string, string>).toString(), 'text/plain'),
  ],
  ['as nothing at all', 415, (shown) => sent(shown, new Uint8Array())],
  ['as a broken form', 400, (shown) => sent(shown, 'handle', 'multipart/form-data; boundary=x')],
  ['as a form without a boundary', 400, (shown) => sent(shown, 'handle', 'multipart/form-data')],
  ['with 100 kB', 413, ({ browser, fields }) => post(browser, { ...fields, more: 'x'.repeat(100_000) })],
  [
    'as a link',
    400,
    ({ browser, fields }) =>
      browser.get(`/authorize?${new URLSearchParams(fields as Record<string, string>).toString()}`),
  ],
  // the scopes
  ['with a scope that there is not', 400, ({ browser, fields }) => post(browser, { ...fields, scope: 'root' })],
  ['with all scopes', 400, ({ browser, fields }) => post(browser, { ...fields, scope: '*' })],
  [
    'with two scopes in one',
    400,
    ({ browser, fields }) => post(browser, { ...fields, scope: 'python:run settings:write' }),
  ],
  ['with an empty scope', 400, ({ browser, fields }) => post(browser, { ...fields, scope: '' })],
  ['with a name of every object', 400, ({ browser, fields }) => post(browser, { ...fields, scope: 'constructor' })],
  [
    'with a scope that was not offered',
    400,
    async ({ browser, client }) => {
      const fields = await consentFields(browser, client.authorization({ scope: 'learnings:write' }))
      expect(fields['scope']).toEqual(['learnings:write'])
      return post(browser, { ...fields, scope: ['learnings:write', 'python:run'], decision: 'allow' })
    },
  ],
]

test.each(REFUSED)('answered %s: refused', async (_how, status, attack, grants = 0) => {
  const response = await attack(shown)
  expect(response.status, await response.clone().text()).toBe(status)
  expect(response.headers.get('location')).toBe(null)
  expect(await grantsOf(shown.client.clientId)).toBe(grants)
})

test.each([
  ['nothing', []],
  ['something else', ['Allow']],
  ['an upper-case word', ['ALLOW']],
  ['a word and more', ['allow ']],
  ['both, this first', ['allow', 'deny']],
  ['both, that first', ['deny', 'allow']],
])('to decide %s is to deny', async (_what, decision) => {
  const response = await post(shown.browser, { ...shown.fields, decision })
  expect(response.headers.get('location')).toBe(
    `${REDIRECT_URI}?error=access_denied&state=a+state&iss=${encodeURIComponent(ORIGIN)}`,
  )
  expect(await grantsOf(shown.client.clientId)).toBe(0)
})

test('of eight answers at one moment one counts', async () => {
  const { browser, fields, client } = shown
  const responses = await Promise.all(Array.from({ length: 8 }, () => post(browser, fields)))
  expect(responses.map(({ status }) => status).filter((status) => status !== 400)).toEqual([302])
  expect(await grantsOf(client.clientId)).toBe(1)
})

/** Who shows no token, or none that counts here, is told how to get one, on every path, and nothing else. */
import { env, SELF } from 'cloudflare:test'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import type { Env } from '../../worker/env.ts'
import type { CookieBrowser } from '../support/cookie-browser.ts'
import { OAuthClient, type Tokens } from '../support/oauth-client.ts'
import { fetchSelf, newClient, ORIGIN, signedInBrowser, statusWith } from './support/oauth.ts'
import { userToken } from './support/users.ts'

const PATHS: [string, string][] = [
  ['POST', '/mcp'],
  ['GET', '/mcp'],
  ['POST', '/runs'],
  ['GET', '/runs/x/events'],
  ['GET', '/files'],
  ['PUT', '/files/a.txt'],
  ['GET', '/learnings/export'],
  ['POST', '/config'],
]
const DEV = 'session-tests'
const SCOPES = 'scope="python:run learnings:write settings:write"'

let personal: string
beforeAll(async () => {
  personal = await userToken('Bearer')
})

function asked(method: string, path: string, headers: [string, string][]): Promise<Response> {
  const list = new Headers([['host', 'localhost'], ['content-type', 'application/json'], ...headers])
  return SELF.fetch(
    new Request(ORIGIN + path, { method, headers: list, ...(!['GET', 'HEAD'].includes(method) && { body: '{}' }) }),
  )
}

/** 401 on every path, with the challenge that leads to signing in, and for people the cause and the next step. */
async function expectChallenge(headers: [string, string][], error: string, query = ''): Promise<void> {
  for (const [method, path] of PATHS) {
    const response = await asked(method, path + query, headers)
    expect([response.status, response.headers.get('content-type')]).toEqual([401, 'application/json'])
    expect(await response.json(), `${method} ${path}`).toEqual({
      error: error === '' ? 'missing_token' : 'invalid_token',
      error_description: expect.stringMatching(/^[^.]+\. Next: .*http:\/\/localhost\/account/),
    })
    const document = `${ORIGIN}/.well-known/oauth-protected-resource${path === '/mcp' ? path : ''}`
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer realm="OAuth", resource_metadata="${document}"${error}, ${SCOPES}`,
    )
  }
}

const one = (value: string): [string, string][] => [['authorization', value]]

test.each<[string, [string, string][], string?]>([
  ['nothing', []],
  ['an empty header', one('')],
  ['a scheme alone', one('Bearer')],
  ['a scheme and blanks', one('Bearer   ')],
  ['a token alone', one(DEV)],
  ['a scheme and a token in one', one(`Bearer${DEV}`)],
  ['a colon after the scheme', one(`Bearer: ${DEV}`)],
  ['Basic with the token', one(`Basic ${btoa(`user:${DEV}`)}`)],
  ['Basic named Bearer inside', one(`Basic Bearer ${DEV}`)],
  ['Digest', one(`Digest username="${DEV}"`)],
  ['DPoP', one(`DPoP ${DEV}`)],
  ['Token', one(`Token ${DEV}`)],
  ['two tokens', one(`Bearer ${DEV} ${DEV}`)],
  ['two tokens with a comma', one(`Bearer ${DEV}, Bearer ${DEV}`)],
  ['two headers', [...one(`Bearer ${DEV}`), ...one(`Bearer ${DEV}`)]],
  ['two headers of two kinds', [...one('Basic eDp5'), ...one(`Bearer ${DEV}`)]],
  ['a comma after the token', one(`Bearer ${DEV},`)],
  ['a parameter', one(`Bearer token="${DEV}", scope="*"`)],
  ['a proxy’s header', [['proxy-authorization', `Bearer ${DEV}`]]],
  ['another header', [['x-authorization', `Bearer ${DEV}`]]],
  ['a token in the address', [], `?access_token=${DEV}`],
  ['a whole header in the address', [], `?authorization=Bearer%20${DEV}`],
  ['a cookie', [['cookie', `access_token=${DEV}; authorization=Bearer ${DEV}; __Host-session=${DEV}`]]],
  ['the caller’s header', [['x-codemode-caller', `{"userId":"${'0'.repeat(32)}","scopes":["*"],"authorizedAt":9e15}`]]],
])('no token: %s', async (_what, headers, query) => {
  await expectChallenge(headers, '', query)
})

test.each<[string, () => string]>([
  ['a word', () => 'token'],
  ['a token in quotation marks', () => `"${DEV}"`],
  ['a token in angle brackets', () => `<${DEV}>`],
  ['the token in upper case', () => DEV.toUpperCase()],
  ['the token cut short', () => DEV.slice(0, -1)],
  ['the token and more', () => `${DEV}x`],
  ['the token, encoded', () => `${DEV.slice(0, -1)}%73`],
  ['letters beside ASCII', () => 'tökén'],
  ['colons', () => '::'],
  ['what looks like a grant', () => 'a:b:c'],
  ['a token too long for a key', () => `${'a'.repeat(600)}:b:c`],
  ['a grant too long for a key', () => `a:${'b'.repeat(600)}:c`],
  ['100 kB', () => 'a'.repeat(100_000)],
  ['100 kB of colons', () => ':'.repeat(100_000)],
  ['an unsigned JWT', () => `${btoa('{"alg":"none"}')}.${btoa('{"sub":"local"}')}.`],
  ['the beginning of a personal token', () => 'mcpcm_'],
  ['a personal token with another secret', () => personal.slice(0, 38) + 'A'.repeat(43) + personal.slice(81)],
  ['a personal token of another user', () => personal.replace(/[0-9a-f]{32}/, '0'.repeat(32))],
  ['a personal token without its proof', () => personal.slice(0, 81)],
  ['a personal token, twice', () => personal + personal],
  ['a personal token without its beginning', () => personal.slice('mcpcm_'.length)],
  ['the name of a key', () => 'constructor'],
  ['SQL', () => `'/**/OR/**/1=1--`],
])('no token that counts: %s', async (_what, token) => {
  await expectChallenge(one(`Bearer ${token()}`), ', error="invalid_token"')
})

test.each(['Bearer', 'bearer', 'BEARER', 'Bearer\t', 'Bearer  '])(
  'a token is read after the scheme %j',
  async (scheme) => {
    const separator = /\s$/.test(scheme) ? '' : ' '
    for (const token of [DEV, personal]) {
      expect((await asked('GET', '/runs', one(`${scheme}${separator}${token}`))).status).toBe(200)
    }
  },
)

let browser: CookieBrowser
let client: OAuthClient
beforeAll(async () => {
  browser = await signedInBrowser()
})
beforeEach(async () => {
  client = await newClient()
})

const kv = () => (env as Env).OAUTH_KV

/** Changes what is kept about a token, of which the key begins so. */
async function change(prefix: string, changed: Record<string, unknown>): Promise<void> {
  const { keys } = await kv().list({ prefix })
  expect(keys.length).toBe(1)
  const kept = await kv().get<Record<string, unknown>>(keys[0]!.name, 'json')
  await kv().put(keys[0]!.name, JSON.stringify({ ...kept, ...changed }))
}

const userAndGrant = (token: string) => token.split(':').slice(0, 2).join(':')

test.each<[string, (tokens: Tokens) => Promise<string>]>([
  [
    'has expired',
    async ({ access_token }) => {
      await change(`token:${userAndGrant(access_token)}`, { expiresAt: Math.floor(Date.now() / 1000) - 1 })
      return access_token
    },
  ],
  [
    'expires now',
    async ({ access_token }) => {
      await change(`token:${userAndGrant(access_token)}`, { expiresAt: Math.floor(Date.now() / 1000) })
      return access_token
    },
  ],
  [
    'is for another server',
    async ({ access_token }) => {
      await change(`token:${userAndGrant(access_token)}`, { audience: 'https://other.example' })
      return access_token
    },
  ],
  [
    'is for a path of this server',
    async ({ access_token }) => {
      await change(`token:${userAndGrant(access_token)}`, { audience: `${ORIGIN}/runs` })
      return access_token
    },
  ],
  [
    'was revoked',
    async ({ access_token }) => {
      await client.token({ token: access_token })
      return access_token
    },
  ],
  [
    'is of a grant that was revoked',
    async ({ access_token, refresh_token }) => {
      await client.token({ token: refresh_token })
      return access_token
    },
  ],
  ['is a refresh token', async ({ refresh_token }) => refresh_token],
  ['has another grant’s name', async ({ access_token }) => access_token.replace(/:[^:]+:/, `:${'A'.repeat(16)}:`)],
  ['has another user’s name', async ({ access_token }) => access_token.replace(/^[^:]+/, '0'.repeat(32))],
])('a token that %s does not count', async (_what, spoil) => {
  const tokens = await client.signIn(browser)
  expect(await statusWith(tokens.access_token)).toBe(200)
  await expectChallenge(one(`Bearer ${await spoil(tokens)}`), ', error="invalid_token"')
})

test('a code is no token', async () => {
  const code = (await client.allow(browser, client.authorization())).searchParams.get('code')!
  await expectChallenge(one(`Bearer ${code}`), ', error="invalid_token"')
})

test('a token of one name of this machine is none of the other', async () => {
  const there = new OAuthClient(fetchSelf, 'http://127.0.0.1')
  await there.register()
  const { access_token } = await there.signIn(await signedInBrowser('http://127.0.0.1'))
  const here = await client.signIn(browser)
  const status = async (origin: string, token: string) =>
    (await SELF.fetch(`${origin}/runs`, { headers: { host: new URL(origin).host, authorization: `Bearer ${token}` } }))
      .status
  expect(await status('http://127.0.0.1', access_token)).toBe(200)
  expect(await status(ORIGIN, access_token)).toBe(401)
  expect(await status(ORIGIN, here.access_token)).toBe(200)
  expect(await status('http://127.0.0.1', here.access_token)).toBe(401)
})

test('who sends no token is told where a client begins, and where a person gets one', async () => {
  for (const [path, document] of [
    ['/mcp', '/mcp'],
    ['/runs', ''],
  ]) {
    const { error_description } = await (await asked('GET', path!, [])).json<{ error_description: string }>()
    expect(error_description).toBe(
      `This request has no token. Next: sign in with a client that knows OAuth (it begins at ${ORIGIN}/.well-known/oauth-protected-resource${document}), or make a token at ${ORIGIN}/account and send it as "Authorization: Bearer TOKEN".`,
    )
  }
  const head = await asked('HEAD', '/runs', [])
  expect([head.status, await head.text()]).toEqual([401, ''])
})

test('what a client sent is in no refusal', async () => {
  const odd = ['Bearer <b>xyzzy</b>', 'Basic xyzzy', 'xyzzy']
  for (const authorization of odd) {
    expect(await (await asked('GET', '/mcp', one(authorization))).text()).not.toContain('xyzzy')
  }
})

test('who may not is told by whom that can be changed', async () => {
  const granted = await client.signIn(browser, ['learnings:write'])
  const personalOne = await userToken('Reader', ['learnings:write'])
  for (const [token, next] of [
    [granted.access_token, 'connect again and allow it'],
    [personalOne, `make one at ${ORIGIN}/account that may`],
  ]) {
    const response = await asked('POST', '/runs', one(`Bearer ${token}`))
    expect([response.status, response.headers.get('content-type')]).toEqual([403, 'application/json'])
    expect(await response.json()).toEqual({
      error: 'insufficient_scope',
      error_description: expect.stringMatching(new RegExp(`^This token lacks python:run .*\\. Next: ${next}\\.$`)),
    })
  }
})

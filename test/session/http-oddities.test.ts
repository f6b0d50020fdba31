/** HTTP that no client of ours sends: methods, content types, Accept, addresses and headers. The answer is a 4xx, and never a 500. */
import { SELF } from 'cloudflare:test'
import { beforeAll, expect, test } from 'vitest'
import { call, headersOf, modern, openSession } from './support/mcp.ts'
import { bearer, ORIGIN, signedInBrowser } from './support/oauth.ts'
import { ROUTES, textOf } from './support/routes.ts'
import { userToken } from './support/users.ts'

let cookie: string
let session: Record<string, string>
beforeAll(async () => {
  const cookies = [...(await signedInBrowser()).cookies()]
  cookie = cookies.map(([name, value]) => `${name}=${value}`).join('; ')
  session = await openSession()
})

const FORM = 'application/x-www-form-urlencoded'
const BOTH = 'application/json, text/event-stream'

interface Sent {
  method?: string
  headers?: Record<string, string>
  body?: BodyInit
}

/** As somebody who is signed in and has a token. */
async function sent(path: string, { method = 'POST', headers = {}, body }: Sent): Promise<Response> {
  const all = { host: 'localhost', origin: ORIGIN, authorization: 'Bearer session-tests', cookie, ...headers }
  const init = { method, redirect: 'manual', headers: all, ...(body !== undefined && { body }) } as RequestInit
  const response = await SELF.fetch(new Request(ORIGIN + path, init))
  const text = await textOf(response, path)
  expect(text).not.toMatch(/\n\s+at .*\.ts:\d+/)
  return new Response(text === '' ? null : text, response)
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'MKCOL', 'SEARCH', 'PURGE']
const OTHERS = ROUTES.map(([path, ...methods]): [string, string[]] => [
  path,
  METHODS.filter((method) => !methods.includes(method === 'HEAD' ? 'GET' : method)),
])

test.each(OTHERS)('%s: no other method than its own', async (path, methods) => {
  for (const method of methods) {
    const response = await sent(path, { method, headers: { 'content-type': FORM } })
    expect([400, 403, 404, 405, 411, 415], method).toContain(response.status)
    expect(response.headers.get('location')).toBe(null)
  }
})

const LISTING = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }
const LIST = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })

test.each([
  ['/mcp', LIST, 'application/json'],
  ['/runs', '{"code":"1","background":true}', 'application/json'],
  ['/learnings/import', '[]', 'application/json'],
  ['/config', '{}', 'application/json'],
  ['/oauth/register', '{"redirect_uris":["https://app.example/cb"]}', 'application/json'],
  ['/oauth/token', 'grant_type=refresh_token&client_id=x', FORM],
  ['/authorize', 'decision=allow', FORM],
  ['/account/delete', 'confirm=delete', FORM],
  ['/account/tokens', 'name=x&days=1', FORM],
  ['/sign-in/local', 'return=/account', FORM],
])('%s: no other content type than its own', async (path, body, type) => {
  const wrong = [
    '',
    'text/plain',
    'text/html',
    'text/xml',
    'application/xml',
    'application/octet-stream',
    'application/jsonp',
    'application/json-patch+json',
    'x-application/json',
    'application/x-www-form-urlencoded2',
    'multipart/form-data',
    'multipart/form-data; boundary=x',
    'multipart/mixed; boundary=x',
    `${FORM}; charset=utf-16`,
    `${FORM}; charset=x-none`,
    'garbage',
    '/',
    `${'a'.repeat(500)}/b`,
    ...[FORM, 'application/json'].filter((other) => other !== type),
  ]
  for (const name of wrong) {
    const response = await sent(path, { body, headers: { 'content-type': name, accept: BOTH } })
    expect([400, 415], name).toContain(response.status)
  }
})

test.each([
  ['none', '', 200],
  ['anything', '*/*', 200],
  ['one of both', 'application/json', 200],
  ['the other one', 'text/event-stream', 200],
  ['neither, by their weights', 'application/json;q=0, text/event-stream;q=0.0', 406],
  ['something else', 'text/plain', 406],
  ['garbage', ',;=,', 406],
  ['10 kB', 'x/y,'.repeat(2_500), 406],
  ['both', BOTH, 200],
])('Accept of a 2025 request is %s', async (_what, accept, status) => {
  const headers = { 'content-type': 'application/json', accept, ...session }
  expect((await sent('/mcp', { body: LIST, headers })).status).toBe(status)
})

test.each(['', '*/*', 'text/plain', ',;=,'])('Accept “%s” is enough for 2026 and for /runs', async (accept) => {
  const headers = { 'content-type': 'application/json', accept }
  const mcp = { ...headers, ...headersOf(LISTING) }
  const body = JSON.stringify(modern(LISTING))
  expect((await sent('/mcp', { body, headers: mcp })).status).toBe(200)
  expect((await sent('/runs', { body: '{"code":"1","background":true}', headers })).status).toBe(202)
})

const ODD = [
  '',
  '0',
  '-1',
  'NaN',
  '1e999',
  '9'.repeat(400),
  '__proto__',
  '../..',
  '2025-11-25, 2026-07-28',
  'x'.repeat(100_000),
]

test.each([
  ['mcp-protocol-version', 400, 400],
  ['mcp-session-id', 404, 200],
  ['last-event-id', 200, 200],
  ['mcp-method', 200, 400],
  ['mcp-name', 200, 200],
])('the header %s with an odd value', async (name, in2025, in2026) => {
  const json = { 'content-type': 'application/json', accept: BOTH }
  for (const value of ODD) {
    const old = await sent('/mcp', { body: LIST, headers: { ...json, ...session, [name]: value } })
    expect(old.status, value.slice(0, 20)).toBe(in2025)
    const headers = { ...json, ...headersOf(LISTING), [name]: value }
    const body = JSON.stringify(modern(LISTING))
    expect((await sent('/mcp', { body, headers })).status, value.slice(0, 20)).toBe(in2026)
  }
})

test('Last-Event-ID with an odd value is no event', async () => {
  for (const value of ODD) {
    const headers = { ...session, 'last-event-id': value, accept: BOTH }
    expect((await sent('/mcp', { method: 'GET', headers })).status, value.slice(0, 20)).toBe(400)
  }
})

test.each(['cookie', 'accept', 'user-agent', 'range', 'if-none-match', 'accept-language', 'x-forwarded-for', 'x-big'])(
  'a header %s of 100 kB breaks nothing',
  async (name) => {
    for (const [path, ...methods] of ROUTES) {
      for (const method of methods) {
        const response = await sent(path, {
          method,
          headers: { [name]: 'x'.repeat(100_000), 'content-type': 'text/x' },
        })
        expect(response.status, `${method} ${path}`).toBeLessThan(500)
      }
    }
  },
)

test('a thousand headers break nothing', async () => {
  const headers = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`x-header-${n}`, 'x'.repeat(50)]))
  for (const path of ['/mcp', '/runs', '/oauth/token', '/authorize', '/account']) {
    expect((await sent(path, { method: 'GET', headers })).status, path).toBeLessThan(500)
  }
})

test.each([
  ['/files/%E0%A4%A', 400],
  ['/files/%ff', 400],
  ['/files/%00', 404],
  ['/files/..%2f..%2fetc%2fpasswd', 400],
  ['/files/%2e%2e/%2e%2e/etc/passwd', 404],
  ['/files//etc/passwd', 400],
  ['/files/a?path=../../etc/passwd', 400],
  ['/runs/%E0%A4%A', 404],
  ['/runs/__proto__', 404],
  ["/runs/'%20OR%201=1--", 404],
  ['/runs/x/events?after=__proto__', 404],
  ['/learnings/%zz', 404],
  ['/learnings/constructor', 404],
  ['/learnings?limit=-1&kind=__proto__', 400],
  ['/account/', 404],
  ['/account/%E0%A4%A', 404],
  ['/authorize/', 404],
  ['/authorize%00', 404],
  ['/oauth/', 404],
  ['/oauth/token/', 404],
  ['/oauth/token%2f', 404],
  ['/oauth/%E0%A4%A', 404],
  ['/.well-known/%E0%A4%A', 404],
  ['/.well-known/oauth-authorization-server/mcp', 404],
  ['/.well-known/oauth-protected-resource/runs', 404],
  ['/.well-known/openid-configuration', 404],
  ['/sign-in/%E0/callback', 404],
  ['/sign-in/github/callback?state=%E0%A4%A', 404],
  ['/assets/%2e%2e/index.ts', 404],
  ['//mcp', 404],
  ['/mcp/', 405],
  ['/mcp//', 404],
  ['/mcp/x', 404],
  ['/MCP', 404],
  ['/mcp%2f', 404],
  ['/%6dcp', 404],
])('GET %s', async (path, status) => {
  expect((await sent(path, { method: 'GET' })).status).toBe(status)
})

test('addresses of 20 kB lead nowhere', async () => {
  const long = 'a'.repeat(20_000)
  expect((await sent(`/files/${long}`, { method: 'GET' })).status).toBe(400)
  for (const path of [`/runs/${long}`, `/learnings/${long}`, `/account/${long}`, `/oauth/${long}`]) {
    expect((await sent(path, { method: 'GET' })).status, path.slice(0, 20)).toBe(404)
  }
  expect((await sent(`/${'a/'.repeat(10_000)}`, { method: 'GET' })).status).toBe(404)
  expect((await sent(`/authorize?state=${long}`, { method: 'GET' })).status).toBe(400)
})

test.each([
  ['GET', '/oauth/', 404, 'There is nothing at /oauth/. Next: '],
  ['GET', '/mcp/1', 404, 'There is nothing at /mcp/1. Next: '],
  ['GET', '/config/x', 404, 'There is nothing at /config/x. Next: '],
  ['GET', `/${'x'.repeat(5_000)}`, 404, `There is nothing at /${'x'.repeat(199)}. Next: `],
  ['PUT', '/.well-known/oauth-authorization-server', 405, 'Next: use GET'],
  ['PUT', '/.well-known/oauth-protected-resource', 405, 'Next: use GET'],
])('%s %s is refused with words', async (method, path, status, words) => {
  const response = await sent(path, { method })
  expect([response.status, await response.json()]).toEqual([status, { error: expect.stringContaining(words) }])
})

test.each(['host', 'origin'])('a long %s is refused, and not repeated', async (name) => {
  const response = await sent('/', { method: 'GET', headers: { [name]: 'x'.repeat(5_000) } })
  expect([response.status, await response.json()]).toEqual([403, { error: 'The Host or Origin header is not valid.' }])
})

test.each(['/mcp/', '/config', '/learnings', '/files', '/runs'])(
  'GET %s with a body is answered as without',
  async (path) => {
    // A user who has nothing: runs of the local user go on, files beside this one write in its workspace, and links differ from second to second.
    const headers = bearer(await userToken(crypto.randomUUID()))
    const plain = await sent(path, { method: 'GET', headers })
    const withBody = await sent(path, { method: 'GET', headers: { ...headers, 'content-length': '3' } })
    expect([withBody.status, await withBody.text()]).toEqual([plain.status, await plain.text()])
    const head = await sent(path, { method: 'HEAD', headers: { ...headers, 'content-length': '3' } })
    expect(head.status).toBeLessThan(500)
  },
)

test('a body that breaks off, and one that is no stream of bytes', async () => {
  for (const [path, type] of [
    ['/mcp', 'application/json'],
    ['/runs', 'application/json'],
    ['/oauth/register', 'application/json'],
    ['/oauth/token', FORM],
    ['/authorize', FORM],
  ] as const) {
    const body = JSON.stringify(call(1, 'run_python', { code: 'print(1)' }))
    for (const part of [
      body.slice(0, -5),
      body.slice(0, 1),
      '\u0000'.repeat(1_000),
      new Uint8Array([0xff, 0xfe, 0x7b, 0]),
    ]) {
      const response = await sent(path, { body: part, headers: { 'content-type': type, accept: BOTH } })
      expect([400, 401], path).toContain(response.status)
    }
  }
})

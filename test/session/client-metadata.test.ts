/** Apps that are known by the address of a document: what is wrong with it is a page, and only who has the address has its name. */
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { CookieBrowser } from '../support/cookie-browser.ts'
import { OAuthClient, REDIRECT_URI, type Tokens } from '../support/oauth-client.ts'
import { consentFields, expectErrorPage, fetchSelf, ORIGIN, signedInBrowser, statusWith } from './support/oauth.ts'
import { expectRefused } from './support/token-endpoint.ts'

const ID = 'https://client.example/oauth/metadata.json'
const DOCUMENT = { client_id: ID, client_name: 'A published app', redirect_uris: [REDIRECT_URI] }
/** Longest document that the provider reads. */
const MAX_BYTES = 5 * 1024

type Answer = () => Response | Promise<Response>
/** What is at which address outside; and every address that was asked for. */
let internet: Map<string, Answer>
let asked: string[]

const json = (value: unknown, type = 'application/json'): Answer => {
  return () => new Response(JSON.stringify(value), { headers: { 'content-type': type } })
}
const to = (location: string, status = 302): Answer => {
  return () => new Response(null, { status, headers: { location } })
}
const at = (client_id: string, changed: Record<string, unknown> = {}): Answer =>
  json({ ...DOCUMENT, client_id, ...changed })
const never: Answer = () => new Promise<Response>(() => undefined)

/** Like fetch, in an internet of our own: with redirects, and with a signal that ends the waiting. */
async function fetchOutside(request: Request, signal: AbortSignal | null | undefined, hops = 0): Promise<Response> {
  if (hops > 20) throw new Error('Too many redirects.')
  asked.push(request.url)
  const aborted = new Promise<never>((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(new DOMException('Aborted', 'AbortError')))
  })
  const answer = internet.get(request.url)
  if (answer === undefined) throw new Error('Network connection lost.')
  const response = await Promise.race([answer(), aborted])
  const location = response.headers.get('location')
  if (location === null || request.redirect === 'manual') return response
  return fetchOutside(new Request(new URL(location, request.url), { redirect: request.redirect }), signal, hops + 1)
}

let browser: CookieBrowser
let client: OAuthClient
beforeAll(async () => {
  browser = await signedInBrowser()
  client = new OAuthClient(fetchSelf, ORIGIN)
})
beforeEach(() => {
  internet = new Map([[ID, json(DOCUMENT)]])
  asked = []
  client.clientId = ID
  const { fetch } = globalThis
  vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) => {
    const request = new Request(input, init)
    return new URL(request.url).hostname === '127.0.0.1' ? fetch(request) : fetchOutside(request, init?.signal)
  })
})
afterEach(() => {
  vi.restoreAllMocks()
})

test.each([
  ['a document', {}, 'application/json'],
  ['a document of a type of its own', {}, 'application/cimd+json; charset=utf-8'],
  [
    'a document with more than is used',
    { grant_types: ['authorization_code', 'urn:x'], jwks: { keys: [] } },
    'application/json',
  ],
  ['a document with other schemes beside', { redirect_uris: ['app://cb', REDIRECT_URI] }, 'application/json'],
])('%s makes a client, whose domain is shown', async (_what, changed, type) => {
  internet.set(ID, json({ ...DOCUMENT, ...changed }, type))
  const authorization = client.authorization()
  const page = await (await browser.get(authorization.url)).text()
  expect(page).toContain('Allow <bdi>A published app</bdi>')
  expect(page).toContain('Published by <strong><bdi>client.example</bdi></strong')
  expect(page).not.toContain('nobody has checked it')
  const code = (await client.allow(browser, authorization)).searchParams.get('code')!
  const tokens = await (await client.redeem(code, authorization.verifier)).json<Tokens>()
  expect(await statusWith(tokens.access_token)).toBe(200)
  expect((await client.refresh(tokens.refresh_token)).status).toBe(200)
})

test('what a document says of itself is text, and nothing it links to is loaded', async () => {
  internet.set(
    ID,
    json({
      ...DOCUMENT,
      client_name: '<img src=x>\u202e',
      logo_uri: 'https://evil.example/l',
      client_uri: 'https://evil.example',
    }),
  )
  const page = await (await browser.get(client.authorization().url)).text()
  expect(page).toContain('Allow <bdi>&lt;img src=x&gt;</bdi>')
  expect(page).not.toContain('evil.example')
})

test.each([
  ['letters', 'x'.repeat(4_500), `${'x'.repeat(79)}…`],
  ['emoji', '🦀'.repeat(1_100), `${'🦀'.repeat(79)}…`],
  ['spaces', `a${' '.repeat(4_500)}b`, 'a…'],
  ['what counts as one character', '\u1100'.repeat(1_500), `${'\u1100'.repeat(400)}…`],
])('a name of a document full of %s is cut', async (_what, client_name, name) => {
  internet.set(ID, json({ ...DOCUMENT, client_name }))
  const page = await (await browser.get(client.authorization().url)).text()
  expect(/<h1>Allow <bdi>([\s\S]*?)<\/bdi>/.exec(page)?.[1]).toBe(name)
})

const big = (bytes: number) => JSON.stringify({ ...DOCUMENT, padding: 'x'.repeat(bytes) })
const streamed =
  (text: string): Answer =>
  () =>
    new Response(new Blob([text]).stream(), { headers: { 'content-type': 'application/json' } })
const raw =
  (body: BodyInit, type = 'application/json', status = 200): Answer =>
  () =>
    new Response(body, { status, headers: { 'content-type': type } })

test.each<[string, Answer]>([
  // whose it is
  ['of another client', at('https://other.example/metadata.json')],
  ['of this client in another spelling', at(ID.replace('client', 'CLIENT'))],
  ['of this client, and more', at(`${ID}?x`)],
  ['of nobody', json({ ...DOCUMENT, client_id: undefined })],
  ['of several', json({ ...DOCUMENT, client_id: [ID] })],
  ['without a name', json({ ...DOCUMENT, client_name: ' ' })],
  // where it leads
  ['without redirect URIs', json({ ...DOCUMENT, redirect_uris: undefined })],
  ['with no redirect URI', json({ ...DOCUMENT, redirect_uris: [] })],
  ['with a text as its redirect URIs', json({ ...DOCUMENT, redirect_uris: REDIRECT_URI })],
  ['with another redirect URI', json({ ...DOCUMENT, redirect_uris: ['https://client.example/cb'] })],
  ['with javascript: beside it', json({ ...DOCUMENT, redirect_uris: [REDIRECT_URI, 'javascript:alert(1)'] })],
  ['with data: in upper case beside it', json({ ...DOCUMENT, redirect_uris: [REDIRECT_URI, 'DATA:text/html,x'] })],
  // secrets
  ['with a secret', json({ ...DOCUMENT, client_secret: 'secret' })],
  ['with a private key', json({ ...DOCUMENT, jwks: { keys: [{ kty: 'EC', d: 'private' }] } })],
  ['that wants a secret', json({ ...DOCUMENT, token_endpoint_auth_method: 'client_secret_basic' })],
  ['that wants to sign, without a key', json({ ...DOCUMENT, token_endpoint_auth_method: 'private_key_jwt' })],
  // the form
  ['of 6 kB', raw(big(6 * 1024))],
  ['of 6 kB that come in parts', streamed(big(6 * 1024))],
  ['of one byte too many', raw(big(MAX_BYTES - big(0).length + 1))],
  ['of 10 MB', streamed(big(10 * 1024 ** 2))],
  ['that is empty', raw('')],
  ['that is cut short', raw(JSON.stringify(DOCUMENT).slice(0, -2))],
  ['that is a list', raw(JSON.stringify([DOCUMENT]))],
  ['that is null', raw('null')],
  ['that is no UTF-8', raw(new Uint8Array([0x7b, 0xff, 0x7d]))],
  ['that is HTML', raw('<!doctype html><title>Client</title>', 'text/html')],
  ['that says it is HTML', raw(JSON.stringify(DOCUMENT), 'text/html')],
  ['that says it is text', raw(JSON.stringify(DOCUMENT), 'text/plain')],
  ['that does not say what it is', () => new Response(new TextEncoder().encode(JSON.stringify(DOCUMENT)))],
  // the answer
  ['that is not there', raw('{}', 'application/json', 404)],
  ['that is not there, and yet sent', raw(JSON.stringify(DOCUMENT), 'application/json', 404)],
  ['of a server that fails', raw(JSON.stringify(DOCUMENT), 'application/json', 500)],
  ['that is only accepted', raw(JSON.stringify(DOCUMENT), 'application/json', 202)],
  ['that wants a password', raw('{}', 'application/json', 401)],
  ['of a server that cannot be reached', () => Promise.reject(new Error('Network connection lost.'))],
  // elsewhere
  ['at another address of the same site', to('/other.json')],
  ['at its own address', to(ID)],
  ['at another site', to('https://evil.example/metadata.json')],
  ['at another site for good', to('https://evil.example/metadata.json', 301)],
  ['at another site, 307', to('https://evil.example/metadata.json', 307)],
  ['at another site, 308', to('https://evil.example/metadata.json', 308)],
  ['at a private address', to('http://10.0.0.1/metadata.json')],
  ['at the metadata of the cloud', to('http://169.254.169.254/latest/meta-data')],
  ['at a name inside', to('http://runner.internal/metadata.json')],
])('a document %s is a page', async (_what, answer) => {
  internet.set(ID, answer)
  // Where it redirects to there would be one that is in order.
  for (const elsewhere of [
    'https://client.example/other.json',
    'https://evil.example/metadata.json',
    'http://10.0.0.1/metadata.json',
    'http://169.254.169.254/latest/meta-data',
    'http://runner.internal/metadata.json',
  ])
    internet.set(elsewhere, json(DOCUMENT))
  await expectErrorPage(await browser.get(client.authorization().url))
  // Nobody was asked but who the client says it is.
  expect(new Set(asked)).toEqual(new Set([ID]))
})

test('documents that do not come, or do not end, are pages', async () => {
  internet.set(ID, never)
  const endless = 'https://endless.example/metadata.json'
  internet.set(endless, () => new Response(new ReadableStream(), { headers: { 'content-type': 'application/json' } }))
  const pages = [ID, endless].map(async (client_id) => browser.get(client.authorization({ client_id }).url))
  for (const page of await Promise.all(pages)) await expectErrorPage(page)
})

test.each([
  ['over http', 'http://client.example/oauth/metadata.json'],
  ['without a path', 'https://client.example'],
  ['with a password', 'https://me:password@client.example/oauth/metadata.json'],
  ['with a name', 'https://me@client.example/oauth/metadata.json'],
  ['with a fragment', `${ID}#x`],
  ['with dots', 'https://client.example/a/../oauth/metadata.json'],
  ['with encoded dots', 'https://client.example/%2e%2e/oauth/metadata.json'],
  ['with broken escapes', 'https://client.example/%zz'],
  ['with backslashes', 'https:\\\\client.example\\oauth\\metadata.json'],
  ['with a blank', `${ID} `],
  ['with a new line', `${ID}\n`],
  ['with letters beside ASCII', 'https://client.example/mét'],
  ['of 500 characters', `https://client.example/${'x'.repeat(500)}`],
  ['of a file', 'file:///etc/passwd'],
  ['of data', `data:application/json,${encodeURIComponent(JSON.stringify(DOCUMENT))}`],
])('an address %s is a page', async (_what, client_id) => {
  internet.set(new URL(client_id, ID).href, at(client_id))
  await expectErrorPage(await browser.get(client.authorization({ client_id }).url))
})

test('nothing is fetched for somebody who has not signed in', async () => {
  const stranger = new CookieBrowser(fetchSelf, ORIGIN)
  expect((await stranger.get(client.authorization().url)).headers.get('location')).toContain('/sign-in')
  expect(asked).toEqual([])
})

test.each<[string, Answer | null]>([
  ['that has gone', null],
  ['that no longer leads there', json({ ...DOCUMENT, redirect_uris: ['https://client.example/cb'] })],
  ['that has become another’s', at('https://other.example/metadata.json')],
])('a document %s when the user answers allows nothing', async (_what, then) => {
  const fields = await consentFields(browser, client.authorization())
  if (then === null) internet.delete(ID)
  else internet.set(ID, then)
  await expectErrorPage(await browser.post('/authorize', { ...fields, decision: 'allow' }))
})

test('the token endpoint knows nobody whose document is not in order', async () => {
  for (const answer of [
    to('https://evil.example/x'),
    raw('<html>'),
    raw('{}', 'application/json', 404),
    at('https://other.example/x'),
  ]) {
    internet.set(ID, answer)
    await expectRefused(await client.redeem('user:grant:code', 'A'.repeat(43)), 401, 'invalid_client')
  }
})

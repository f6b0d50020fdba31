/**
 * Where an app may have its user sent. What cannot be registered, or was not, is a page of ours, wherever it is asked for; what is
 * accepted leads exactly to the host that the page has shown.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { CookieBrowser } from '../support/cookie-browser.ts'
import { OAuthClient } from '../support/oauth-client.ts'
import { consentFields, expectErrorPage, fetchSelf, newClient, ORIGIN, signedInBrowser } from './support/oauth.ts'

let browser: CookieBrowser
beforeAll(async () => {
  browser = await signedInBrowser()
})

/** Allows what is asked for; the address that the browser is sent to. */
async function allowed(client: OAuthClient, redirect_uri: string): Promise<string> {
  const fields = await consentFields(browser, client.authorization({ redirect_uri }))
  const response = await browser.post('/authorize', { ...fields, decision: 'allow' })
  expect(response.status).toBe(302)
  return response.headers.get('location') ?? ''
}

describe('registered and asked for', () => {
  const LONG_HOST = `${'a.'.repeat(120)}example`
  test.each([
    ['https://app.example/cb', 'app.example'],
    ['https://app.example', 'app.example'],
    ['https://app.example/', 'app.example'],
    ['https://app.example:8443/cb', 'app.example'],
    ['https://app_1.example/cb', 'app_1.example'],
    ['https://app.example/cb?from=mcp', 'app.example'],
    ['https://app.example/cb?code=1&state=2&iss=3', 'app.example'],
    ['https://app.example/cb%0d%0aset-cookie:x=y', 'app.example'],
    ['https://app.example/%00', 'app.example'],
    ['https://app.example.evil.example/cb', 'app.example.evil.example'],
    [`https://${LONG_HOST}/cb`, LONG_HOST],
    ['https://xn--pple-43d.com/cb', 'xn--pple-43d.com'],
    ['https://10.0.0.1/cb', '10.0.0.1'],
    ['http://localhost/cb', 'localhost'],
    ['http://localhost:33418/cb', 'localhost'],
    ['http://127.0.0.1:33418', '127.0.0.1'],
    ['http://127.9.9.9:99/cb', '127.9.9.9'],
    ['http://[::1]:99/cb', '[::1]'],
    ['https://[2001:db8::1]/cb', '[2001:db8::1]'],
  ])('%s: accepted, and shown as %s', async (uri, host) => {
    const client = await newClient({ redirect_uris: [uri] })
    const page = await (await browser.get(client.authorization({ redirect_uri: uri }).url)).text()
    expect(page).toContain(`sent to <strong><bdi>${host}</bdi>`)
    const location = new URL(await allowed(client, uri))
    const { origin, pathname } = new URL(uri)
    expect([location.origin, location.pathname]).toEqual([origin, pathname])
    // What a URI says about these itself does not count.
    expect([location.searchParams.getAll('code'), location.searchParams.getAll('iss')]).toEqual([
      [expect.stringMatching(/^[0-9a-f]{32}:/)],
      [ORIGIN],
    ])
  })

  const REFUSED = [
    // user information and fragments
    'https://evil@app.example/cb',
    'https://app.example@evil.example/cb',
    'https://app.example:443@evil.example/cb',
    'https://app.example%252f@evil.example/cb',
    'http://user:password@127.0.0.1/cb',
    'https://app.example#@evil.example/cb',
    'https://app.example/cb#',
    'https://app.example/cb#fragment',
    // what browsers read in another way than it looks
    'https://app.example\\@evil.example/cb',
    'https:\\\\evil.example\\cb',
    'https:/evil.example/cb',
    'https:evil.example/cb',
    'https:///evil.example/cb',
    'http://localhost\\@evil.example/cb',
    'http://localhost\\.evil.example/cb',
    '//evil.example/cb',
    '///evil.example/cb',
    '\\\\evil.example\\cb',
    '/cb',
    'cb',
    '',
    '   ',
    ' https://app.example/cb',
    'https://app.example/cb ',
    'https://app.example/cb\n',
    'https://app.example/\tcb',
    'ht\ntps://app.example/cb',
    'https://app.example/cb\r\nset-cookie: x=y',
    '\u0000https://app.example/cb',
    'https://app.example/cb\u0000',
    'https://app.example/a b',
    'https://app.example/\u202ecb',
    'https://app.example/a/../cb',
    'https://app.example/%2e%2e/cb',
    'HTTPS://app.example/cb',
    'https://APP.example/cb',
    'https://app.example:443/cb',
    'https://app.example:0443/cb',
    'https://app.example:99999/cb',
    'https://app.example./cb',
    'https://app..example/cb',
    'https://app.example%2eevil.example/cb',
    'https://app.example%2f.evil.example/cb',
    'https://%61pp.example/cb',
    'https://\u0430pple.com/cb',
    'https://app\u3002example/cb',
    'https://',
    'https://:443/cb',
    // hosts that are none, and would mean something in our Content-Security-Policy
    'https://*/cb',
    'https://*.example/cb',
    'https://a;script-src/cb',
    'https://a,default-src/cb',
    "https://'none'/cb",
    'https://a"b/cb',
    'https://a<b>/cb',
    `https://${'a.'.repeat(130)}example/cb`,
    `https://app.example/${'a'.repeat(2000)}`,
    // unprotected, and not on this computer
    'http://app.example/cb',
    'http://localhost.evil/cb',
    'http://localhost.evil.example/cb',
    'http://localhost./cb',
    'http://LOCALHOST/cb',
    'http://loc%61lhost/cb',
    'http://localhost:99999/cb',
    'http://127.0.0.1.evil.example/cb',
    'http://127.0.0.1.nip.io/cb',
    'http://127.1/cb',
    'http://2130706433/cb',
    'http://0x7f000001/cb',
    'http://0177.0.0.1/cb',
    'http://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460/cb',
    'http://[0:0:0:0:0:0:0:1]/cb',
    'http://[::ffff:127.0.0.1]/cb',
    'http://[::1%25lo]/cb',
    'http://[::]/cb',
    'http://0.0.0.0/cb',
    'http://10.0.0.1/cb',
    'http://169.254.169.254/latest/meta-data',
    // schemes
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' javascript:alert(1)',
    'java\tscript:alert(1)',
    'java\nscript:alert(1)',
    '\u0001javascript:alert(1)',
    'javascript://127.0.0.1/%0aalert(1)',
    'javascript%3aalert(1)',
    'data:text/html,<script>alert(1)</script>',
    'DATA:text/html;base64,PHNjcmlwdD4=',
    'd\tata:text/html,x',
    'vbscript:msgbox(1)',
    'file:///etc/passwd',
    'blob:https://app.example/0',
    'filesystem:https://app.example/temporary/x',
    'view-source:https://app.example/cb',
    'about:blank',
    'mailto:a@app.example',
    'intent://app.example#Intent;scheme=https;end',
    'ftp://app.example/cb',
    'ws://127.0.0.1/cb',
    'wss://app.example/cb',
    'urn:ietf:wg:oauth:2.0:oob',
    'com.example.app:/cb',
    'cursor://anysphere.cursor-mcp/oauth/callback',
    'chrome-extension://abcdefghijklmnop/cb',
  ]

  test.each(REFUSED)('%j: not registered', async (uri) => {
    const response = await new OAuthClient(fetchSelf, ORIGIN).register({ redirect_uris: [uri] })
    const answer = await response.json()
    expect([response.status, answer]).toEqual([
      400,
      {
        error: expect.stringMatching(/^invalid_(client_metadata|redirect_uri)$/),
        error_description: expect.anything(),
      },
    ])
  })

  test.each(REFUSED)('%j: a page when asked for', async (uri) => {
    const client = await newClient({ redirect_uris: ['https://app.example/cb', 'http://localhost:33418/cb'] })
    await expectErrorPage(await browser.get(client.authorization({ redirect_uri: uri }).url))
  })
})

describe('asked for by a client that has registered others', () => {
  let client: OAuthClient
  beforeAll(async () => {
    client = await newClient({
      redirect_uris: [
        'https://app.example/cb',
        'https://app.example/q?x=1',
        'http://127.0.0.1:33418/cb',
        'http://localhost:33418/cb',
        'http://[::1]:33418/cb',
        // Clients list these beside what they use.
        'cursor://anysphere.cursor-mcp/oauth/callback',
      ],
    })
  })

  test.each([
    'https://app.example/cb',
    'https://app.example/q?x=1',
    // RFC 8252: the port of a loopback address is the app's business.
    'http://127.0.0.1:33418/cb',
    'http://127.0.0.1:1/cb',
    'http://127.0.0.1:65535/cb',
    'http://127.0.0.1/cb',
    'http://localhost:4000/cb',
    'http://[::1]:4000/cb',
  ])('%s: accepted', async (uri) => {
    expect(await allowed(client, uri)).toMatch(uri.includes('?') ? `${uri}&code=` : `${uri}?code=`)
  })

  test.each([
    'https://app.example/cb/',
    'https://app.example/CB',
    'https://app.example/cb2',
    'https://app.example/cb/..',
    'https://app.example/cb%2f',
    'https://app.example/%63b',
    'https://app.example//cb',
    'https://app.example/cb;x',
    'https://app.example/cb?',
    'https://app.example/cb?x=1',
    'https://app.example/q',
    'https://app.example/q?x=1&y=2',
    'https://app.example/q?y=2&x=1',
    'https://app.example',
    'https://app.example/',
    'https://app.example:8443/cb',
    'https://app.example:80/cb',
    'https://www.app.example/cb',
    'https://app.example.evil.example/cb',
    'https://evilapp.example/cb',
    'https://app-example/cb',
    'https://evil.example/https://app.example/cb',
    'https://evil.example/?u=https://app.example/cb',
    'http://app.example/cb',
    'http://app.example:443/cb',
    'https://127.0.0.1:33418/cb',
    'https://localhost/cb',
    'http://127.0.0.2:33418/cb',
    'http://127.0.0.1:33418/',
    'http://127.0.0.1:33418/cb/',
    'http://127.0.0.1:33418/other',
    'http://127.0.0.1:33418/cb?x=1',
    'http://127.0.0.1:33418/x/../cb',
    'http://localhost:33418/CB',
    'http://[::2]:33418/cb',
    'cursor://anysphere.cursor-mcp/oauth/callback',
    'https://app.example/cb https://evil.example/',
    'https://app.example/cb,https://evil.example/',
    '*',
    'null',
  ])('%s: a page', async (uri) => {
    await expectErrorPage(await browser.get(client.authorization({ redirect_uri: uri }).url))
  })

  test.each([
    ['a second one', '&redirect_uri=https%3A%2F%2Fevil.example%2F'],
    ['the same again', '&redirect_uri=https%3A%2F%2Fapp.example%2Fcb'],
    ['a second client', '&client_id=other'],
    ['a second state', '&state=other'],
    ['a second one in another spelling', '&redirect%5Furi=https%3A%2F%2Fevil.example%2F'],
  ])('twice, %s: a page', async (_what, more) => {
    const { url } = client.authorization({ redirect_uri: 'https://app.example/cb' })
    expect(await expectErrorPage(await browser.get(url + more))).toContain('twice')
  })

  test('none at all: a page', async () => {
    await expectErrorPage(await browser.get(client.authorization({ redirect_uri: null }).url))
  })

  test('another client’s: a page', async () => {
    const other = await newClient({ redirect_uris: ['https://other.example/cb'] })
    await expectErrorPage(await browser.get(other.authorization({ redirect_uri: 'https://app.example/cb' }).url))
  })
})

test.each([
  ['no client', null],
  ['an empty one', ''],
  ['one that is not there', 'nobody'],
  ['one too long for a key', 'x'.repeat(600)],
  ['a path', '../../client'],
  ['a NUL', 'a\u0000b'],
  ['a new line', 'a\nb'],
  ['another kind of key', 'grant:0'],
  ['markup', '<script>alert(1)</script>'],
])('a request of %s is a page', async (_what, client_id) => {
  const client = await newClient()
  expect(await expectErrorPage(await browser.get(client.authorization({ client_id }).url))).not.toContain('<script')
})

test('nobody is sent to an app before it is known who they are', async () => {
  const client = await newClient()
  const stranger = new CookieBrowser(fetchSelf, ORIGIN)
  for (const changed of [{}, { response_type: 'token' }, { client_id: 'nobody' }]) {
    const { headers } = await stranger.get(client.authorization(changed).url)
    expect(headers.get('location')).toMatch(/^\/sign-in\?return=%2Fauthorize%3F/)
  }
  await expectErrorPage(await stranger.get(client.authorization({ code_challenge: null }).url))
})

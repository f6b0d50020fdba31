/** What the consent page shows of an app that may call itself anything, and what it lets the user give. */
import { beforeAll, expect, test } from 'vitest'
import { type CookieBrowser, formFields } from '../support/cookie-browser.ts'
import { type OAuthClient, REDIRECT_URI, type Tokens } from '../support/oauth-client.ts'
import { newClient, signedInBrowser } from './support/oauth.ts'

let browser: CookieBrowser
let client: OAuthClient
beforeAll(async () => {
  ;[browser, client] = await Promise.all([signedInBrowser(), newClient()])
})

test('a scope that is ticked twice is given once, and none is none', async () => {
  for (const [scope, given] of [
    [['settings:write', 'settings:write'], 'settings:write'],
    [[], ''],
  ] as const) {
    const authorization = client.authorization()
    const code = (await client.allow(browser, authorization, [...scope])).searchParams.get('code')!
    const tokens = await (await client.redeem(code, authorization.verifier)).json<Tokens>()
    expect(tokens.scope).toBe(given)
  }
})

test.each([
  ['nothing', null, ['python:run', 'learnings:write', 'settings:write']],
  ['an empty text', '', ['python:run', 'learnings:write', 'settings:write']],
  ['one', 'settings:write', ['settings:write']],
  ['one twice', 'python:run python:run', ['python:run']],
  ['one that there is not', 'root', ['python:run', 'learnings:write', 'settings:write']],
  ['one that there is not beside one', 'root learnings:write', ['learnings:write']],
  ['what clients add by habit', 'openid offline_access python:run', ['python:run']],
  ['names of every object', '__proto__ constructor toString python:run', ['python:run']],
  ['markup', '"><script>alert(1)</script> python:run', ['python:run']],
  ['lines', 'python:run\nsettings:write', ['python:run', 'learnings:write', 'settings:write']],
  ['10 kB', `${'x'.repeat(10_000)} python:run`, ['python:run']],
])('an app that asks for %s is offered what there is', async (_what, scope, offered) => {
  const page = await (await browser.get(client.authorization({ scope }).url)).text()
  expect(formFields(page, '/authorize')['scope']).toEqual(offered)
  expect(page).not.toContain('<script')
  expect(page.length).toBeLessThan(5_000)
})

const LINKS = {
  logo_uri: 'https://evil.example/logo.png',
  client_uri: 'https://evil.example',
  tos_uri: 'https://evil.example/terms',
  policy_uri: 'https://evil.example/privacy',
  contacts: ['<b>evil.example</b>'],
}

test.each([
  ['markup', '<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
  ['an attribute’s end', '"><img src=x onerror=alert(1)>', '&quot;&gt;&lt;img src=x onerror=alert(1)&gt;'],
  ['a closing tag', '</bdi></h1><form action=//evil>', '&lt;/bdi&gt;&lt;/h1&gt;&lt;form action=//evil&gt;'],
  ['a comment', '<!-- ', '&lt;!--'],
  ['escaped markup', '&lt;b&gt;', '&amp;lt;b&amp;gt;'],
  ['templates', '{{7*7}}${7*7}<%= 7*7 %>#{7*7}', '{{7*7}}${7*7}&lt;%= 7*7 %&gt;#{7*7}'],
  ['what replace() understands', "$& $` $' $1", '$&amp; $` $&#39; $1'],
  ['a right-to-left override', '\u202egpj.exe', 'gpj.exe'],
  ['isolates and marks', 'a\u2066b\u2069c\u200fd\u061ce', 'a b c d e'],
  ['annotations', 'a\ufff9b\ufffac\ufffb', 'a b c'],
  ['zero width', 'Cl\u200bau\u200cde\ufeff', 'Cl au de'],
  ['lines', 'one\r\ntwo\u2028three\u2029four\u0085five\tsix', 'one two three four five six'],
  ['a NUL', 'a\u0000b', 'a b'],
  ['tags that nobody sees', 'a\u{e0041}\u{e0042}', 'a'],
  ['half a character', 'a\ud800b', 'a b'],
  ['many marks', `Z${'\u0351'.repeat(199)}`, 'Z'],
  ['as many letters as may be', 'x'.repeat(200), `${'x'.repeat(79)}…`],
  ['as many emoji as may be', '🦀'.repeat(200), `${'🦀'.repeat(79)}…`],
  ['many spaces', `a${' '.repeat(198)}b`, 'a b'],
  ['nothing that is visible', '\u200b\u200b', '(no name)'],
  ['a filler', '\u3164', '(no name)'],
  ['an empty Braille cell', '\u2800', '(no name)'],
])('shows a name of %s as text, cut', async (_what, client_name, name) => {
  const client = await newClient({ client_name, ...LINKS })
  const response = await browser.get(client.authorization().url)
  const page = await response.text()
  expect(/<h1>Allow <bdi>([\s\S]*?)<\/bdi> to use your Python\?<\/h1>/.exec(page)?.[1]).toBe(name)
  expect(page).toContain('This app gave itself that name; nobody has checked it.')
  // One style sheet of ours, and nothing else that would be loaded or run.
  expect(page.match(/<(?!\/)(?:script|img|iframe|object|embed|link|meta http|base|svg|video)[^>]*>/gi)).toEqual([
    '<link rel="stylesheet" href="/assets/pages.css" />',
  ])
  expect(page).not.toMatch(/evil\.example|<[^>]*\son[a-z]+=/)
  expect(page.length).toBeLessThan(5_000)
})

test.each(['', '   ', '\ufeff'])('calls an app that gave itself the name %j by its id', async (client_name) => {
  const client = await newClient({ client_name })
  const page = await (await browser.get(client.authorization().url)).text()
  expect(page).toContain(`Allow <bdi>${client.clientId}</bdi>`)
})

test('shows the whole host, whatever it begins like', async () => {
  const uri = `https://claude.ai.${'login.'.repeat(30)}evil.example/cb`
  const client = await newClient({ redirect_uris: [uri] })
  const page = await (await browser.get(client.authorization({ redirect_uri: uri }).url)).text()
  expect(page).toContain('login.evil.example</bdi>')
})

test.each([
  ['https://app.example:8443/cb', 'https://app.example:8443'],
  ['http://127.0.0.1:33418/callback', 'http://127.0.0.1:33418'],
  // No source expression matches an IPv6 address.
  ['http://[::1]:33418/cb', 'http:'],
])('lets its form’s answer lead to %s', async (uri, target) => {
  const client = await newClient({ redirect_uris: [uri] })
  const { headers } = await browser.get(client.authorization({ redirect_uri: uri }).url)
  expect(headers.get('content-security-policy')).toContain(`; form-action 'self' ${target}; `)
})

test.each([
  ['markup', '<script>alert(1)</script>'],
  ['a header', 'x\r\nset-cookie: a=b'],
  ['another answer', 'x&code=forged&iss=https://evil.example#'],
  ['half a character', '\ufffd'],
  ['20 kB', 's'.repeat(20_000)],
])('a state of %s comes back as it was', async (_what, state) => {
  const location = await client.allow(browser, client.authorization({ state }))
  expect(location.origin + location.pathname).toBe(REDIRECT_URI)
  expect([...location.searchParams.keys()]).toEqual(['code', 'state', 'iss'])
  expect(location.searchParams.get('state')).toBe(state)
})

test.each([
  ['implicit', { response_type: 'token' }, 'unsupported_response_type'],
  ['hybrid', { response_type: 'code id_token' }, 'unsupported_response_type'],
  ['no response type', { response_type: null }, 'invalid_request'],
  ['markup as the response type', { response_type: '<script>' }, 'unsupported_response_type'],
  ['another resource', { resource: 'https://evil.example' }, 'invalid_target'],
  ['this server under another name', { resource: 'http://127.0.0.1' }, 'invalid_target'],
])('a request for %s is refused, to the app', async (_what, changed, error) => {
  const response = await browser.get(client.authorization(changed).url)
  expect(response.status).toBe(302)
  const location = new URL(response.headers.get('location')!)
  expect([location.origin + location.pathname, location.searchParams.get('error')]).toEqual([REDIRECT_URI, error])
})

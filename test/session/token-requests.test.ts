/** The form of a request for tokens: who sends it, how, and what for. Every request has a good code; none gets tokens for it. */
import { beforeAll, beforeEach, expect, test } from 'vitest'
import type { CookieBrowser } from '../support/cookie-browser.ts'
import type { OAuthClient, Registered, Tokens } from '../support/oauth-client.ts'
import { newClient, signedInBrowser, statusWith } from './support/oauth.ts'
import {
  basic,
  type Code,
  codeForm,
  expectRefused,
  newCode,
  toTokenEndpoint,
  without,
} from './support/token-endpoint.ts'

const FORM = 'application/x-www-form-urlencoded'
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

let browser: CookieBrowser
let client: OAuthClient
let good: Code
beforeAll(async () => {
  browser = await signedInBrowser()
})
// A client of its own for each: an eleventh grant would end the first.
beforeEach(async () => {
  client = await newClient()
  good = await newCode(browser, client)
})

const sent = (changed: Record<string, string>, headers?: Record<string, string>) =>
  toTokenEndpoint({ ...codeForm(client, good), ...changed }, headers)
const anonymous = (changed: Record<string, string>, headers?: Record<string, string>) =>
  toTokenEndpoint({ ...without('client_id', codeForm(client, good)), ...changed }, headers)
const wire = () => new URLSearchParams(codeForm(client, good)).toString()

const REFUSED: [string, number, string, () => Promise<Response>][] = [
  // who
  ['no client', 401, 'invalid_client', () => anonymous({})],
  ['an empty client', 401, 'invalid_client', () => anonymous({ client_id: '' })],
  ['an unknown client', 401, 'invalid_client', () => anonymous({ client_id: 'nobody' })],
  ['a client id too long for a key', 401, 'invalid_client', () => anonymous({ client_id: 'x'.repeat(600) })],
  ['a client id that is a path', 401, 'invalid_client', () => anonymous({ client_id: '../client' })],
  ['a client id with a new line', 401, 'invalid_client', () => anonymous({ client_id: 'https://app.example/\n{}' })],
  ['a client id with a password', 401, 'invalid_client', () => anonymous({ client_id: 'https://me:pw@app.example/' })],
  ['a secret that it does not have', 401, 'invalid_client', () => sent({ client_secret: 'secret' })],
  ['Basic without a secret', 401, 'invalid_client', () => anonymous({}, basic(client.clientId, ''))],
  ['Basic without a secret, and the same id', 401, 'invalid_client', () => sent({}, basic(client.clientId, ''))],
  ['Basic and another id', 400, 'invalid_request', () => sent({ client_id: 'other' }, basic(client.clientId, 'x'))],
  ['Basic with broken escapes, and an id', 400, 'invalid_request', () => sent({ client_id: '%' }, basic('%', '%'))],
  ['Basic with an id too long for a key', 401, 'invalid_client', () => anonymous({}, basic('x'.repeat(600), 'y'))],
  ['Basic without Base64', 401, 'invalid_client', () => anonymous({}, { authorization: 'Basic ###' })],
  ['Basic with broken escapes', 401, 'invalid_client', () => anonymous({}, basic('%', '%'))],
  ['Basic and nothing', 401, 'invalid_client', () => anonymous({}, { authorization: 'Basic' })],
  ['a bearer token in place of a client', 401, 'invalid_client', () => anonymous({}, { authorization: 'Bearer x' })],
  [
    'an assertion that is none',
    401,
    'invalid_client',
    () => sent({ client_assertion: 'a.b.c', client_assertion_type: ASSERTION }),
  ],
  ['half an assertion', 400, 'invalid_request', () => sent({ client_assertion: 'a.b.c' })],
  [
    'an assertion of somebody whose name is too long for a key',
    401,
    'invalid_client',
    () => {
      const claims = btoa(JSON.stringify({ iss: 'x'.repeat(600) }))
      return anonymous({ client_assertion: `${btoa('{}')}.${claims}.x`, client_assertion_type: ASSERTION })
    },
  ],
  // what for
  [
    'no grant type',
    400,
    'unsupported_grant_type',
    () => toTokenEndpoint(without('grant_type', codeForm(client, good))),
  ],
  ...[
    '',
    'AUTHORIZATION_CODE',
    'implicit',
    'password',
    'client_credentials',
    '__proto__',
    'urn:ietf:params:oauth:grant-type:device_code',
    'urn:ietf:params:oauth:grant-type:token-exchange',
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
  ].map((grant_type): (typeof REFUSED)[number] => [
    `the grant type “${grant_type}”`,
    400,
    'unsupported_grant_type',
    () => sent({ grant_type, username: 'a', password: 'b', subject_token: 'c', assertion: 'd' }),
  ]),
  // how
  ['the code twice', 400, 'invalid_request', () => toTokenEndpoint(`${wire()}&code=x`)],
  ['the verifier twice', 400, 'invalid_request', () => toTokenEndpoint(`${wire()}&code_verifier=x`)],
  ['the client twice', 400, 'invalid_request', () => toTokenEndpoint(`${wire()}&client_id=x`)],
  ['the grant type twice', 400, 'invalid_request', () => toTokenEndpoint(`${wire()}&grant_type=refresh_token`)],
  [
    'two resources',
    400,
    'invalid_target',
    () => toTokenEndpoint(`${wire()}&resource=http://localhost&resource=http://127.0.0.1`),
  ],
  ['everything in the address', 401, 'invalid_client', () => toTokenEndpoint('', {}, `?${wire()}`)],
  [
    'JSON',
    400,
    'invalid_request',
    () => toTokenEndpoint(JSON.stringify(codeForm(client, good)), { 'content-type': 'application/json' }),
  ],
  ['JSON that says it is a form', 401, 'invalid_client', () => toTokenEndpoint(JSON.stringify(codeForm(client, good)))],
  ['plain text', 400, 'invalid_request', () => toTokenEndpoint(wire(), { 'content-type': 'text/plain' })],
  [
    'a form in parts',
    400,
    'invalid_request',
    () => {
      const form = new FormData()
      for (const [name, value] of Object.entries(codeForm(client, good))) form.set(name, value)
      return toTokenEndpoint(form)
    },
  ],
  ['broken escapes', 401, 'invalid_client', () => toTokenEndpoint('grant_type=%&client_id=%E0%A4%A&code=%')],
  ['half a character', 400, 'invalid_grant', () => toTokenEndpoint(wire().replace(/code=[^&]*/, 'code=%ED%A0%80:b:c'))],
  [
    'a form in UTF-16',
    400,
    'invalid_request',
    () => toTokenEndpoint(wire(), { 'content-type': `${FORM}; charset=utf-16` }),
  ],
  [
    'a form in no charset',
    400,
    'invalid_request',
    () => toTokenEndpoint(wire(), { 'content-type': `${FORM}; charset=x-none` }),
  ],
  ['names of every object', 401, 'invalid_client', () => toTokenEndpoint('__proto__=1&constructor=2&toString=3')],
  ['nothing', 401, 'invalid_client', () => toTokenEndpoint('')],
]

test.each(REFUSED)('a request with %s is refused, and leaves the code good', async (_what, status, error, attack) => {
  await expectRefused(await attack(), status, error)
  expect((await client.redeem(good.code, good.verifier)).status).toBe(200)
})

test('a body of 100 kB is refused', async () => {
  expect((await sent({ more: 'x'.repeat(100_000) })).status).toBe(413)
})

test('a client with a secret has to show it, as it has registered', async () => {
  const confidential = await newClient()
  const response = await confidential.register({ token_endpoint_auth_method: 'client_secret_basic' })
  const { client_id, client_secret = '' } = await response.json<Registered>()
  const code = await newCode(browser, confidential)
  const form = without('client_id', codeForm(confidential, code))
  await expectRefused(await toTokenEndpoint({ ...form, client_id }), 401, 'invalid_client')
  await expectRefused(await toTokenEndpoint({ ...form, client_id, client_secret }), 401, 'invalid_client')
  await expectRefused(
    await toTokenEndpoint({ ...form, client_secret }, basic(client_id, client_secret)),
    400,
    'invalid_request',
  )
  for (const wrong of ['', 'wrong', `${client_secret}x`, client_secret.slice(1)]) {
    const refused = await toTokenEndpoint(form, basic(client_id, wrong))
    expect(refused.headers.get('www-authenticate')).toBe('Basic realm="OAuth"')
    await expectRefused(refused, 401, 'invalid_client')
  }
  expect((await toTokenEndpoint(form, basic(client_id, client_secret))).status).toBe(200)
})

/** As the Python SDK sends it: everything but letters and digits is escaped. */
const escaped = (text: string) =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)

test('a client that registers without a method authenticates itself by Basic, and names itself as well', async () => {
  const response = await client.register({ token_endpoint_auth_method: undefined })
  const registered = await response.json<Registered & { token_endpoint_auth_method: string }>()
  expect(registered).toMatchObject({ token_endpoint_auth_method: 'client_secret_basic' })
  const { client_id } = registered
  const secret = registered.client_secret!
  const header = basic(escaped(client_id), escaped(secret))
  const { code, verifier } = await newCode(browser, client)
  const form = codeForm(client, { code, verifier })

  const asOther = { ...form, client_id: (await newClient()).clientId }
  await expectRefused(await toTokenEndpoint(asOther, header), 400, 'invalid_request')
  const twice = `${new URLSearchParams(form).toString()}&client_id=${client_id}`
  await expectRefused(await toTokenEndpoint(twice, header), 400, 'invalid_request')
  await expectRefused(await toTokenEndpoint({ ...form, client_secret: secret }, header), 400, 'invalid_request')
  const assertion = { client_assertion: 'a.b.c', client_assertion_type: ASSERTION }
  await expectRefused(await toTokenEndpoint({ ...form, ...assertion }, header), 400, 'invalid_request')
  for (const wrong of ['', 'wrong', `${secret}x`, secret.toUpperCase()])
    await expectRefused(await toTokenEndpoint(form, basic(client_id, wrong)), 401, 'invalid_client')
  const shouted = basic(client_id.toUpperCase(), secret)
  await expectRefused(await toTokenEndpoint(form, shouted), 400, 'invalid_request')

  const tokens = await (await toTokenEndpoint(form, header)).json<Tokens>()
  expect(await statusWith(tokens.access_token)).toBe(200)
  const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token, client_id }
  const refreshed = await (await toTokenEndpoint(refresh, header)).json<Tokens>()
  expect(await statusWith(refreshed.access_token)).toBe(200)
  const revoked = await toTokenEndpoint({ token: refreshed.refresh_token, client_id }, header)
  expect(revoked.status).toBe(200)
  expect(await statusWith(refreshed.access_token)).toBe(401)
})

/** Codes: only who asked for one, and can prove it, gets tokens for it, once. */
import { env } from 'cloudflare:test'
import { createHash } from 'node:crypto'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import type { Env } from '../../worker/env.ts'
import type { CookieBrowser } from '../support/cookie-browser.ts'
import { type OAuthClient, REDIRECT_URI, type Tokens } from '../support/oauth-client.ts'
import { expectErrorPage, newClient, signedInBrowser, statusWith } from './support/oauth.ts'
import { type Code, codeForm, expectRefused, newCode, toTokenEndpoint, without } from './support/token-endpoint.ts'

let browser: CookieBrowser
let client: OAuthClient
let other: OAuthClient
beforeAll(async () => {
  ;[browser, other] = await Promise.all([signedInBrowser(), newClient()])
})
// A client of its own for each: an eleventh grant would end the first.
beforeEach(async () => {
  client = await newClient()
})

test.each([
  ['no challenge', { code_challenge: null }],
  ['neither challenge nor method', { code_challenge: null, code_challenge_method: null }],
  ['an empty challenge', { code_challenge: '' }],
  ['no method, which is plain', { code_challenge_method: null }],
  ['the method plain', { code_challenge_method: 'plain' }],
  ['the method s256', { code_challenge_method: 's256' }],
  ['the method S512', { code_challenge_method: 'S512' }],
  ['a challenge of 42 characters', { code_challenge: 'A'.repeat(42) }],
  ['a challenge of 44 characters', { code_challenge: 'A'.repeat(44) }],
  ['a padded challenge', { code_challenge: `${'A'.repeat(43)}=` }],
  ['a challenge in base64', { code_challenge: `${'A'.repeat(41)}+/` }],
  ['a challenge of 100 kB', { code_challenge: 'A'.repeat(100_000) }],
])('nobody is asked by a request with %s, also for a client with a secret', async (_what, changed) => {
  const confidential = await newClient({ token_endpoint_auth_method: 'client_secret_basic' })
  for (const asker of [client, confidential]) {
    expect(await expectErrorPage(await browser.get(asker.authorization(changed).url))).toContain('PKCE')
  }
})

let good: Code
beforeEach(async () => {
  good = await newCode(browser, client)
})

/** A good request, changed. */
const sent = (changed: Record<string, string>) => toTokenEndpoint({ ...codeForm(client, good), ...changed })
const omitted = (name: string) => toTokenEndpoint(without(name, codeForm(client, good)))
const grantKey = () => `grant:${good.code.split(':').slice(0, 2).join(':')}`
const challenge = (verifier: string) => createHash('sha256').update(verifier).digest('base64url')

const REFUSED: [string, string, () => Promise<Response>][] = [
  // PKCE
  ['no verifier', 'invalid_request', () => omitted('code_verifier')],
  ['an empty verifier', 'invalid_grant', () => sent({ code_verifier: '' })],
  ['a wrong verifier', 'invalid_grant', () => sent({ code_verifier: 'A'.repeat(43) })],
  ['a verifier cut short', 'invalid_grant', () => sent({ code_verifier: good.verifier.slice(0, 42) })],
  ['a verifier and more', 'invalid_grant', () => sent({ code_verifier: `${good.verifier}A` })],
  ['a verifier of 129 characters', 'invalid_grant', () => sent({ code_verifier: 'A'.repeat(129) })],
  ['a verifier of other characters', 'invalid_grant', () => sent({ code_verifier: 'é'.repeat(43) })],
  ['the challenge', 'invalid_grant', () => sent({ code_verifier: challenge(good.verifier) })],
  [
    'the verifier of another request',
    'invalid_grant',
    async () => sent({ code_verifier: (await newCode(browser, client)).verifier }),
  ],
  // the code
  ['no code', 'invalid_request', () => omitted('code')],
  ['an empty code', 'invalid_request', () => sent({ code: '' })],
  ['a text', 'invalid_grant', () => sent({ code: 'code' })],
  ['two colons', 'invalid_grant', () => sent({ code: '::' })],
  ['a code cut short', 'invalid_grant', () => sent({ code: good.code.slice(0, -1) })],
  ['a code and more', 'invalid_grant', () => sent({ code: `${good.code}:` })],
  ['a code with another secret', 'invalid_grant', () => sent({ code: good.code.replace(/[^:]+$/, 'A'.repeat(32)) })],
  ['a code of another user', 'invalid_grant', () => sent({ code: good.code.replace(/^[^:]+/, '0'.repeat(32)) })],
  ['a code too long for a key', 'invalid_grant', () => sent({ code: `${'A'.repeat(600)}:b:c` })],
  ['a code of 300 characters of two bytes', 'invalid_grant', () => sent({ code: `a:${'é'.repeat(300)}:c` })],
  ['a code with a NUL', 'invalid_grant', () => sent({ code: 'a\u0000:b:c' })],
  [
    'the code of another client',
    'invalid_grant',
    async () => toTokenEndpoint({ ...codeForm(other, await newCode(browser, other)), client_id: client.clientId }),
  ],
  ['an access token', 'invalid_grant', async () => sent({ code: (await client.signIn(browser)).access_token })],
  ['a refresh token', 'invalid_grant', async () => sent({ code: (await client.signIn(browser)).refresh_token })],
  // who asked for it, and for what
  ['another client', 'invalid_grant', () => sent({ client_id: other.clientId })],
  ['another redirect URI', 'invalid_grant', () => sent({ redirect_uri: 'https://evil.example/cb' })],
  ['another port', 'invalid_grant', () => sent({ redirect_uri: REDIRECT_URI.replace('33418', '33419') })],
  ['the redirect URI and more', 'invalid_grant', () => sent({ redirect_uri: `${REDIRECT_URI}#` })],
  ['another resource', 'invalid_target', () => sent({ resource: 'https://evil.example' })],
  ['this server under another name', 'invalid_target', () => sent({ resource: 'http://127.0.0.1' })],
  ['a resource below this one', 'invalid_target', () => sent({ resource: 'http://localhost/runs' })],
  ['a scope that was not given', 'invalid_scope', () => sent({ scope: 'root' })],
]

test.each(REFUSED)('%s is no way to redeem a code, and leaves it good', async (_what, error, attack) => {
  await expectRefused(await attack(), 400, error)
  expect((await client.redeem(good.code, good.verifier)).status).toBe(200)
})

test.each([1, 42, 129])('a verifier of %i characters is none, whatever its client chose', async (length) => {
  const verifier = 'a'.repeat(length)
  const { code } = await newCode(browser, client, { code_challenge: challenge(verifier) })
  await expectRefused(await client.redeem(code, verifier), 400, 'invalid_grant')
})

test.each([
  ['as it was', false, () => client.redeem(good.code, good.verifier)],
  ['with a wrong verifier', false, () => client.redeem(good.code, 'A'.repeat(43))],
  ['by another client', true, () => other.redeem(good.code, good.verifier)],
])('a code that comes again %s is refused', async (_how, isHarmless, replay) => {
  const tokens = await (await client.redeem(good.code, good.verifier)).json<Tokens>()
  expect(await statusWith(tokens.access_token)).toBe(200)
  await expectRefused(await replay(), 400, 'invalid_grant')
  // Whoever was first may have been the thief, so that all ends; but not at the word of another client.
  expect(await statusWith(tokens.access_token)).toBe(isHarmless ? 200 : 401)
  expect((await client.refresh(tokens.refresh_token)).status).toBe(isHarmless ? 200 : 400)
})

test('a code that is redeemed eight times at one moment gives tokens once, and these are good', async () => {
  const responses = await Promise.all(Array.from({ length: 8 }, () => client.redeem(good.code, good.verifier)))
  expect(responses.map(({ status }) => status).filter((status) => status !== 400)).toEqual([200])
  const tokens = await responses.find(({ ok }) => ok)!.json<Tokens>()
  expect(await statusWith(tokens.access_token)).toBe(200)
  expect((await client.refresh(tokens.refresh_token)).status).toBe(200)
})

test('a code that has expired is refused', async () => {
  await (env as Env).OAUTH_KV.delete(grantKey())
  await expectRefused(await client.redeem(good.code, good.verifier), 400, 'invalid_grant')
})

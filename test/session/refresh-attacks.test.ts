/** Refresh tokens: a reply that was lost locks nobody out, and nobody else gets anything for them. Revocation. */
import { beforeAll, beforeEach, expect, test } from 'vitest'
import type { CookieBrowser } from '../support/cookie-browser.ts'
import { OAuthClient, type Tokens } from '../support/oauth-client.ts'
import { fetchSelf, newClient, signedInBrowser, statusWith } from './support/oauth.ts'
import { expectRefused, toTokenEndpoint } from './support/token-endpoint.ts'

let browser: CookieBrowser
let client: OAuthClient
let other: OAuthClient
beforeAll(async () => {
  ;[browser, other] = await Promise.all([signedInBrowser(), newClient()])
})

let tokens: Tokens
// A client of its own for each: an eleventh grant would end the first.
beforeEach(async () => {
  client = await newClient()
  tokens = await client.signIn(browser, ['learnings:write'])
})

async function refreshed(token: string): Promise<Tokens> {
  const response = await client.refresh(token)
  expect(response.status).toBe(200)
  return response.json<Tokens>()
}

test('a reply that is lost, and lost again, locks nobody out', async () => {
  await refreshed(tokens.refresh_token)
  await refreshed(tokens.refresh_token)
  const arrived = await refreshed(tokens.refresh_token)
  expect(await statusWith(arrived.access_token)).toBe(200)
  const next = await refreshed(arrived.refresh_token)
  expect(await statusWith(next.access_token)).toBe(200)
  // Once its successor was used, the old one is over.
  await expectRefused(await client.refresh(tokens.refresh_token), 400, 'invalid_grant')
})

/** Eight refreshes with one token at one moment: what each got. */
async function eightAtOnce(): Promise<Tokens[]> {
  const responses = await Promise.all(Array.from({ length: 8 }, () => client.refresh(tokens.refresh_token)))
  expect(responses.map(({ status }) => status)).toEqual(Array<number>(8).fill(200))
  return Promise.all(responses.map((response) => response.json<Tokens>()))
}

test('of what eight refreshes at one moment got, one goes on, and all is of one grant', async () => {
  const next = await eightAtOnce()
  expect(new Set(next.map(({ refresh_token }) => refresh_token.split(':')[1])).size).toBe(1)
  const statuses = []
  for (const { refresh_token } of next) statuses.push((await client.refresh(refresh_token)).status)
  expect(statuses.filter((status) => status !== 400)).toEqual([200])
})

test('the old token brings back a client that kept one of the others', async () => {
  await eightAtOnce()
  const again = await refreshed(tokens.refresh_token)
  expect(await statusWith((await refreshed(again.refresh_token)).access_token)).toBe(200)
})

test('all that came of one grant ends with it', async () => {
  const next = await eightAtOnce()
  expect((await client.token({ token: tokens.refresh_token })).status).toBe(200)
  const statuses = await Promise.all([tokens, ...next].map(({ access_token }) => statusWith(access_token)))
  expect(statuses).toEqual(Array<number>(9).fill(401))
})

const REFUSED: [string, number, string, () => Promise<Response>][] = [
  ['no token', 400, 'invalid_request', () => client.token({ grant_type: 'refresh_token' })],
  ['an empty token', 400, 'invalid_request', () => client.refresh('')],
  ['a text', 400, 'invalid_grant', () => client.refresh('token')],
  ['two colons', 400, 'invalid_grant', () => client.refresh('::')],
  ['a token too long for a key', 400, 'invalid_grant', () => client.refresh(`a:${'b'.repeat(600)}:c`)],
  ['a token cut short', 400, 'invalid_grant', () => client.refresh(tokens.refresh_token.slice(0, -1))],
  ['a token and more', 400, 'invalid_grant', () => client.refresh(`${tokens.refresh_token}A`)],
  [
    'a token with another secret',
    400,
    'invalid_grant',
    () => client.refresh(tokens.refresh_token.replace(/[^:]+$/, 'A'.repeat(32))),
  ],
  ['an access token', 400, 'invalid_grant', () => client.refresh(tokens.access_token)],
  ['another client', 400, 'invalid_grant', () => other.refresh(tokens.refresh_token)],
  ['no client', 401, 'invalid_client', () => client.refresh(tokens.refresh_token, { client_id: '' })],
  [
    'a scope that was not given',
    400,
    'invalid_scope',
    () => client.refresh(tokens.refresh_token, { scope: 'python:run' }),
  ],
  [
    'another resource',
    400,
    'invalid_target',
    () => client.refresh(tokens.refresh_token, { resource: 'https://evil.example' }),
  ],
  [
    'the token twice',
    400,
    'invalid_request',
    () =>
      toTokenEndpoint(
        `grant_type=refresh_token&client_id=${client.clientId}&refresh_token=${tokens.refresh_token}&refresh_token=x`,
      ),
  ],
  [
    'this server’s other name',
    400,
    'invalid_grant',
    () => {
      const there = new OAuthClient(fetchSelf, 'http://127.0.0.1')
      there.clientId = client.clientId
      return there.refresh(tokens.refresh_token)
    },
  ],
]

test.each(REFUSED)('%s refreshes nothing, and leaves the token good', async (_what, status, error, attack) => {
  await expectRefused(await attack(), status, error)
  await refreshed(tokens.refresh_token)
})

test('asking for more gives no more, and asking for less gives less, once', async () => {
  const more = await client.refresh(tokens.refresh_token, { scope: 'learnings:write python:run settings:write' })
  expect((await more.json<Tokens>()).scope).toBe('learnings:write')
  const both = await client.signIn(browser, ['learnings:write', 'python:run'])
  const less = await (await client.refresh(both.refresh_token, { scope: 'python:run' })).json<Tokens>()
  expect(less.scope).toBe('python:run')
  expect((await refreshed(less.refresh_token)).scope).toBe('learnings:write python:run')
})

const REVOCATIONS: [string, number, () => Promise<Response>][] = [
  ['by another client', 200, () => other.token({ token: tokens.refresh_token })],
  ['of its access token, by another client', 200, () => other.token({ token: tokens.access_token })],
  ['by nobody', 401, () => client.token({ token: tokens.refresh_token, client_id: '' })],
  ['by an unknown client', 401, () => client.token({ token: tokens.refresh_token, client_id: 'nobody' })],
  ['of a text', 200, () => client.token({ token: 'token' })],
  ['of a token too long for a key', 200, () => client.token({ token: `${'a'.repeat(600)}:b:c` })],
  [
    'of a token with another secret',
    200,
    () => client.token({ token: tokens.refresh_token.replace(/[^:]+$/, 'A'.repeat(32)) }),
  ],
  ['of a grant of nobody', 200, () => client.token({ token: `${'0'.repeat(32)}:${'A'.repeat(16)}:${'A'.repeat(32)}` })],
]

test.each(REVOCATIONS)('a revocation %s ends nothing', async (_what, status, revoke) => {
  expect((await revoke()).status).toBe(status)
  expect(await statusWith(tokens.access_token)).toBe(200)
  await refreshed(tokens.refresh_token)
})

test('revoking an access token ends it alone', async () => {
  expect((await client.token({ token: tokens.access_token, token_type_hint: 'refresh_token' })).status).toBe(200)
  expect(await statusWith(tokens.access_token)).toBe(401)
  await refreshed(tokens.refresh_token)
})

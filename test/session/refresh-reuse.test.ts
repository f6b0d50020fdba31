/** Refresh tokens that were replaced and come back (RFC 9700 §4.14.2): who holds a copy is out, whoever came first. */
import { env, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { MAX_SPENT_TOKENS } from '../../worker/auth/refreshed-grants.ts'
import type { Env } from '../../worker/env.ts'
import type { Tokens } from '../support/oauth-client.ts'
import { ConnectedApp, grantOf } from './support/connected-app.ts'
import { ask, call } from './support/mcp.ts'
import { browserOf, newClient, statusWith } from './support/oauth.ts'
import { expectRefused } from './support/token-endpoint.ts'

const { ACCOUNT } = env as Env

let app: ConnectedApp
beforeEach(async () => {
  app = await ConnectedApp.new()
})
afterEach(() => {
  vi.restoreAllMocks()
})

test('a thief who comes first is out when the victim comes', async () => {
  const [, , held] = await app.chain(2)
  await app.expectRefused(app.first.refresh_token)
  await app.expectEnded(app.first, held!)
})

test('a thief who comes second is out, and so is the victim', async () => {
  const [, , victim] = await app.chain(2)
  const other = await app.client.signIn(app.browser)
  await app.expectRefused(app.first.refresh_token)
  await app.expectEnded(victim!)
  // The same app on another machine has a grant of its own.
  await app.expectGoesOn(other)
})

test('a thief who repeats what the victim has just used is out when the victim comes again', async () => {
  const victim = await app.refreshed(app.first)
  const thief = await app.refreshed(app.first)
  await app.expectRefused(victim.refresh_token)
  await app.expectEnded(victim, thief)
})

test('a thief whose token the victim repeats ends both by coming again', async () => {
  const thief = await app.refreshed(app.first)
  const victim = await app.refreshed(app.first)
  await app.expectRefused(thief.refresh_token)
  await app.expectEnded(thief, victim)
})

test.each([0, 1, 5])('of a chain of seven, number %i ends the grant', async (old) => {
  const all = await app.chain(7)
  await app.expectRefused(all[old]!.refresh_token)
  await app.expectEnded(...all.slice(-3))
})

test('the client is told why and what to do, and its calls are challenged', async () => {
  const [, , held] = await app.chain(2)
  const refused = await app.client.refresh(app.first.refresh_token)
  expect(refused.status).toBe(400)
  expect(refused.headers.get('cache-control')).toBe('no-store')
  expect(await refused.json()).toEqual({
    error: 'invalid_grant',
    error_description:
      'This refresh token was used before, so somebody else may hold a copy. The connection was ended. Next: connect again.',
  })
  const answered = await ask(held!.access_token, call(1, 'run_python', { code: 'print(1)' }))
  expect(answered.status).toBe(401)
  expect(answered.headers.get('www-authenticate')).toContain('error="invalid_token"')
  await app.expectGoesOn(await app.client.signIn(app.browser))
})

const HARMLESS: [string, (held: Tokens) => Promise<Response> | Response][] = [
  ['another secret', ({ refresh_token }) => app.client.refresh(refresh_token.replace(/[^:]+$/, 'A'.repeat(32)))],
  ['a used token cut short', () => app.client.refresh(app.first.refresh_token.slice(0, -1))],
  ['a used token and more', () => app.client.refresh(`${app.first.refresh_token}A`)],
  ['no secret', ({ refresh_token }) => app.client.refresh(refresh_token.replace(/[^:]+$/, ''))],
  ['the access token', ({ access_token }) => app.client.refresh(access_token)],
  ['its hash', async () => app.client.refresh(`${app.user}:${grantOf(app.first)}:${await spentHash()}`)],
]

test.each(HARMLESS)('%s under the name of the grant ends nothing, ever so often', async (_what, attack) => {
  const [, , held] = await app.chain(2)
  for (let time = 0; time < 3; time += 1) await expectRefused(await attack(held!), 400, 'invalid_grant')
  await app.expectGoesOn(held!)
})

test('another user’s used token ends that user’s grant, and no other', async () => {
  const [, , held] = await app.chain(2)
  const neighbour = await app.client.signIn(await browserOf(`${app.user} 2`))
  const [, , neighbours] = await app.chain(2, neighbour)
  const [userId, , secret] = neighbour.refresh_token.split(':')
  // The neighbour's secret under the user's grant, and the user's grant under the neighbour's name.
  for (const mixed of [`${app.user}:${grantOf(app.first)}:${secret}`, `${userId}:${grantOf(app.first)}:${secret}`])
    await app.expectRefused(mixed)
  await app.expectGoesOn(held!)
  await app.client.refresh(neighbour.refresh_token)
  expect(await statusWith(neighbours!.access_token)).toBe(401)
  expect(await statusWith(held!.access_token)).toBe(200)
})

test('a made-up user has no account object made', async () => {
  const made = vi.spyOn(ACCOUNT, 'getByName')
  const token = `${'0'.repeat(32)}:${'A'.repeat(16)}:${'A'.repeat(32)}`
  await expectRefused(await app.where({ ACCOUNT }).refresh(token), 400, 'invalid_grant')
  expect(made).not.toHaveBeenCalled()
})

test('what is shown without a client, or for another resource, ends nothing', async () => {
  const [, , held] = await app.chain(2)
  await expectRefused(await app.client.refresh(app.first.refresh_token, { client_id: '' }), 401, 'invalid_client')
  await expectRefused(
    await app.client.refresh(held!.refresh_token, { resource: 'https://evil.example' }),
    400,
    'invalid_target',
  )
  await app.expectGoesOn(held!)
})

test('another app that shows a used token gets nothing, and ends the grant that it leaked from', async () => {
  const [, , held] = await app.chain(2)
  const other = await newClient()
  await expectRefused(await other.refresh(held!.refresh_token), 400, 'invalid_grant')
  await expectRefused(await other.refresh(app.first.refresh_token), 400, 'invalid_grant')
  await app.expectEnded(held!)
})

test('two processes that redeem one token at one moment end nothing, whichever token they go on with', async () => {
  const replies = await Promise.all([1, 2, 3].map(() => app.client.refresh(app.first.refresh_token)))
  const held = await Promise.all(replies.map((reply) => reply.json<Tokens>()))
  const went = []
  for (const { refresh_token } of held) went.push((await app.client.refresh(refresh_token)).status)
  expect(went.filter((status) => status === 200)).toHaveLength(1)
  for (const { access_token } of held) expect(await statusWith(access_token)).toBe(200)
})

test('a request that came before another had its reply is no repeat of it', () =>
  runInDurableObject(ACCOUNT.getByName(app.user), (account) => {
    const grantId = grantOf(app.first)
    const used = { grantId, hash: 'first', client: 'An app', askedAt: Date.now() - 1 }
    account.useRefreshToken(used)
    account.noteSuccessor(grantId, 'first', 'of one reply')
    account.useRefreshToken(used)
    expect(account.isReuse(grantId, 'of one reply')).toBe(false)
  }))

test('the log says that it happened, without a secret, and the account page says which app', async () => {
  const [, , held] = await app.chain(2)
  const lines = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  await app.client.refresh(app.first.refresh_token)
  const said = lines.mock.calls.flat().join('\n')
  expect(said).toContain(`{"event":"refresh_token_reused","grant":"${grantOf(app.first)}"}`)
  for (const { access_token, refresh_token } of [app.first, held!])
    for (const token of [access_token, refresh_token]) expect(said).not.toContain(token.split(':')[2])
  const page = await (await app.browser.get('/account')).text()
  expect(page).toContain('None.')
  expect(page).toMatch(/<bdi>An app<\/bdi> was disconnected on \d{4}-\d\d-\d\d/)
})

test('a grant whose used tokens are as many as are kept ends, instead of forgetting one', async () => {
  const [, , held] = await app.chain(2)
  await runInDurableObject(ACCOUNT.getByName(app.user), (_account, { storage }) => {
    storage.sql.exec('UPDATE refreshed_grants SET spent = ?', MAX_SPENT_TOKENS)
  })
  const refused = await app.client.refresh(held!.refresh_token)
  expect(refused.status).toBe(400)
  expect(await refused.text()).toMatch(/renewed \d+ times.*Next: connect again/)
})

test('what is known of grants goes when they can live no more', async () => {
  await app.chain(2)
  const other = await app.client.signIn(app.browser)
  const kept = await runInDurableObject(ACCOUNT.getByName(app.user), (account, { storage }) => {
    storage.sql.exec('UPDATE refreshed_grants SET used_at = 0')
    const used = { grantId: grantOf(other), hash: 'a hash', client: 'An app', askedAt: Date.now() }
    account.useRefreshToken(used)
    return ['refreshed_grants', 'spent_refresh_tokens'].map(
      (table) => storage.sql.exec(`SELECT DISTINCT grant_id FROM ${table}`).toArray().length,
    )
  })
  expect(kept).toEqual([1, 1])
})

async function spentHash(): Promise<string> {
  return runInDurableObject(
    ACCOUNT.getByName(app.user),
    (_account, { storage }) =>
      storage.sql.exec<{ hash: string }>('SELECT hash FROM spent_refresh_tokens').toArray()[0]!.hash,
  )
}

/** How often one address may register a client, on a server that is no local one; and what a client may say of itself. */
import { createExecutionContext, env } from 'cloudflare:test'
import { expect, test } from 'vitest'
import type { Env } from '../../worker/env.ts'
import worker from '../../worker/index.ts'
import { OAuthClient, REDIRECT_URI } from '../support/oauth-client.ts'
import { fetchSelf, newClient, ORIGIN } from './support/oauth.ts'
import { expectRefused } from './support/token-endpoint.ts'

function register(address: string, vars: Partial<Env>): Promise<Response> | Response {
  const request = new Request<unknown, IncomingRequestCfProperties>('https://code.example/oauth/register', {
    method: 'POST',
    headers: { host: 'code.example', 'content-type': 'application/json', 'cf-connecting-ip': address },
    body: JSON.stringify({
      client_name: 'x',
      redirect_uris: ['https://a.example/b'],
      token_endpoint_auth_method: 'none',
    }),
  })
  return worker.fetch(request, { ...(env as Env), ...vars }, createExecutionContext())
}

const DEPLOYED = { DEV_TOKEN: '', AUTH_SECRET: 'a'.repeat(32) }

/** The local limiter counts by the minute of the clock. Requests that the end of one has parted are sent again. */
async function inOneMinute<T>(sent: () => Promise<T>): Promise<T> {
  const minute = () => Math.floor(Date.now() / 60_000)
  for (;;) {
    const began = minute()
    const answers = await sent()
    if (minute() === began) return answers
  }
}

test('the thirty-first registration within a minute waits; another address does not', async () => {
  const { statuses, refused, other } = await inOneMinute(async () => {
    const statuses = []
    for (let time = 0; time < 35; time += 1) statuses.push((await register('203.0.113.7', DEPLOYED)).status)
    const refused = await register('203.0.113.7', DEPLOYED)
    return { statuses, refused, other: await register('203.0.113.8', DEPLOYED) }
  })
  expect(statuses.filter((status) => status === 201).length).toBeLessThanOrEqual(31)
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60'])
  expect(other.status).toBe(201)
})

test('a network of IPv6 is one address, whichever of its 2^64 asks', async () => {
  const { statuses, same, other } = await inOneMinute(async () => {
    const statuses = []
    for (let host = 1; host <= 35; host += 1) {
      statuses.push((await register(`2001:db8:7:7:${host.toString(16)}::${host}`, DEPLOYED)).status)
    }
    const same = await register('2001:db8:7:7:ffff::1', DEPLOYED)
    return { statuses, same, other: await register('2001:db8:7:8::1', DEPLOYED) }
  })
  expect(statuses.filter((status) => status === 201).length).toBeLessThanOrEqual(31)
  expect([same.status, other.status]).toEqual([429, 201])
})

test('an IPv4 address has no second count as one of IPv6', async () => {
  const mapped = await inOneMinute(async () => {
    for (let time = 0; time < 35; time += 1) await register('203.0.113.99', DEPLOYED)
    return register('::ffff:203.0.113.99', DEPLOYED)
  })
  expect(mapped.status).toBe(429)
})

const X = (length: number) => 'x'.repeat(length)
const URI = 'https://app.example/'
const SOME = { client_name: X(200), client_uri: `${URI}${X(1980)}`, contacts: Array<string>(50).fill(X(200)) }

test.each<[string, Record<string, unknown>]>([
  ['texts of every length that may be', SOME],
  ['a name of 200 characters of two units', { client_name: '🐍'.repeat(200) }],
  ['fifty redirect URIs', { redirect_uris: Array.from({ length: 50 }, (_, n) => `${REDIRECT_URI}/${n}`) }],
  ['a long list of scopes', { scope: X(2000) }],
])('%s are taken', async (_what, metadata) => {
  await newClient(metadata)
})

test.each<[string, Record<string, unknown>, string]>([
  ['client_name', { client_name: X(201) }, '200 characters'],
  ['client_name', { client_name: '🐍'.repeat(201) }, '200 characters'],
  ['client_name#ja', { 'client_name#ja': X(201) }, '200 characters'],
  ['client_uri', { client_uri: `${URI}${X(1981)}` }, '2000 characters'],
  ['client_uri#fr', { 'client_uri#fr': `${URI}${X(1981)}` }, '2000 characters'],
  ['logo_uri', { logo_uri: `${URI}${X(1981)}` }, '2000 characters'],
  ['policy_uri', { policy_uri: `${URI}${X(1981)}` }, '2000 characters'],
  ['tos_uri', { tos_uri: `${URI}${X(1981)}` }, '2000 characters'],
  ['jwks_uri', { jwks_uri: `${URI}${X(1981)}` }, '2000 characters'],
  ['contacts', { contacts: Array<string>(51).fill('x') }, '50 entries'],
  ['contacts', { contacts: ['x', X(201)] }, '200 characters'],
  ['redirect_uris', { redirect_uris: Array.from({ length: 51 }, (_, n) => `${REDIRECT_URI}/${n}`) }, '50 entries'],
  ['grant_types', { grant_types: Array<string>(51).fill('authorization_code') }, '50 entries'],
  ['grant_types', { grant_types: [X(5000)] }, '200 characters'],
  ['response_types', { response_types: ['code', X(201)] }, '200 characters'],
  ['token_endpoint_auth_method', { token_endpoint_auth_method: X(201) }, '200 characters'],
  ['scope', { scope: X(2001) }, '2000 characters'],
  ['software_id', { software_id: X(201) }, '200 characters'],
  ['software_version', { software_version: X(201) }, '200 characters'],
  ['software_statement', { software_statement: X(16_001) }, '16000 characters'],
  ['anything', { anything: X(201) }, '200 characters'],
  ['The client metadata', Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`f${n}`, n])), '100 fields'],
  ['The name of a field', { [X(201)]: 1 }, '200 characters'],
])('a client is refused whose %s is beyond its bound, with words', async (what, metadata, bound) => {
  const response = await new OAuthClient(fetchSelf, ORIGIN).register(metadata)
  const { error_description } = await response.clone().json<{ error_description: string }>()
  expect(error_description).toContain(what)
  expect(error_description).toContain(`more than ${bound}. Next: register with `)
  expect(error_description.length).toBeLessThan(400)
  await expectRefused(response, 400, 'invalid_client_metadata')
})

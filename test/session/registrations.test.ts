/** How often one address may register a client, on a server that is no local one. */
import { createExecutionContext, env } from 'cloudflare:test'
import { expect, test } from 'vitest'
import type { Env } from '../../worker/env.ts'
import worker from '../../worker/index.ts'

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

test('the thirty-first registration within a minute waits; another address does not', async () => {
  const deployed = { DEV_TOKEN: '', AUTH_SECRET: 'a'.repeat(32) }
  const statuses = []
  for (let time = 0; time < 35; time += 1) statuses.push((await register('203.0.113.7', deployed)).status)
  expect(statuses.filter((status) => status === 201).length).toBeLessThanOrEqual(31)
  const refused = await register('203.0.113.7', deployed)
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60'])
  expect((await register('203.0.113.8', deployed)).status).toBe(201)
})

test('a network of IPv6 is one address, whichever of its 2^64 asks', async () => {
  const deployed = { DEV_TOKEN: '', AUTH_SECRET: 'a'.repeat(32) }
  const statuses = []
  for (let host = 1; host <= 35; host += 1) {
    statuses.push((await register(`2001:db8:7:7:${host.toString(16)}::${host}`, deployed)).status)
  }
  expect(statuses.filter((status) => status === 201).length).toBeLessThanOrEqual(31)
  expect((await register('2001:db8:7:7:ffff::1', deployed)).status).toBe(429)
  expect((await register('2001:db8:7:8::1', deployed)).status).toBe(201)
})

test('an IPv4 address has no second count as one of IPv6', async () => {
  const deployed = { DEV_TOKEN: '', AUTH_SECRET: 'a'.repeat(32) }
  for (let time = 0; time < 35; time += 1) await register('203.0.113.99', deployed)
  expect((await register('::ffff:203.0.113.99', deployed)).status).toBe(429)
})

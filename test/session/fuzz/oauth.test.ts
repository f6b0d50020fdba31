/** Parameters of the authorization server: no odd one leads anywhere but to a refusal in the form of OAuth, or to a page of ours. */
import * as fc from 'fast-check'
import { beforeAll, expect, test, vi } from 'vitest'
import { FUZZ_PATIENCE_MS, inputs, sayTheSeed } from '../../support/fuzz.ts'
import type { OAuthClient } from '../../support/oauth-client.ts'
import { REDIRECT_URI } from '../../support/oauth-client.ts'
import { oddBody, oddMessage, oddText } from '../../support/odd-values.ts'
import { answered } from '../support/fuzzed.ts'
import { browserOf, newClient } from '../support/oauth.ts'

const FORM = 'application/x-www-form-urlencoded'

let client: OAuthClient
let cookie: string
beforeAll(async () => {
  sayTheSeed()
  // The server logs why it refuses, each time.
  vi.spyOn(console, 'error').mockImplementation(() => {})
  client = await newClient()
  cookie = [...(await browserOf(crypto.randomUUID())).cookies()].map(([key, value]) => `${key}=${value}`).join('; ')
})

/** Pairs with up to three values or names changed, left out, or there twice. */
function oddFields(fields: Record<string, string>) {
  const change = fc.tuple(fc.nat(20), fc.constantFrom('value', 'name', 'without', 'twice'), oddText)
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    const pairs = Object.entries(fields)
    for (const [at, how, text] of changes) {
      const index = at % Math.max(1, pairs.length)
      const [name = 'x', value = ''] = pairs[index] ?? []
      if (how === 'value') pairs[index] = [name, text]
      if (how === 'name') pairs[index] = [text, value]
      if (how === 'without') pairs.splice(index, 1)
      if (how === 'twice') pairs.push([name, text])
    }
    return new URLSearchParams(pairs.map(([key, value]) => [key.toWellFormed(), value.toWellFormed()]))
      .toString()
      .slice(0, 7_000)
  })
}

test(
  'odd authorization requests lead only where the client was registered for',
  { timeout: FUZZ_PATIENCE_MS },
  async () => {
    const { searchParams } = new URL(client.authorization().url)
    await fc.assert(
      fc.asyncProperty(oddFields(Object.fromEntries(searchParams)), async (query) => {
        const { status, headers, text } = await answered(`/authorize?${query}`, {
          headers: { host: 'localhost', cookie },
        })
        const target = headers.get('location')
        if (target !== null)
          expect(new URL(target, 'http://localhost').href).toMatch(
            new RegExp(`^(?:${REDIRECT_URI}\\?|http://localhost/sign-in)`),
          )
        else expect(headers.get('content-security-policy'), text).toContain("default-src 'none'")
        expect([200, 302, 303, 400, 413]).toContain(status)
      }),
      inputs(200),
    )
  },
)

test('odd requests for tokens get none', { timeout: FUZZ_PATIENCE_MS }, async () => {
  const forms = [
    {
      grant_type: 'authorization_code',
      client_id: client.clientId,
      code: 'a:b:c',
      code_verifier: 'v'.repeat(43),
      redirect_uri: REDIRECT_URI,
      resource: 'http://localhost',
    },
    { grant_type: 'refresh_token', client_id: client.clientId, refresh_token: 'a:b:c', scope: 'python:run' },
  ]
  const type = fc.oneof(
    { weight: 5, arbitrary: fc.constant(FORM) },
    { weight: 1, arbitrary: fc.constantFrom('application/json', `${FORM}; charset=x`, 'text/plain') },
  )
  const basic = fc.option(
    oddText.map((text) => `Basic ${btoa(unescape(encodeURIComponent(text.toWellFormed())))}`),
    { freq: 2 },
  )
  await fc.assert(
    fc.asyncProperty(fc.oneof(...forms.map(oddFields)), type, basic, async (body, contentType, authorization) => {
      const headers = {
        host: 'localhost',
        'content-type': contentType,
        ...(authorization !== null && { authorization }),
      }
      const { status, text } = await answered('/oauth/token', { method: 'POST', body, headers })
      expect([400, 401, 403, 413, 415]).toContain(status)
      expect(JSON.parse(text)).toEqual({ error: expect.any(String), error_description: expect.any(String) })
    }),
    inputs(300),
  )
})

test('odd revocations', { timeout: FUZZ_PATIENCE_MS }, async () => {
  const form = { token: 'a:b:c', token_type_hint: 'refresh_token', client_id: client.clientId }
  await fc.assert(
    fc.asyncProperty(oddFields(form), async (body) => {
      const init = { method: 'POST', body, headers: { host: 'localhost', 'content-type': FORM } }
      expect([200, 400, 401, 403, 413]).toContain((await answered('/oauth/token', init)).status)
    }),
    inputs(200),
  )
})

test('odd registrations', { timeout: FUZZ_PATIENCE_MS }, async () => {
  const metadata = {
    client_name: 'x',
    redirect_uris: [REDIRECT_URI, 'https://app.example/callback'],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    client_uri: 'https://app.example',
    logo_uri: 'https://app.example/logo.png',
    contacts: ['a@app.example'],
    scope: 'python:run',
  }
  await fc.assert(
    fc.asyncProperty(oddBody(oddMessage([metadata])), async (body) => {
      const init = { method: 'POST', body, headers: { host: 'localhost', 'content-type': 'application/json' } }
      const { status, text } = await answered('/oauth/register', init)
      expect([201, 400, 413], text).toContain(status)
      if (status !== 201)
        expect(JSON.parse(text)).toEqual({ error: expect.any(String), error_description: expect.any(String) })
    }),
    inputs(300),
  )
})

test('whatever a client calls itself, its consent page is a page', { timeout: FUZZ_PATIENCE_MS }, async () => {
  await fc.assert(
    fc.asyncProperty(oddText, async (name) => {
      const named = await newClient({ client_name: `N${name.slice(0, 190)}`.toWellFormed() }).catch(() => null)
      if (named === null) return // refused, which is asked above
      const { pathname, search } = new URL(named.authorization().url)
      const { status, text } = await answered(pathname + search, { headers: { host: 'localhost', cookie } })
      expect(status).toBe(200)
      for (const odd of ['<script', '<!--', '\u202e', '\u001b', '\0']) expect(text).not.toContain(odd)
    }),
    inputs(100),
  )
})

/** The token endpoint, form by form. */
import { SELF } from 'cloudflare:test'
import { expect } from 'vitest'
import type { CookieBrowser } from '../../support/cookie-browser.ts'
import { type OAuthClient, REDIRECT_URI } from '../../support/oauth-client.ts'
import { ORIGIN } from './oauth.ts'

export interface Code {
  code: string
  verifier: string
}

/** A code that the user of this browser has just allowed a client; `changed`: parameters of the authorization request. */
export async function newCode(
  browser: CookieBrowser,
  client: OAuthClient,
  changed: Record<string, string> = {},
): Promise<Code> {
  const authorization = client.authorization(changed)
  const back = await client.allow(browser, authorization)
  return { code: back.searchParams.get('code')!, verifier: authorization.verifier }
}

export function codeForm({ clientId }: OAuthClient, { code, verifier }: Code): Record<string, string> {
  return {
    grant_type: 'authorization_code',
    client_id: clientId,
    code,
    code_verifier: verifier,
    redirect_uri: REDIRECT_URI,
  }
}

export function without(name: string, form: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(form).filter(([key]) => key !== name))
}

/** A form, as fields or as it is on the wire, or another body. */
export function toTokenEndpoint(
  body: Record<string, string> | string | FormData,
  headers: Record<string, string> = {},
  query = '',
): Promise<Response> {
  const isWhole = typeof body === 'string' || body instanceof FormData
  return SELF.fetch(
    new Request(`${ORIGIN}/oauth/token${query}`, {
      method: 'POST',
      body: isWhole ? body : new URLSearchParams(body).toString(),
      headers: {
        host: 'localhost',
        ...(!(body instanceof FormData) && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
    }),
  )
}

export const basic = (id: string, secret: string) => ({ authorization: `Basic ${btoa(`${id}:${secret}`)}` })

/** An error in the form of RFC 6749, which nobody keeps. */
export async function expectRefused(response: Response, status: number, error: string): Promise<void> {
  const text = await response.text()
  expect(response.status, text).toBe(status)
  expect(JSON.parse(text)).toMatchObject({ error, error_description: expect.any(String) })
  expect(response.headers.get('cache-control')).toBe('no-store')
}

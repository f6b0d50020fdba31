/** Clients and browsers of the authorization server, on production's Worker. */
import { env, SELF } from 'cloudflare:test'
import { expect } from 'vitest'
import { formatCredential } from '../../../worker/auth/credential.ts'
import type { Env } from '../../../worker/env.ts'
import { CookieBrowser, formFields } from '../../support/cookie-browser.ts'
import { OAuthClient } from '../../support/oauth-client.ts'
import { sendTo } from './mcp.ts'
import { idOfUser, identityOfUser } from './users.ts'

export const ORIGIN = 'http://localhost'
export const fetchSelf = (request: Request) => SELF.fetch(request)

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** How the list of runs answers to a token. */
export const statusWith = async (token: string) => (await sendTo('/runs', 'GET', undefined, bearer(token))).status

/** What every page goes out with; the consent page names one more target of its form. */
const PAGE_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

/** A browser that is signed in as the local developer. */
export async function signedInBrowser(origin = ORIGIN): Promise<CookieBrowser> {
  const browser = new CookieBrowser(fetchSelf, origin)
  expect((await browser.post('/sign-in/local', {})).status).toBe(303)
  return browser
}

/** A browser in which another user has signed in. */
export async function browserOf(name: string): Promise<CookieBrowser> {
  const userId = await idOfUser(name)
  const secret = await (env as Env).ACCOUNT.getByName(userId).signIn(identityOfUser(name))
  const browser = new CookieBrowser(fetchSelf, ORIGIN)
  browser.setCookie('__Host-session', await formatCredential(env as Env, 'browser', { userId, secret }))
  return browser
}

export async function newClient(metadata?: Record<string, unknown>): Promise<OAuthClient> {
  const client = new OAuthClient(fetchSelf, ORIGIN)
  expect((await client.register(metadata)).status).toBe(201)
  return client
}

/** The fields of the consent form that this browser is shown for a request. */
export async function consentFields(
  browser: CookieBrowser,
  { url }: { url: string },
): Promise<Record<string, string | string[]>> {
  const page = await browser.get(url)
  const text = await page.text()
  expect(page.status, text).toBe(200)
  return formFields(text, '/authorize')
}

/** An error page of ours, which leads nowhere; its text. */
export async function expectErrorPage(response: Response, status = 400): Promise<string> {
  const text = await response.text()
  expect(response.status, text.slice(0, 2000)).toBe(status)
  expect(response.headers.get('content-type')).toMatch(/^text\/html/)
  expect(response.headers.get('content-security-policy')).toBe(PAGE_POLICY)
  expect(response.headers.get('x-frame-options')).toBe('DENY')
  expect(response.headers.get('location')).toBe(null)
  expect(text).toContain('Next: ')
  return text
}

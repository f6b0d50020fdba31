/** Clients and browsers of the authorization server, on production's Worker. */
import { SELF } from 'cloudflare:test'
import { expect } from 'vitest'
import { CookieBrowser } from '../../support/cookie-browser.ts'
import { OAuthClient } from '../../support/oauth-client.ts'
import { sendTo } from './mcp.ts'

export const ORIGIN = 'http://localhost'
export const fetchSelf = (request: Request) => SELF.fetch(request)

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** How the list of runs answers to a token. */
export const statusWith = async (token: string) => (await sendTo('/runs', 'GET', undefined, bearer(token))).status

/** A browser that is signed in as the local developer. */
export async function signedInBrowser(origin = ORIGIN): Promise<CookieBrowser> {
  const browser = new CookieBrowser(fetchSelf, origin)
  expect((await browser.post('/sign-in/local', {})).status).toBe(303)
  return browser
}

export async function newClient(metadata?: Record<string, unknown>): Promise<OAuthClient> {
  const client = new OAuthClient(fetchSelf, ORIGIN)
  expect((await client.register(metadata)).status).toBe(201)
  return client
}

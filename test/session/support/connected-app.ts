/** An app that a user has connected: its tokens, one after the other, and what KV holds of them. */
import { createExecutionContext, env } from 'cloudflare:test'
import { expect } from 'vitest'
import type { Env } from '../../../worker/env.ts'
import worker from '../../../worker/index.ts'
import type { CookieBrowser } from '../../support/cookie-browser.ts'
import { OAuthClient, type Tokens } from '../../support/oauth-client.ts'
import { browserOf, newClient, ORIGIN, statusWith } from './oauth.ts'
import { expectRefused } from './token-endpoint.ts'
import { idOfUser } from './users.ts'

const { OAUTH_KV } = env as Env

export const grantOf = ({ refresh_token }: Tokens) => refresh_token.split(':')[1]!

export class ConnectedApp {
  /** Name of the user, who has the id `user`. */
  readonly name: string
  readonly user: string
  readonly browser: CookieBrowser
  readonly client: OAuthClient
  readonly first: Tokens

  private constructor(name: string, user: string, browser: CookieBrowser, client: OAuthClient, first: Tokens) {
    this.name = name
    this.user = user
    this.browser = browser
    this.client = client
    this.first = first
  }

  /** An app of a new user: what ends in one test is not looked for in the next. */
  static async new(): Promise<ConnectedApp> {
    const name = crypto.randomUUID()
    const [browser, client] = [await browserOf(name), await newClient({ client_name: 'An app' })]
    return new ConnectedApp(name, await idOfUser(name), browser, client, await client.signIn(browser))
  }

  async refreshed({ refresh_token }: Tokens): Promise<Tokens> {
    const response = await this.client.refresh(refresh_token)
    expect(response.status, await response.clone().text()).toBe(200)
    return response.json<Tokens>()
  }

  /** Token after token, each used to get the next, from the first on; the last one is unused. */
  async chain(length: number, first = this.first): Promise<Tokens[]> {
    const all = [first]
    while (all.length <= length) all.push(await this.refreshed(all.at(-1)!))
    return all
  }

  async expectRefused(token: string): Promise<void> {
    await expectRefused(await this.client.refresh(token), 400, 'invalid_grant')
  }

  async expectEnded(...held: Tokens[]): Promise<void> {
    for (const { access_token, refresh_token } of held) {
      expect(await statusWith(access_token)).toBe(401)
      await this.expectRefused(refresh_token)
    }
  }

  async expectGoesOn(held: Tokens): Promise<void> {
    expect(await statusWith(held.access_token)).toBe(200)
    expect(await statusWith((await this.refreshed(held)).access_token)).toBe(200)
  }

  /** The client at a Worker of which some bindings are others. */
  where(bindings: Partial<Env>): OAuthClient {
    const there = new OAuthClient((request) => {
      const incoming = new Request<unknown, IncomingRequestCfProperties>(request)
      return Promise.resolve(worker.fetch(incoming, { ...(env as Env), ...bindings }, createExecutionContext()))
    }, ORIGIN)
    there.clientId = this.client.clientId
    return there
  }

  /** What KV holds of the user's grants and tokens, as a place that is behind would still show it later. */
  async stored(): Promise<Map<string, string>> {
    const stored = new Map<string, string>()
    for (const kind of ['grant', 'token']) {
      const { keys } = await OAUTH_KV.list({ prefix: `${kind}:${this.user}:` })
      for (const { name } of keys) stored.set(name, (await OAUTH_KV.get(name))!)
    }
    return stored
  }
}

export async function putBack(stored: Map<string, string>): Promise<void> {
  for (const [name, value] of stored) await OAUTH_KV.put(name, value)
}

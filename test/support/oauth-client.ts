/** An OAuth client of our server, request by request: what a library would hide is what the tests look at. */
import { createHash, randomBytes } from 'node:crypto'
import { type CookieBrowser, type Fetch, formFields } from './cookie-browser.ts'

export const REDIRECT_URI = 'http://127.0.0.1:33418/callback'

export interface Registered {
  client_id: string
  client_secret?: string
}

export interface Tokens {
  access_token: string
  refresh_token: string
  scope: string
}

export interface Authorization {
  url: string
  verifier: string
}

export class OAuthClient {
  readonly #fetch: Fetch
  readonly origin: string
  clientId = ''

  constructor(fetch: Fetch, origin: string) {
    this.#fetch = fetch
    this.origin = origin
  }

  /** Registers a public client. */
  async register(metadata: Record<string, unknown> = {}): Promise<Response> {
    const response = await this.json('/oauth/register', {
      client_name: 'A test client',
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: 'none',
      ...metadata,
    })
    if (response.ok) this.clientId = ((await response.clone().json()) as Registered).client_id
    return response
  }

  /** An authorization request; `changed` replaces parameters, null leaves one out. */
  authorization(changed: Record<string, string | null> = {}): Authorization {
    const verifier = randomBytes(32).toString('base64url')
    const url = new URL('/authorize', this.origin)
    const parameters: Record<string, string | null> = {
      response_type: 'code',
      client_id: this.clientId,
      redirect_uri: REDIRECT_URI,
      state: 'a state',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      resource: this.origin,
      ...changed,
    }
    for (const [name, value] of Object.entries(parameters)) if (value !== null) url.searchParams.append(name, value)
    return { url: url.href, verifier }
  }

  /** Opens the consent page in a signed-in browser and allows it; the address that the browser is sent to. */
  async allow(browser: CookieBrowser, { url }: Authorization, scope?: string[]): Promise<URL> {
    const page = await browser.get(url)
    const fields = formFields(await page.text(), '/authorize')
    const response = await browser.post('/authorize', { ...fields, ...(scope && { scope }), decision: 'allow' })
    const location = response.headers.get('location')
    if (location === null) throw new Error(`not allowed: ${response.status} ${await response.text()}`)
    return new URL(location)
  }

  token(fields: Record<string, string>): Promise<Response> {
    return this.#fetch(
      new Request(`${this.origin}/oauth/token`, {
        method: 'POST',
        headers: { host: new URL(this.origin).host },
        body: new URLSearchParams({ client_id: this.clientId, ...fields }),
      }),
    )
  }

  redeem(code: string, verifier: string, changed: Record<string, string> = {}): Promise<Response> {
    return this.token({
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: REDIRECT_URI,
      ...changed,
    })
  }

  refresh(token: string, changed: Record<string, string> = {}): Promise<Response> {
    return this.token({ grant_type: 'refresh_token', refresh_token: token, ...changed })
  }

  /** The whole way: authorization, consent, code, tokens. */
  async signIn(browser: CookieBrowser, scope?: string[]): Promise<Tokens> {
    const authorization = this.authorization()
    const back = await this.allow(browser, authorization, scope)
    const response = await this.redeem(back.searchParams.get('code')!, authorization.verifier)
    if (!response.ok) throw new Error(`no token: ${await response.text()}`)
    return (await response.json()) as Tokens
  }

  json(path: string, body: unknown): Promise<Response> {
    return this.#fetch(
      new Request(`${this.origin}${path}`, {
        method: 'POST',
        headers: { host: new URL(this.origin).host, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    )
  }
}

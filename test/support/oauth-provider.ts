/** What an MCP host keeps for the OAuth code of its SDK, and the loopback address that its user's browser comes back to. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Fits to the `authProvider` of SDK v2 and v1 alike. */
export class HostAuth {
  readonly redirectUrl: string
  readonly clientMetadata
  /** How often the browser was needed. */
  visits = 0
  // oxlint-disable-next-line typescript/no-explicit-any -- each SDK has types of its own for what is only kept here
  #kept: { client?: any; tokens?: any; verifier?: string; discovery?: any } = {}
  readonly #visit: (address: string) => Promise<unknown>

  private constructor(redirectUrl: string, name: string, visit: (address: string) => Promise<unknown>) {
    this.redirectUrl = redirectUrl
    this.#visit = visit
    this.clientMetadata = {
      client_name: name,
      redirect_uris: [redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    }
  }

  /** `visit`: opens the browser and resolves when it has come back. */
  static async listening(name: string, visit: (address: string) => Promise<unknown>) {
    const codes: URL[] = []
    const server = createServer((request, response) => {
      codes.push(new URL(request.url!, 'http://127.0.0.1'))
      response.end('You may close this window.')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const auth = new HostAuth(`http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`, name, visit)
    return {
      auth,
      /** What the last visit came back with. */
      answer: () => codes.at(-1)!.searchParams,
      /** Resolves when the browser comes back next, for a visit that does not wait for it. */
      comesBack: () => once(server, 'request'),
      stop: async () => {
        server.closeAllConnections()
        server.close()
        await once(server, 'close')
      },
    }
  }

  clientInformation() {
    return this.#kept.client
  }
  saveClientInformation(client: unknown) {
    this.#kept.client = client
  }
  tokens() {
    return this.#kept.tokens
  }
  saveTokens(tokens: unknown) {
    this.#kept.tokens = tokens
  }
  saveCodeVerifier(verifier: string) {
    this.#kept.verifier = verifier
  }
  codeVerifier() {
    return this.#kept.verifier ?? ''
  }
  discoveryState() {
    return this.#kept.discovery
  }
  saveDiscoveryState(state: unknown) {
    this.#kept.discovery = state
  }
  async redirectToAuthorization(url: URL) {
    this.visits += 1
    await this.#visit(url.href)
  }
}

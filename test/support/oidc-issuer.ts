/** A real OpenID Connect issuer on loopback (the npm package oidc-provider), with its own sign-in and consent pages. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'

export const OIDC_CLIENT = { client_id: 'code-mode', client_secret: 'oidc-client-secret' }

export interface OidcIssuer {
  /** `http://127.0.0.1:PORT` */
  issuer: string
  /** Says where its one client may be sent back to. Before that it answers nothing. */
  allow(redirectUri: string): void
  stop(): Promise<void>
}

/** Whoever signs in as `somebody` is `somebody@users.example`; the address of `unverified…` is not verified. */
export async function startOidcIssuer(): Promise<OidcIssuer> {
  const server: Server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    issuer,
    allow(redirectUri) {
      const provider = new Provider(issuer, {
        clients: [{ ...OIDC_CLIENT, redirect_uris: [redirectUri], grant_types: ['authorization_code'] }],
        claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
        // Claims come from the userinfo endpoint alone, as with many issuers.
        findAccount: (_ctx, id) => ({
          accountId: id,
          claims: () => ({
            sub: id,
            email: `${id}@users.example`,
            email_verified: !id.startsWith('unverified'),
            name: `Name of ${id}`,
          }),
        }),
        cookies: { keys: ['only for tests'] },
        pkce: { required: () => true },
      })
      server.removeAllListeners('request')
      const answer = provider.callback()
      server.on('request', (request, response) => void answer(request, response))
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Sign-in through any OpenID Connect issuer: Google, Entra, Okta, Auth0, Cloudflare Access for SaaS, … */
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  type Configuration,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
} from 'openid-client'
import * as z from 'zod'
import type { Env } from '../../env.ts'
import { type Identity, type IdentityProvider, isLoopback } from './identity.ts'
import { refusals } from './refusals.ts'

/** The claims of an ID token or of the userinfo endpoint: some issuers identify the user in only one of them. */
const profile = z.object({
  name: z.string().optional(),
  preferred_username: z.string().optional(),
  email: z.string().optional(),
  email_verified: z.union([z.boolean(), z.stringbool()]).optional(),
})
type Profile = z.infer<typeof profile>

/** The provider for OIDC_ISSUER, or null where it is not set up. Throws TypeError on a setting that cannot work. */
export function oidcProvider(env: Env): IdentityProvider | null {
  const { OIDC_ISSUER, OIDC_CLIENT_ID } = env
  if (!OIDC_ISSUER || !OIDC_CLIENT_ID) return null
  const issuer = new URL(OIDC_ISSUER)
  return {
    id: 'oidc',
    label: env.OIDC_NAME ?? issuer.hostname,
    async authorizationUrl(redirectUri, { state, nonce, codeVerifier }) {
      return buildAuthorizationUrl(await configurationOf(env, issuer), {
        redirect_uri: redirectUri,
        scope: 'openid email profile',
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      })
    },
    async identityOf(callback, redirectUri, { state, nonce, codeVerifier }) {
      const configuration = await configurationOf(env, issuer)
      return refusals(async () => {
        const tokens = await authorizationCodeGrant(
          configuration,
          callback,
          { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: codeVerifier, idTokenExpected: true },
          { redirect_uri: redirectUri },
        )
        const claims = tokens.claims()
        if (claims === undefined) throw new Error('the issuer sent no ID token')
        const fromToken = profile.parse(claims)
        const endpoint = configuration.serverMetadata().userinfo_endpoint
        const known =
          fromToken.email === undefined && endpoint !== undefined
            ? { ...fromToken, ...profile.parse(await fetchUserInfo(configuration, tokens.access_token, claims.sub)) }
            : fromToken
        return identity(claims.iss, claims.sub, known, env.OIDC_TRUST_EMAIL === 'true')
      })
    },
  }
}

function identity(issuer: string, subject: string, known: Profile, isTrusted: boolean): Identity {
  return {
    issuer,
    subject,
    name: known.name ?? known.preferred_username ?? known.email ?? subject,
    // A user may choose a name that was another's: it is no key to anything.
    login: null,
    email: known.email !== undefined && (known.email_verified === true || isTrusted) ? known.email : null,
  }
}

/** The issuer's metadata, read once in the life of this isolate; a failure is not kept. */
const configurations = new Map<string, Promise<Configuration>>()

function configurationOf(env: Env, issuer: URL): Promise<Configuration> {
  const key = JSON.stringify([issuer.href, env.OIDC_CLIENT_ID, env.OIDC_CLIENT_SECRET])
  const known = configurations.get(key)
  if (known !== undefined) return known
  const insecure = issuer.protocol === 'http:' && isLoopback(issuer.hostname) ? [allowInsecureRequests] : []
  const found = discovery(issuer, env.OIDC_CLIENT_ID!, env.OIDC_CLIENT_SECRET, undefined, {
    execute: [enableNonRepudiationChecks, ...insecure],
  })
  configurations.set(key, found)
  found.catch(() => configurations.delete(key))
  return found
}

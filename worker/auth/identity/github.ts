/**
 * Sign-in through GitHub, or a GitHub Enterprise server: OAuth 2 with GitHub's own API for the identity, as it is no OpenID Connect issuer.
 */
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  Configuration,
  fetchProtectedResource,
} from 'openid-client'
import * as z from 'zod'
import type { Env } from '../../env.ts'
import { type IdentityProvider, isLoopback, SignInRefused } from './identity.ts'
import { refusals } from './refusals.ts'

const GITHUB = 'https://github.com'
const GITHUB_API = 'https://api.github.com'

const user = z.object({ id: z.int(), login: z.string(), name: z.string().nullish() })
const emails = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }))

/** GitHub, or null where GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET are not set. */
export function githubProvider(env: Env): IdentityProvider | null {
  const { GITHUB_CLIENT_ID, GITHUB_CLIENT_SECRET } = env
  if (!GITHUB_CLIENT_ID || !GITHUB_CLIENT_SECRET) return null
  const issuer = (env.GITHUB_URL ?? GITHUB).replace(/\/$/, '')
  const api = env.GITHUB_URL === undefined ? GITHUB_API : `${issuer}/api/v3`
  const configuration = new Configuration(
    {
      issuer,
      authorization_endpoint: `${issuer}/login/oauth/authorize`,
      token_endpoint: `${issuer}/login/oauth/access_token`,
    },
    GITHUB_CLIENT_ID,
    GITHUB_CLIENT_SECRET,
  )
  const { protocol, hostname } = new URL(issuer)
  if (protocol === 'http:' && isLoopback(hostname)) allowInsecureRequests(configuration)

  return {
    id: 'github',
    label: 'GitHub',
    async authorizationUrl(redirectUri, { state, codeVerifier }) {
      return buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: 'read:user user:email',
        state,
        code_challenge: await calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      })
    },
    identityOf: (callback, redirectUri, { state, codeVerifier }) =>
      refusals(async () => {
        const { access_token } = await authorizationCodeGrant(
          configuration,
          callback,
          { expectedState: state, pkceCodeVerifier: codeVerifier },
          { redirect_uri: redirectUri },
        )
        const read = async (path: string) => {
          const headers = new Headers({ 'user-agent': 'mcp-code-mode', accept: 'application/vnd.github+json' })
          const url = new URL(`${api}${path}`)
          const response = await fetchProtectedResource(configuration, access_token, url, 'GET', null, headers)
          if (!response.ok) throw new SignInRefused(`GitHub did not say who you are (HTTP ${response.status}).`)
          return response.json()
        }
        const { id, login, name } = user.parse(await read('/user'))
        const verified = emails.parse(await read('/user/emails')).filter((address) => address.verified)
        const email = (verified.find(({ primary }) => primary) ?? verified[0])?.email ?? null
        return { issuer, subject: String(id), name: name ?? login, login, email }
      }),
  }
}

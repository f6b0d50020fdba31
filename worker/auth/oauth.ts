/**
 * The OAuth roles of one public origin: the authorization server, and the protected resource under each of its names. One token serves
 * /mcp, /runs, /files and everything else, whichever name it was asked for.
 */
import {
  GrantType,
  OAuthAuthorizationServer,
  type OAuthAuthorizationServerOptions,
  OAuthError,
  type OAuthHelpers,
  type OAuthResourceAuth,
  type OAuthResourceContext,
  OAuthResourceServer,
} from '@cloudflare/workers-oauth-provider'
import * as z from 'zod'
import type { Env } from '../env.ts'
import { withinBounds } from './bounded-kv.ts'
import { forProvider } from './provider-request.ts'
import { redirectUriProblem } from './redirect-uri.ts'
import { noteRefusal, useRefreshToken, watchRefreshTokens } from './refresh-reuse.ts'
import { REFRESH_TOKEN_IDLE_S } from './refreshed-grants.ts'
import { metadataAddress, resourceNames, resourceOf, withoutSlash } from './resource-names.ts'
import { ALL_SCOPES } from './scopes.ts'
import { orElse, readStored } from '../stored.ts'
import { grantProps, type GrantProps, validateToken } from './tokens.ts'
import { explained } from './unauthorized.ts'

const HOUR_S = 60 * 60
const ACCESS_TOKEN_S = HOUR_S
/** Most origins whose roles are kept: a deployment has one, a local server one for each name of the loopback address. */
const MAX_ORIGINS = 8

/** Answers a request with a valid token. */
export type Answer = (
  request: Request,
  env: Env,
  verified: { auth: OAuthResourceAuth; props: GrantProps },
) => Promise<Response>

export interface OAuthDeps {
  answer: Answer
  /** Makes the user's session object refuse every token of a grant, at once, even where copies of it linger. */
  refuseGrant: (env: Env, userId: string, grantId: string) => Promise<void>
}

export interface OAuthRoles {
  /** Serves metadata, registration, tokens and revocation. */
  authorizationServer: (request: Request, env: Env, ctx: ExecutionContext) => Promise<Response>
  /** Serves the resource's metadata. Every other request gets a challenge, or, with a valid token, an answer by `answer`. */
  resource: (request: Request, env: Env, ctx: ExecutionContext) => Promise<Response>
  /** Helpers for the pages: authorization requests, consent, grants. */
  api: (env: Env) => OAuthHelpers
  /** Ends a grant with all of its tokens, at once and for good. Throws when the session object cannot be told. */
  endGrant: (env: Env, userId: string, grantId: string) => Promise<void>
}

/** The roles at an origin, made at the first request to it. */
export function oauthRoles(deps: OAuthDeps): (origin: string) => OAuthRoles {
  const known = new Map<string, OAuthRoles>()
  return (origin) => {
    const roles = known.get(origin) ?? rolesAt(origin, deps)
    if (known.size >= MAX_ORIGINS) known.clear()
    known.set(origin, roles)
    return roles
  }
}

function rolesAt(origin: string, { answer, refuseGrant }: OAuthDeps): OAuthRoles {
  const names = resourceNames(origin)
  const options: OAuthAuthorizationServerOptions<Env> = {
    issuer: origin,
    resources: names,
    defaultResource: origin,
    legacyGrantResource: origin,
    clientRegistrationEndpoint: `${origin}/oauth/register`,
    scopesSupported: ALL_SCOPES,
    clientIdMetadataDocumentEnabled: true,
    accessTokenTTL: ACCESS_TOKEN_S,
    refreshTokenTTL: REFRESH_TOKEN_IDLE_S,
    refreshTokenIdleTTL: REFRESH_TOKEN_IDLE_S,
    clientRegistrationCallback: ({ clientMetadata }) => {
      for (const uri of z.array(z.string()).parse(clientMetadata['redirect_uris'])) {
        const problem = redirectUriProblem(uri)
        if (problem !== null) return { code: 'invalid_redirect_uri', description: `A redirect URI ${problem}.` }
      }
    },
    // The provider's own memory lets several requests redeem one code when they come at the same moment, or at distant places.
    tokenExchangeCallback: async ({ grantType, userId, grantId, props, env }) => {
      if (grantType === GrantType.REFRESH_TOKEN) {
        const { clientName } = orElse(readStored(grantProps, props), { clientName: null })
        // Its access tokens would be refused: of a grant that cannot be read nobody knows whose it is.
        if (clientName === null) throw new OAuthError('invalid_grant', { description: 'Connect again.' })
        await useRefreshToken(env, clientName)
      }
      if (grantType !== GrantType.AUTHORIZATION_CODE) return
      if (await env.ACCOUNT.getByName(userId).firstUse(`code ${grantId}`)) return
      throw new OAuthError('invalid_request', { description: 'Another request has used this code.' })
    },
    onError: ({ code, status, internal: { category, reason } }) => {
      noteRefusal(reason)
      console.warn(JSON.stringify({ event: 'oauth_refused', code, status, category, reason }))
    },
  }
  const server = new OAuthAuthorizationServer<Env>(options)
  // A developer's machine may be without the Internet. Claude Code and Codex do not register when their document cannot be read.
  const withoutDocuments = new OAuthAuthorizationServer<Env>({ ...options, clientIdMetadataDocumentEnabled: false })
  const described = origin.startsWith('http:') ? withoutDocuments : server
  /** The provider takes a token for the name that it was asked for alone. */
  const ofProvider = async (env: Env, name: string, token: string) => {
    for (const each of [name, ...names.filter((other) => other !== name)]) {
      const validated = await server.validateToken<GrantProps>(each, token, withinBounds(env))
      if (validated !== null) return { ...validated, audience: name }
    }
    return null
  }
  const resourceNamed = (name: string) =>
    new OAuthResourceServer<Env, GrantProps>({
      resourceMetadata: { resource: name, authorization_servers: [origin], resource_name: 'MCP Code Mode' },
      // All of them: a client that asked for less would be stopped at the first learning it wants to add. The user may still give less.
      requiredScopes: ALL_SCOPES,
      validateToken: (env) => (audience, token) =>
        validateToken(env, audience, token, () => ofProvider(env, audience, token)),
      handler: {
        fetch: (request: Request, env: Env, { auth, props }: OAuthResourceContext<GrantProps>) =>
          answer(request, env, { auth, props }),
      },
    })
  const resources = new Map(names.map((name) => [name, resourceNamed(name)]))
  const api = (env: Env) => server.getOAuthApi(withinBounds(env))
  const endGrant = async (env: Env, userId: string, grantId: string) => {
    await env.ACCOUNT.getByName(userId).endGrant(grantId)
    await refuseGrant(env, userId, grantId)
    try {
      await api(env).revokeGrant(grantId, userId)
    } catch (error) {
      // Its tokens work no more: the session refuses its access tokens, and the account its refresh tokens.
      console.error(JSON.stringify({ event: 'grant_not_deleted', grant: grantId, error: String(error) }))
    }
  }
  return {
    authorizationServer: async (request, env, ctx) => {
      const asked = await forProvider(request)
      if (asked instanceof Response) return asked
      const isMetadata = new URL(asked.url).pathname.startsWith('/.well-known/')
      const serve = () => (isMetadata ? described : server).fetch(asked, withinBounds(env), ctx)
      const end = (userId: string, grantId: string) => endGrant(env, userId, grantId)
      return watchRefreshTokens(asked, env, serve, end)
    },
    resource: async (request, env, ctx) => {
      const resource = resources.get(resourceOf(new URL(request.url)))!
      return explained(request, await resource.fetch(request, env, ctx))
    },
    api,
    endGrant,
  }
}

/** The origin that the client of a request sees: that of PUBLIC_URL when the request came in under that name, else the request's own. */
export function publicOrigin(request: Request, env: Env): string {
  const { origin, host } = new URL(request.url)
  if (!env.PUBLIC_URL) return origin
  const known = new URL(env.PUBLIC_URL)
  return (request.headers.get('host') ?? host) === known.host ? known.origin : origin
}

/** The request under the address that its client used. Tokens and metadata name that address. */
export function asSeenOutside(request: Request, origin: string): Request {
  const { pathname, search, href } = new URL(request.url)
  const seen = `${origin}${withoutSlash(pathname)}${search}`
  return seen === href ? request : new Request(seen, request)
}

/** The challenge for a token that was valid and is not any more, at an address of ours. */
export function invalidTokenChallenge(requested: URL): string {
  return `Bearer realm="OAuth", error="invalid_token", resource_metadata="${metadataAddress(resourceOf(requested))}"`
}

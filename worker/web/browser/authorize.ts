/** The authorization endpoint: asks the user who is signed in whether a client may act for them. */
import { type AuthRequest, AuthorizationError, CimdFetchError } from '@cloudflare/workers-oauth-provider'
import { type Context, Hono } from 'hono'
import { isAtItsAddress } from '../../auth/client-id.ts'
import { isAllowed } from '../../auth/identity/allow-list.ts'
import { sha256 } from '../../auth/keys.ts'
import { asSeenOutside, type OAuthRoles, publicOrigin } from '../../auth/oauth.ts'
import { oneResource } from '../../auth/resource-names.ts'
import { ALL_SCOPES, isScope, type Scope } from '../../auth/scopes.ts'
import type { GrantProps } from '../../auth/tokens.ts'
import type { Env } from '../../env.ts'
import { requestProblem } from './authorization-request.ts'
import { signedIn } from '../signed-in/browser.ts'
import { consentPage } from './looks/consent.ts'
import { errorPage, pageHeaders, shownName } from '../pages/page.ts'
import { notAllowed } from '../signed-in/not-allowed.ts'

type Ctx = Context<{ Bindings: Env }>

/**
 * Most grants of one client to one user; a new one ends the oldest. There may be several, as a client may be signed in on several machines.
 */
const MAX_GRANTS_PER_CLIENT = 10

const NO_DOCUMENT =
  'The description that the app refers to (its client metadata document) cannot be read, or is at another address.'

export function authorizeRoutes(rolesAt: (origin: string) => OAuthRoles): Hono<{ Bindings: Env }> {
  const routes = new Hono<{ Bindings: Env }>()

  routes.get('/authorize', (c) =>
    withErrorPages(c, async () => {
      const { pathname, search, searchParams } = new URL(c.req.url)
      const problem = requestProblem(searchParams)
      if (problem !== null) return startAgain(c, problem)
      // Sign-in comes before any fetch or redirect for an app: anyone could have made it up.
      const who = await signedIn(c)
      if (who === null)
        return c.redirect(`/sign-in?${new URLSearchParams({ return: `${pathname}${search}` }).toString()}`)
      if (!isAllowed(c.env, who.identity)) return notAllowed(c, who.identity)
      if (!(await isAtItsAddress(searchParams.get('client_id')!))) return startAgain(c, NO_DOCUMENT)
      const origin = publicOrigin(c.req.raw, c.env)
      const api = rolesAt(origin).api(c.env)
      const request = await api.parseAuthRequest(withOneResource(asSeenOutside(c.req.raw, origin)))
      const details = await api.describeConsent(request)
      const { handle, headers } = await api.beginConsent(request)
      for (const cookie of headers.getSetCookie()) c.header('set-cookie', cookie, { append: true })
      const body = consentPage({ details, scopes: offeredScopes(request.scope), handle, ...who })
      return c.html(body, 200, pageHeaders([formTarget(details.redirectUri)]))
    }),
  )

  routes.post('/authorize', (c) =>
    withErrorPages(c, async () => {
      const origin = publicOrigin(c.req.raw, c.env)
      const roles = rolesAt(origin)
      const api = roles.api(c.env)
      // Only its cookies are read: the handle remembers the request.
      const request = new Request(`${origin}/authorize`, { headers: c.req.raw.headers })
      const form = await c.req.formData()
      const handle = text(form, 'handle')
      const who = await signedIn(c)
      if (who === null || who.userId !== text(form, 'user'))
        return startAgain(c, 'You have signed out, or signed in as somebody else, in the meantime.')
      if (!isAllowed(c.env, who.identity)) return notAllowed(c, who.identity)
      // The provider's own memory lets in a second request that comes at the same moment.
      if (!(await c.env.ACCOUNT.getByName(who.userId).firstUse(`consent ${await sha256(handle)}`)))
        return startAgain(c, 'This page has been answered already.')
      if (text(form, 'decision') !== 'allow' || form.getAll('decision').length !== 1) {
        const { headers } = await api.denyConsent(request, handle)
        return new Response(null, { status: 302, headers })
      }
      const approved = await api.approveConsent(request, handle)
      const { clientId } = approved.request
      const offered = offeredScopes(approved.request.scope)
      const scope = [...new Set(form.getAll('scope').map(String))]
      if (!scope.every((name) => offered.some((one) => one === name)))
        return startAgain(c, 'More was allowed than the page offered.')
      await api.parseAuthRequest(asAskedAgain(origin, approved.request))
      const clientName = shownName((await api.describeConsent(approved.request)).clientName)
      const props: GrantProps = { identity: who.identity, authorizedAt: Date.now(), clientName }
      await makeRoom(roles, c.env, who.userId, clientId)
      const { redirectTo } = await api.completeAuthorization({
        request: approved.request,
        userId: who.userId,
        metadata: { clientName },
        scope,
        props,
        // Two machines of one user have the same client.
        revokeExistingGrants: false,
      })
      approved.headers.set('location', redirectTo)
      return new Response(null, { status: 302, headers: approved.headers })
    }),
  )
  return routes
}

/** The request with one name of the resource, spelled as in the metadata: the provider takes no other. */
function withOneResource(request: Request): Request {
  const url = new URL(request.url)
  const resource = oneResource(url.origin, url.searchParams.getAll('resource'))
  if (resource === undefined) return request
  url.searchParams.set('resource', resource)
  return new Request(url, request)
}

/** The request as its client would send it now, to be checked again: the client may have changed since, or be gone. */
function asAskedAgain(origin: string, request: AuthRequest): Request {
  const parameters = new URLSearchParams({
    response_type: request.responseType,
    client_id: request.clientId,
    redirect_uri: request.redirectUri,
    state: request.state,
    code_challenge: request.codeChallenge ?? '',
    code_challenge_method: request.codeChallengeMethod ?? '',
    resource: request.resource ?? origin,
  })
  return new Request(`${origin}/authorize?${parameters.toString()}`)
}

/** Ends this client's oldest grants, so that there is room for one more. */
async function makeRoom(roles: OAuthRoles, env: Env, userId: string, clientId: string): Promise<void> {
  const { items } = await roles.api(env).listUserGrants(userId, { limit: 1000 })
  const ofClient = items.filter((grant) => grant.clientId === clientId).toSorted((a, b) => b.createdAt - a.createdAt)
  for (const { id } of ofClient.slice(MAX_GRANTS_PER_CLIENT - 1)) await roles.endGrant(env, userId, id)
}

/** Answers a refusal of the provider with a page, or, once it has checked where a redirect leads, with a redirect to the client. */
async function withErrorPages(c: Ctx, answer: () => Promise<Response>): Promise<Response> {
  try {
    return await answer()
  } catch (error) {
    if (error instanceof AuthorizationError && error.redirectTo !== undefined) return c.redirect(error.redirectTo)
    if (error instanceof AuthorizationError) return startAgain(c, `${error.description}.`)
    if (error instanceof CimdFetchError) {
      return startAgain(c, NO_DOCUMENT)
    }
    throw error
  }
}

function startAgain(c: Ctx, cause: string) {
  const next =
    'Nothing was allowed. Next: start again in the app; if it fails again, tell the makers of the app what this page says.'
  return c.html(errorPage('This request to connect is not valid', cause, next), 400, pageHeaders())
}

/** Scopes that the page lets the user tick: those that the app asks for, or all when it asks for none that exists. */
function offeredScopes(asked: string[]): Scope[] {
  const known = [...new Set(asked.filter(isScope))]
  return known.length > 0 ? known : ALL_SCOPES
}

/** The source expression for a redirect URI: browsers also check the redirects of a form's answer against `form-action`. */
function formTarget(redirectUri: string): string {
  const { origin, protocol, hostname } = new URL(redirectUri)
  // An IPv6 address has no source expression: named as an origin, it would match nothing.
  return hostname.startsWith('[') ? protocol : origin
}

function text(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === 'string' ? value : ''
}

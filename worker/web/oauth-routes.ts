/** The paths of OAuth and of bearer tokens: the authorization server's own, and the session's, behind a token. */
import { type Context, Hono } from 'hono'
import { forwarded } from '../auth/caller.ts'
import { asSeenOutside, oauthRoles, publicOrigin, type OAuthRoles } from '../auth/oauth.ts'
import { isMetadataPath } from '../auth/resource-names.ts'
import { grantIdOf } from '../auth/tokens.ts'
import type { Env } from '../env.ts'
import { nothingAt } from '../session/http/nothing-at.ts'
import { basePathOf } from '../session/routes.ts'
import { countedAs } from './client-address.ts'
import { formLimit } from './form-limit.ts'
import { HoldOff } from './hold-off.ts'
import type { AnswerOf } from './session-answers.ts'

/** Paths that the OAuth provider answers. */
const OF_THE_PROVIDER = [
  '/.well-known/oauth-authorization-server',
  '/.well-known/oauth-authorization-server/*',
  '/oauth/*',
]

type Ctx = Context<{ Bindings: Env }>

/** The roles of OAuth at an origin, where the session of a token's user answers what comes with it. */
export function rolesOf(answerOf: AnswerOf, refuseGrant: (env: Env, userId: string, grantId: string) => Promise<void>) {
  return oauthRoles({
    answer: async (request, env, { auth, props }) => {
      // The object's name comes from the verified token alone: nothing else can choose whose it is.
      const grantId = grantIdOf(auth.token)
      const { authorizedAt, tokenId } = props
      const caller = { userId: auth.userId!, scopes: auth.scope, authorizedAt, grantId, tokenId }
      return answerOf(env, caller.userId, forwarded(request, caller))
    },
    refuseGrant,
  })
}

/** Paths of the authorization server. */
export function providerRoutes(rolesAt: (origin: string) => OAuthRoles): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  for (const path of OF_THE_PROVIDER) app.use(path, formLimit())
  app.post('/oauth/register', async (c, next) => {
    // The platform sets it. A local server has nobody to hold off.
    const address = c.req.header('cf-connecting-ip')
    if (address === undefined || c.env.DEV_TOKEN || c.env.REGISTRATIONS === undefined) return await next()
    if ((await c.env.REGISTRATIONS.limit({ key: countedAs(address) })).success) return await next()
    const description = 'Too many registrations from your address. Next: wait a minute.'
    return c.json({ error: 'temporarily_unavailable', error_description: description }, 429, { 'retry-after': '60' })
  })
  for (const path of OF_THE_PROVIDER) {
    app.all(path, async (c) => {
      const origin = publicOrigin(c.req.raw, c.env)
      const { authorizationServer } = rolesAt(origin)
      return withWords(c, await authorizationServer(asSeenOutside(c.req.raw, origin), c.env, executionOf(c)))
    })
  }
  return app
}

/** The session's paths, behind a token. Everything else is not found. */
export function tokenRoutes(rolesAt: (origin: string) => OAuthRoles): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  const holdOff = new HoldOff(() => Date.now())
  app.all('*', async (c) => {
    const isKnown = basePathOf(c.req.path) !== null || isMetadataPath(c.req.path)
    if (!isKnown) return nothingAt(new URL(c.req.url))
    const authorization = c.req.header('authorization') ?? ''
    const origin = publicOrigin(c.req.raw, c.env)
    return holdOff.answer(authorization, async () =>
      withWords(c, await rolesAt(origin).resource(asSeenOutside(c.req.raw, origin), c.env, executionOf(c))),
    )
  })

  return app
}

/** Adds words to the provider's refusals of addresses and methods that it does not know, which have none. */
function withWords(c: Ctx, response: Response): Response {
  if (response.body !== null) return response
  if (response.status === 404) return nothingAt(new URL(c.req.url))
  if (response.status !== 405) return response
  const allowed = response.headers.get('allow') ?? 'another method'
  const error = `${c.req.method} does nothing at ${c.req.path}. Next: use ${allowed}.`
  return new Response(JSON.stringify({ error }), {
    status: 405,
    headers: { ...Object.fromEntries(response.headers), 'content-type': 'application/json' },
  })
}

function executionOf(c: Ctx): ExecutionContext {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is the platform's own, of which Hono's types know less
  return c.executionCtx as ExecutionContext
}

/** Every path of the public origin. Requests for a user's session are forwarded to it with the verified caller. */
import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import { HTTPException } from 'hono/http-exception'
import {
  hostHeaderValidationResponse,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  originValidationResponse,
} from '@modelcontextprotocol/server'
import { forwarded } from '../auth/caller.ts'
import { asSeenOutside, oauthRoles, publicOrigin } from '../auth/oauth.ts'
import { Misconfigured } from '../auth/keys.ts'
import { isMetadataPath } from '../auth/resource-names.ts'
import { grantIdOf } from '../auth/tokens.ts'
import type { Env } from '../env.ts'
import { afterBody } from '../session/http/discard-body.ts'
import { nothingAt } from '../session/http/nothing-at.ts'
import { basePathOf } from '../session/routes.ts'
import { browserApi } from './browser-api.ts'
import { countedAs } from './client-address.ts'
import { forBrowsers } from './for-browsers.ts'
import { formLimit, LONG_FORMS, MAX_LONG_FORM_BYTES } from './form-limit.ts'
import { HoldOff } from './hold-off.ts'
import { linkRoutes } from './links.ts'
import { failedPage, isPage, PAGES, pageRoutes } from './page-routes.ts'
import { failed, type SessionObjects, sessionAnswers } from './session-answers.ts'

/** Paths that the OAuth provider answers. */
const OF_THE_PROVIDER = [
  '/.well-known/oauth-authorization-server',
  '/.well-known/oauth-authorization-server/*',
  '/oauth/*',
]

/** Longest Host or Origin that is read: a name has 253 characters, beside scheme and port. */
const NAME_CHARS = 300

export interface AppDeps extends SessionObjects {
  version: string
}

type Ctx = Context<{ Bindings: Env }>

export function createApp({ version, session, unstarted }: AppDeps): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  const holdOff = new HoldOff(() => Date.now())
  const answerOf = sessionAnswers({ session, unstarted })
  const rolesAt = oauthRoles({
    answer: async (request, env, { auth, props }) => {
      // The object's name comes from the verified token alone: nothing else can choose whose it is.
      const grantId = grantIdOf(auth.token)
      const caller = { userId: auth.userId!, scopes: auth.scope, authorizedAt: props.authorizedAt, grantId }
      return answerOf(env, caller.userId, forwarded(request, caller))
    },
    refuseGrant: async (env, userId, grantId) => (await session(env, userId)).refuseGrant(grantId),
  })

  app.use(async (c, next) => {
    // A handler that reads a body puts another request in this one's place.
    const { raw } = c.req
    await next()
    await afterBody(raw, c.res)
  })
  app.use(async (c, next) => foreign(c) ?? (await next()))
  app.use(
    cors({
      // Foreign origins do not get this far.
      origin: (origin) => origin,
      allowHeaders: [
        'authorization',
        'content-type',
        'accept',
        'last-event-id',
        'mcp-session-id',
        'mcp-protocol-version',
        'mcp-method',
        'mcp-name',
      ],
      allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      exposeHeaders: ['mcp-session-id', 'www-authenticate', 'location', 'retry-after'],
      maxAge: 86_400,
    }),
  )
  app.use(forBrowsers)
  app.get('/health', (c) => c.json({ ok: true, version }))

  for (const path of [...OF_THE_PROVIDER, ...PAGES]) {
    app.use(path, formLimit(LONG_FORMS.includes(path) ? MAX_LONG_FORM_BYTES : undefined))
  }
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
  app.route('/', pageRoutes({ rolesAt, session, answerOf }))
  app.route('/', browserApi(answerOf))

  app.route('/', linkRoutes(answerOf))
  app.all('*', async (c) => {
    const isKnown = basePathOf(c.req.path) !== null || isMetadataPath(c.req.path)
    if (!isKnown) return nothingAt(new URL(c.req.url))
    const authorization = c.req.header('authorization') ?? ''
    const origin = publicOrigin(c.req.raw, c.env)
    return holdOff.answer(authorization, async () =>
      withWords(c, await rolesAt(origin).resource(asSeenOutside(c.req.raw, origin), c.env, executionOf(c))),
    )
  })

  app.onError((error, c) => {
    const status = error instanceof HTTPException ? error.status : 500
    // Other messages may hold text that a client sent.
    const reason = error instanceof Misconfigured ? error.message : error.name
    if (status === 500) console.error(JSON.stringify({ event: 'request_failed', path: c.req.path, error: reason }))
    if (!isPage(c.req.path)) return status === 500 ? failed() : c.json({ error: error.message }, status)
    return failedPage(c, status)
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

/**
 * Refuses a foreign Host (DNS rebinding) and a foreign Origin (a web page that makes its visitor's browser call us). A local server answers
 * to loopback names only; a deployed one to the name in PUBLIC_URL, or, without it, to any host that the platform routes to it.
 */
function foreign(c: Ctx): Response | undefined {
  const { PUBLIC_URL, DEV_TOKEN } = c.env
  // Values that no browser sends are refused, not interpreted: "evil.example@localhost" is a URL's way to write localhost.
  const { host = '', origin = '' } = c.req.header()
  const isLong = host.length > NAME_CHARS || origin.length > NAME_CHARS
  if (isLong || !/^[^/@?#\\\s]*$/.test(host) || (URL.canParse(origin) && new URL(origin).origin !== origin)) {
    return c.json({ error: 'The Host or Origin header is not valid.' }, 403)
  }
  const own = PUBLIC_URL ? [new URL(PUBLIC_URL).hostname] : []
  const local = DEV_TOKEN ? localhostAllowedHostnames() : []
  const hosts = [...own, ...local]
  const platform = hosts.length === 0 ? [new URL(c.req.url).hostname] : []
  return (
    hostHeaderValidationResponse(c.req.raw, [...hosts, ...platform]) ??
    originValidationResponse(c.req.raw, [...own, ...platform, ...localhostAllowedOrigins()])
  )
}

/** Every path of the public origin. What belongs to a user's session is forwarded to it with the verified caller. */
import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import { csrf } from 'hono/csrf'
import { HTTPException } from 'hono/http-exception'
import {
  hostHeaderValidationResponse,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  originValidationResponse,
} from '@modelcontextprotocol/server'
import { forwarded } from '../auth/caller.ts'
import { asSeenOutside, invalidTokenChallenge, oauthRoles, publicOrigin } from '../auth/oauth.ts'
import { Misconfigured } from '../auth/keys.ts'
import { isMetadataPath } from '../auth/resource-names.ts'
import { grantIdOf } from '../auth/tokens.ts'
import { passesGate } from '../auth/user-gate.ts'
import type { Env } from '../env.ts'
import { claimedUser } from '../files/download.ts'
import { isStorageFull, STORAGE_FULL } from '../run/contract/errors.ts'
import { afterBody } from '../session/http/discard-body.ts'
import { nothingAt } from '../session/http/nothing-at.ts'
import { LINK_PATHS, basePathOf } from '../session/routes.ts'
import { toReadOnly } from '../session/reading.ts'
import { accountRoutes, type SessionControl } from './account.ts'
import { authorizeRoutes } from './authorize.ts'
import { countedAs } from './client-address.ts'
import { formLimit } from './form-limit.ts'
import { formsOnly } from './forms-only.ts'
import { HoldOff } from './hold-off.ts'
import { homePage } from './pages/home.ts'
import { errorPage, pageHeaders } from './pages/page.ts'
import { STYLE } from './pages/style.ts'
import { signInRoutes } from './sign-in.ts'

/** Paths that the OAuth provider answers. */
const OF_THE_PROVIDER = [
  '/.well-known/oauth-authorization-server',
  '/.well-known/oauth-authorization-server/*',
  '/oauth/*',
]
/** Paths of pages for people. */
const PAGES = ['/authorize', '/sign-in', '/sign-in/*', '/sign-out', '/account', '/account/*']

/** More than any Host or Origin has: a name has 253, beside scheme and port. */
const NAME_CHARS = 300

interface Fetcher {
  fetch: (request: Request) => Promise<Response>
}

export interface AppDeps {
  version: string
  /** The session object of a user. */
  session: (env: Env, userId: string) => Promise<Fetcher & SessionControl>
  /** The same object, which is not started to get it. */
  unstarted: (env: Env, userId: string) => Fetcher
}

type Ctx = Context<{ Bindings: Env }>

export function createApp({ version, session, unstarted }: AppDeps): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  const holdOff = new HoldOff(() => Date.now())
  const answerOf = async (env: Env, userId: string, request: Request) => {
    const again = () => session(env, userId)
    let object: Fetcher
    try {
      object = await again()
    } catch (error) {
      if (!isStorageFull(error)) throw error
      return challenged(request, await unstarted(env, userId).fetch(toReadOnly(request)))
    }
    return challenged(request, await answerFrom(object, request, again))
  }
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
    // What reads a body puts another request in its place.
    const { raw } = c.req
    await next()
    await afterBody(raw, c.res)
  })
  app.use(async (c, next) => foreign(c) ?? (await next()))
  app.use(
    cors({
      // Foreign origins never come this far.
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
  app.get('/health', (c) => c.json({ ok: true, version }))

  app.get('/', (c) => c.html(homePage(publicOrigin(c.req.raw, c.env)), 200, pageHeaders()))

  for (const path of [...OF_THE_PROVIDER, ...PAGES]) {
    app.use(path, formLimit)
  }
  app.post('/oauth/register', async (c, next) => {
    // Set by the platform. On a local server there is nobody to hold off.
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
  app.get('/assets/pages.css', (c) =>
    c.body(STYLE, 200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'max-age=3600' }),
  )
  // A page of another origin, even one of the same machine, cannot press our buttons.
  for (const path of PAGES)
    app.use(path, csrf({ origin: (origin, c: Ctx) => origin === publicOrigin(c.req.raw, c.env) }), formsOnly)
  app.route('/', authorizeRoutes(rolesAt))
  app.route('/', signInRoutes)
  app.route('/', accountRoutes({ rolesAt, session }))

  // A signed link needs no token: the session that it names checks the signature, and answers nothing else to it.
  for (const path of LINK_PATHS)
    app.get(path, async (c, next) => {
      const userId = c.req.header('authorization') === undefined ? claimedUser(new URL(c.req.url)) : null
      if (userId === null || !(await passesGate(c.env, 'link', userId, c.req.query('gate') ?? null)))
        return await next()
      return answerOf(c.env, userId, forwarded(c.req.raw, null))
    })

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
    // Other messages may hold what somebody sent.
    const reason = error instanceof Misconfigured ? error.message : error.name
    if (status === 500) console.error(JSON.stringify({ event: 'request_failed', path: c.req.path, error: reason }))
    if (!PAGES.some((path) => c.req.path === path.replace('/*', '') || c.req.path.startsWith(path.replace('*', '')))) {
      return status === 500 ? failed() : c.json({ error: error.message }, status)
    }
    const [title, cause] =
      status === 403
        ? ['Not from here', 'This form was sent by another site than ours.']
        : ['Something failed', 'This is our fault, not yours.']
    return c.html(errorPage(title, cause, 'Next: go back and try again.'), status, pageHeaders())
  })
  return app
}

/** `again`: the same object after it has ended with an error. */
async function answerFrom(
  object: Fetcher,
  request: Request,
  again: () => Promise<Pick<SessionControl, 'storeSomething'>>,
): Promise<Response> {
  try {
    return await object.fetch(request)
  } catch (error) {
    // What the object could not store ends it, and of the reason only its storage knows.
    const canStore = await again()
      .then((session) => session.storeSomething())
      .then(
        () => true,
        () => false,
      )
    if (canStore) throw error
    console.error(JSON.stringify({ event: 'storage_full', error: String(error) }))
    return Response.json({ error: STORAGE_FULL }, { status: 507 })
  }
}

/** A token that the object refuses is answered with how to get another one. */
async function challenged(request: Request, response: Response): Promise<Response> {
  if (response.status === 401) {
    const answer = new Response(response.body, response)
    answer.headers.set('www-authenticate', invalidTokenChallenge(new URL(request.url)))
    return answer
  }
  if (response.status !== 500) return response
  // What the object throws comes back with its stack trace.
  await response.body?.cancel()
  return failed()
}

/** The provider refuses addresses and methods that it does not know without a word. */
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

function failed(): Response {
  return Response.json({ error: 'Internal error. Next: try again.' }, { status: 500 })
}

function executionOf(c: Ctx): ExecutionContext {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is the platform's own, of which Hono's types know less
  return c.executionCtx as ExecutionContext
}

/**
 * Refuses a foreign Host (DNS rebinding) and a foreign Origin (a web page that makes its visitor's browser call us). A local server
 * answers to loopback names only; a deployed one to PUBLIC_URL's, or, without it, to whatever host the platform routes to it.
 */
function foreign(c: Ctx): Response | undefined {
  const { PUBLIC_URL, DEV_TOKEN } = c.env
  // What no browser sends is not interpreted, but refused: "evil.example@localhost" is a URL's way to write localhost.
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

/** Every path of the public origin. Requests for a user's session are forwarded to it with the verified caller. */
import { type Context, Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { Misconfigured } from '../auth/keys.ts'
import type { Env } from '../env.ts'
import { afterBody } from '../session/http/discard-body.ts'
import { browserApi } from './signed-in/browser-api.ts'
import { forBrowsers } from './for-browsers.ts'
import { linkRoutes } from './links.ts'
import { providerRoutes, rolesOf, tokenRoutes } from './oauth-routes.ts'
import { corsHeaders, ownOrigins } from './origins.ts'
import { failedPage, isPage, pageRoutes } from './page-routes.ts'
import { failed, type SessionObjects, sessionAnswers } from './session-answers.ts'

export interface AppDeps extends SessionObjects {
  version: string
}

type Ctx = Context<{ Bindings: Env }>

export function createApp({ version, session, unstarted }: AppDeps): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  const answerOf = sessionAnswers({ session, unstarted })
  const rolesAt = rolesOf(answerOf, async (env, userId, grantId) => (await session(env, userId)).refuseGrant(grantId))

  app.use(async (c, next) => {
    // A handler that reads a body puts another request in this one's place.
    const { raw } = c.req
    await next()
    await afterBody(raw, c.res)
  })
  app.use(ownOrigins, corsHeaders, forBrowsers)
  app.get('/health', (c) => c.json({ ok: true, version }))

  app.route('/', providerRoutes(rolesAt))
  app.route('/', pageRoutes({ rolesAt, session, answerOf }))
  app.route('/', browserApi(answerOf))
  app.route('/', linkRoutes(answerOf))
  app.route('/', tokenRoutes(rolesAt))

  app.onError((error, c) => answerToError(error, c))
  return app
}

function answerToError(error: Error, c: Ctx): Response | Promise<Response> {
  const status = error instanceof HTTPException ? error.status : 500
  // Other messages may hold text that a client sent.
  const reason = error instanceof Misconfigured ? error.message : error.name
  if (status === 500) console.error(JSON.stringify({ event: 'request_failed', path: c.req.path, error: reason }))
  if (!isPage(c.req.path)) return status === 500 ? failed() : c.json({ error: error.message }, status)
  return failedPage(c, status)
}

/**
 * `/app/api/…`: the session's paths for the signed-in browser, whose cookie stands for a token with all scopes. EventSource and pictures
 * can send no token. A page of another origin reads nothing here and changes nothing: the browser says where a request comes from.
 */
import { type Context, Hono } from 'hono'
import { forwarded } from '../../auth/caller.ts'
import { isAllowed } from '../../auth/identity/allow-list.ts'
import { publicOrigin } from '../../auth/oauth.ts'
import { MCP_PATH } from '../../auth/resource-names.ts'
import { ALL_SCOPES } from '../../auth/scopes.ts'
import type { Env } from '../../env.ts'
import { nothingAt } from '../../session/http/nothing-at.ts'
import { basePathOf } from '../../session/routes.ts'
import { API } from '../pages/paths.ts'
import { type SignedIn, signedIn } from './browser.ts'
import type { AnswerOf } from '../session-answers.ts'

type Ctx = Context<{ Bindings: Env }>

export function browserApi(answerOf: AnswerOf): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  app.all(`${API}/*`, async (c) => {
    const refused = fromElsewhere(c)
    if (refused !== null) return refused
    const url = new URL(c.req.url)
    url.pathname = url.pathname.slice(API.length)
    const base = basePathOf(url.pathname)
    if (base === null || base === MCP_PATH) return nothingAt(new URL(c.req.url))
    const who = await signedIn(c)
    if (who === null) return refusal(401, 'Nobody is signed in to this browser. Next: sign in at /sign-in.')
    if (!isAllowed(c.env, who.identity)) return refusal(403, 'You may not use this server. Next: ask its operator.')
    return answerOf(c.env, who.userId, asSession(new Request(url, c.req.raw), who, Date.now()))
  })
  return app
}

/** The request as the user's session object takes it. `authorizedAt`: when the account vouched for the browser; nothing older ends it. */
export function asSession(request: Request, { userId, browserId }: SignedIn, authorizedAt: number): Request {
  return forwarded(request, { userId, scopes: ALL_SCOPES, authorizedAt, browserId })
}

/** Refuses what another site's page sends, with or without a user's doing. Reading has no effects, but its answers are the user's. */
function fromElsewhere(c: Ctx): Response | null {
  const site = c.req.header('sec-fetch-site')
  const reads = ['GET', 'HEAD'].includes(c.req.method)
  const isOurs = site === 'same-origin' || (reads && (site === 'none' || site === undefined))
  const isFromOurPage = c.req.header('origin') === publicOrigin(c.req.raw, c.env)
  if (isOurs && (reads || isFromOurPage)) return null
  return refusal(403, 'This is for the pages of this server. Next: send a token to the same path without /app/api.')
}

function refusal(status: number, error: string): Response {
  return Response.json({ error }, { status, headers: { 'cache-control': 'no-store' } })
}

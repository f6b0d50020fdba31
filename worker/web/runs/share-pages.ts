/** Share links: making and ending them, and what somebody sees who has one. */
import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import * as z from 'zod'
import { isAllowed } from '../../auth/identity/allow-list.ts'
import { isLoopback } from '../../auth/identity/identity.ts'
import { publicOrigin } from '../../auth/oauth.ts'
import { openShare } from '../../auth/share-token.ts'
import type { Env } from '../../env.ts'
import { MAX_SHARES, type NotShared, SHARE_DAYS } from '../../session/sharing/shares.ts'
import type { AccountDeps, SessionControl } from '../session-control.ts'
import { asSignedIn } from '../signed-in/as-user.ts'
import { appHeaders } from '../pages/app-page.ts'
import { errorPage, errorResponse, pageHeaders } from '../pages/page.ts'
import { tellOnce } from '../pages/told-once.ts'
import { sharePage } from './looks/share.ts'
import { sharedPage, sharedHeaders } from './looks/shared.ts'
import { linksOf, SHARED, sharesAreOn } from './share-links.ts'

type Ctx = Context<{ Bindings: Env }>

const RUN = '/app/runs/:id/share'
const runPath = (id: string) => `/app/runs/${encodeURIComponent(id)}`
const days = z.coerce.number().pipe(z.literal(SHARE_DAYS))

export function sharePages(session: AccountDeps['session']): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()

  const pageOf = (c: Ctx) => `${runPath(c.req.param('id') ?? '')}/share`
  /** Answers a user who is signed in, where links are on. */
  const asUser = (c: Ctx, answer: (userId: string, control: SessionControl) => Promise<Response>) =>
    asSignedIn(c, '/app/runs', async ({ userId }) => {
      if (!sharesAreOn(c.env)) return off()
      return answer(userId, await session(c.env, userId))
    })

  app.get(RUN, (c) =>
    asUser(c, async (userId, control) => {
      const runId = c.req.param('id')
      const links = (await linksOf(c, userId, control)).filter((link) => link.runId === runId)
      const why = await control.notShared(runId)
      // A forgotten run’s links live on, and are revoked here.
      if (why !== null && links.length === 0) return notMade(runId, why)
      const isOnlyHere = isLoopback(new URL(publicOrigin(c.req.raw, c.env)).hostname)
      return c.html(sharePage(runId, links, { isOnlyHere, refusal: why && REFUSALS[why][1] }), 200, appHeaders())
    }),
  )

  app.post(RUN, (c) =>
    asUser(c, async (_, control) => {
      const chosen = days.safeParse((await c.req.parseBody())['days'])
      const made = chosen.success ? await control.share(c.req.param('id'), chosen.data) : 'days'
      if (typeof made !== 'string') return c.redirect(pageOf(c), 303)
      return notMade(c.req.param('id'), made)
    }),
  )

  app.post(`${RUN}/revoke`, (c) =>
    asUser(c, async (_, control) => {
      await control.endShare(await idOf(c))
      return c.redirect(pageOf(c), 303)
    }),
  )

  app.post('/account/shares/revoke', (c) =>
    asUser(c, async (_, control) => {
      await control.endShare(await idOf(c))
      tellOnce(c, 'ended', 'link')
      return c.redirect('/account#shared', 303)
    }),
  )

  /** The session that a link leads to, and the share there; null for a link that shows nothing. */
  const placeOf = async (c: Ctx) => {
    const place = sharesAreOn(c.env) ? await openShare(c.env, c.req.param('token') ?? '') : null
    if (place === null) return null
    const identity = await c.env.ACCOUNT.getByName(place.userId).knownIdentity()
    // What a user who was taken off the list has shared is out as well.
    if (identity === null || !isAllowed(c.env, identity)) return null
    return { control: await session(c.env, place.userId), id: place.shareId }
  }

  app.get(`${SHARED}/:token`, async (c) => {
    const place = await placeOf(c)
    const run = place && (await place.control.sharedRun(place.id))
    return run === null ? nothing(c) : c.html(sharedPage(run, c.req.path), 200, sharedHeaders())
  })

  app.get(`${SHARED}/:token/:picture{[0-9]}`, async (c) => {
    const place = await placeOf(c)
    const picture = place && (await place.control.sharedPicture(place.id, Number(c.req.param('picture'))))
    if (picture === null) return nothing(c)
    const { body, mime } = picture
    return c.body(body, 200, {
      ...sharedHeaders(),
      'content-type': mime,
      'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
    })
  })
  return app
}

const REFUSALS: Record<NotShared | 'days', [status: number, cause: string]> = {
  unknown: [404, 'There is no such run; old ones are forgotten.'],
  running: [409, 'The run has not ended yet. A link shows a run as it stood at its end.'],
  full: [409, `There are ${MAX_SHARES} links already. Revoke one first.`],
  days: [400, 'A link lives for 1, 7 or 30 days.'],
}

const NEXT: Partial<Record<NotShared | 'days', [where: string, name: string]>> = {
  unknown: ['/app/runs', 'see your runs'],
  full: ['/account#shared', 'see all of your links'],
}

function notMade(runId: string, why: NotShared | 'days'): Promise<Response> {
  const [code, cause] = REFUSALS[why]
  const [where, name] = NEXT[why] ?? [runPath(runId), 'go back to the run']
  return errorResponse(code, 'No link was made', cause, html`Next: <a href="${where}">${name}</a>.`)
}

function off(): Promise<Response> {
  const cause = 'The operator of this server has switched share links off (SHARE_LINKS).'
  return errorResponse(403, 'Runs are not shared here', cause, 'Next: download the program and its output instead.')
}

/** One and the same page for a link that was guessed or altered, has expired, was revoked, or is switched off. */
function nothing(c: Ctx) {
  const cause = 'It is not whole, has expired, or was revoked by who made it.'
  const body = errorPage('This link shows nothing', cause, 'Next: ask who gave it to you for another one.')
  return c.html(body, 404, { ...pageHeaders(), 'x-robots-tag': 'noindex, nofollow', 'referrer-policy': 'no-referrer' })
}

async function idOf(c: Ctx): Promise<string> {
  const { id } = await c.req.parseBody()
  return typeof id === 'string' ? id.slice(0, 100) : ''
}

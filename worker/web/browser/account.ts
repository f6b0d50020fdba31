/** The account page of the user who is signed in to this browser: apps, personal tokens, signing out everywhere, deleting everything. */
import { type Context, Hono } from 'hono'
import * as z from 'zod'
import { MAX_TOKEN_DAYS, MAX_TOKEN_NAME, MAX_TOKENS } from '../../auth/account.ts'
import { formatCredential } from '../../auth/credential.ts'
import { publicOrigin } from '../../auth/oauth.ts'
import { isScope } from '../../auth/scopes.ts'
import { isGrantId } from '../../auth/tokens.ts'
import type { Env } from '../../env.ts'
import type { AccountDeps } from '../session-control.ts'
import { asSignedIn } from '../signed-in/as-user.ts'
import { type SignedIn, signOut } from '../signed-in/browser.ts'
import { accountPage, DELETE_WORD, SIGN_OUT_EVERYWHERE, signOutEverywherePage } from './looks/account.ts'
import { tellOnce, toldOnce } from '../pages/told-once.ts'
import { appHeaders } from '../pages/app-page.ts'
import { errorPage, pageHeaders } from '../pages/page.ts'
import { grantsSeenBy, seenBy } from './seen.ts'
import { linksOf } from '../runs/share-links.ts'

type Ctx = Context<{ Bindings: Env }>

const newToken = z.object({
  name: z.string().trim().min(1).max(MAX_TOKEN_NAME),
  days: z.coerce.number().int().min(1).max(MAX_TOKEN_DAYS),
  scope: z.array(z.string().refine(isScope)),
})

/** Grants that the account page lists, and that one round of revoking gets. */
const GRANTS_PAGE = 100

export function accountRoutes({ rolesAt, session }: AccountDeps): Hono<{ Bindings: Env }> {
  const routes = new Hono<{ Bindings: Env }>()
  const apiOf = (c: Ctx) => rolesAt(publicOrigin(c.req.raw, c.env)).api(c.env)

  const asUser = (c: Ctx, answer: (who: SignedIn) => Promise<Response>) => asSignedIn(c, '/account', answer)

  const show = async (
    c: Ctx,
    who: SignedIn,
    more: { newToken?: string; problem?: string; justEnded?: string } = {},
  ): Promise<Response> => {
    const account = c.env.ACCOUNT.getByName(who.userId)
    const [{ items: grants }, tokens, ended, clients, used, links] = await Promise.all([
      apiOf(c).listUserGrants(who.userId, { limit: GRANTS_PAGE }),
      account.tokens(),
      account.reusedConnections(),
      seenBy(session, c.env, who.userId),
      grantsSeenBy(session, c.env, who.userId),
      session(c.env, who.userId).then((control) => linksOf(c, who.userId, control)),
    ])
    const kept = { identity: who.identity, grants, ended, tokens, clients, used, links }
    const facts = { ...kept, origin: publicOrigin(c.req.raw, c.env), now: Date.now(), ...more }
    return c.html(accountPage(facts), more.problem === undefined ? 200 : 400, appHeaders())
  }

  routes.get('/account', (c) => asUser(c, (who) => show(c, who, { justEnded: toldOnce(c, 'ended') })))

  routes.post('/account/tokens', (c) =>
    asUser(c, async (who) => {
      const form = await c.req.formData()
      const asked = newToken.safeParse({ name: form.get('name'), days: form.get('days'), scope: form.getAll('scope') })
      if (!asked.success) {
        const problem = `No token was made: it needs a name of at most ${MAX_TOKEN_NAME} characters and 1 to ${MAX_TOKEN_DAYS} days.`
        return show(c, who, { problem })
      }
      const { name, scope, days } = asked.data
      const secret = await c.env.ACCOUNT.getByName(who.userId).createToken(name, scope, days)
      if (secret === null) {
        return show(c, who, { problem: `No token was made: there are ${MAX_TOKENS} already. Revoke one first.` })
      }
      return show(c, who, { newToken: await formatCredential(c.env, 'token', { userId: who.userId, secret }) })
    }),
  )

  routes.post('/account/tokens/revoke', (c) =>
    asUser(c, async (who) => {
      const id = await idOf(c)
      await c.env.ACCOUNT.getByName(who.userId).revokeToken(id)
      await (await session(c.env, who.userId)).tokenEnded(id)
      tellOnce(c, 'ended', 'token')
      return c.redirect('/account#tokens', 303)
    }),
  )

  routes.post('/account/grants/revoke', (c) =>
    asUser(c, async (who) => {
      const grantId = await idOf(c)
      if (isGrantId(grantId)) await rolesAt(publicOrigin(c.req.raw, c.env)).endGrant(c.env, who.userId, grantId)
      tellOnce(c, 'ended', 'app')
      return c.redirect('/account#apps', 303)
    }),
  )

  routes.get(SIGN_OUT_EVERYWHERE, (c) =>
    asUser(c, async (who) => {
      const { items } = await apiOf(c).listUserGrants(who.userId, { limit: GRANTS_PAGE })
      const tokens = await c.env.ACCOUNT.getByName(who.userId).tokens()
      return c.html(signOutEverywherePage(items.length, tokens.length), 200, appHeaders())
    }),
  )

  routes.post(SIGN_OUT_EVERYWHERE, (c) =>
    asUser(c, async (who) => {
      await endAllAccess(c, who.userId)
      await signOut(c, session)
      return c.redirect('/sign-in', 303)
    }),
  )

  routes.post('/account/delete', (c) =>
    asUser(c, async (who) => {
      const { confirm } = await c.req.parseBody()
      if (typeof confirm !== 'string' || confirm.trim().toLowerCase() !== DELETE_WORD) {
        return show(c, who, { problem: `Nothing was deleted: type “${DELETE_WORD}” into the field to confirm.` })
      }
      // This comes first, so that nobody gets in while the rest goes on.
      await endAllAccess(c, who.userId)
      await signOut(c, session)
      try {
        await (await session(c.env, who.userId)).eraseWorkspace()
      } catch (error) {
        console.error(JSON.stringify({ event: 'delete_failed', error: String(error) }))
        const cause = 'You are signed out everywhere. Your files could not be reached, and nothing else was deleted.'
        const next = 'Next: sign in and try again in a minute.'
        return c.html(errorPage('Not deleted yet', cause, next), 502, pageHeaders())
      }
      await (await session(c.env, who.userId)).forget().catch((error: unknown) => {
        if (!isEndOfObject(error)) throw error
      })
      await (await session(c.env, who.userId)).refuseTokensBefore(Date.now())
      await c.env.ACCOUNT.getByName(who.userId).forget()
      const cause = 'Your files, packages, runs, learnings, settings, tokens and share links are gone.'
      const kept = c.env.DEV_TOKEN ? ' A folder that the server was started with (--workspace) is kept.' : ''
      const next = `You may close this page.${kept}`
      return c.html(errorPage('Everything was deleted', cause, next), 200, pageHeaders())
    }),
  )

  /**
   * Ends every grant, personal token and browser sign-in. The session object refuses old tokens at once, wherever copies of grants linger.
   */
  async function endAllAccess(c: Ctx, userId: string): Promise<void> {
    await (await session(c.env, userId)).refuseTokensBefore(Date.now())
    await c.env.ACCOUNT.getByName(userId).signOutEverywhere()
    const api = apiOf(c)
    let cursor: string | undefined
    do {
      const page = await api.listUserGrants(userId, { limit: GRANTS_PAGE, ...(cursor !== undefined && { cursor }) })
      for (const { id } of page.items) await api.revokeGrant(id, userId)
      cursor = page.cursor
    } while (cursor !== undefined)
  }

  return routes
}

async function idOf(c: Ctx): Promise<string> {
  const { id } = await c.req.parseBody()
  // A KV key is at most 512 bytes long; a longer one would be our failure instead of "not found".
  return typeof id === 'string' ? id.slice(0, 100) : ''
}

/** Returns whether an error is the end of an object that deletes itself: it ends while its caller still waits. */
function isEndOfObject(error: unknown): boolean {
  return error instanceof Error && /destroyed/.test(error.message)
}

/**
 * The link that `npm run dev` prints: it signs its user's browser in, once. To open it changes nothing, so a program that looks at links
 * uses none up: the page has one button. The key moves into a cookie at once: neither history nor Referer has it.
 */
import { type Context, Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { userIdOf } from '../../auth/caller.ts'
import { hasLocalSignIn, LOCAL_DEVELOPER } from '../../auth/identity/identity.ts'
import { sha256 } from '../../auth/keys.ts'
import { expiryOf, ONE_TIME_LIFE_MS, ONE_TIME_PATH, oneTimeKey } from '../../auth/one-time-key.ts'
import { sameText } from '../../auth/tokens.ts'
import type { Env } from '../../env.ts'
import type { AccountDeps } from '../session-control.ts'
import { signedIn, signIn } from '../signed-in/browser.ts'
import { errorPage, pageHeaders } from '../pages/page.ts'
import { signInOncePage } from './looks/sign-in.ts'
import { html } from 'hono/html'

type Ctx = Context<{ Bindings: Env }>

const COOKIE = 'once'
const OPTIONS = { prefix: 'host', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const
/** Longest text that is compared with a key. */
const MAX_KEY_CHARS = 40

export function signInOnceRoutes(session: AccountDeps['session']): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()

  app.get(ONE_TIME_PATH, async (c) => {
    const key = c.req.query('key')
    if (key === undefined) {
      // Who opens the link again is there already: its key is used up, and not needed.
      if ((await signedIn(c)) !== null) return c.redirect('/', 303)
      if (!(await isGood(c, getCookie(c, COOKIE, 'host')))) return over(c)
      return c.html(signInOncePage(), 200, pageHeaders())
    }
    if (await isGood(c, key)) setCookie(c, COOKIE, key, { ...OPTIONS, maxAge: ONE_TIME_LIFE_MS / 1000 })
    c.header('referrer-policy', 'no-referrer')
    c.header('cache-control', 'no-store')
    return c.redirect(ONE_TIME_PATH, 303)
  })

  app.post(ONE_TIME_PATH, async (c) => {
    const key = getCookie(c, COOKIE, 'host')
    deleteCookie(c, COOKIE, OPTIONS)
    if (!(await isGood(c, key)) || !(await isFirstUse(c, key!))) return over(c)
    await signIn(c, LOCAL_DEVELOPER, session)
    return c.redirect('/', 303)
  })

  return app
}

async function isGood(c: Ctx, key = ''): Promise<boolean> {
  const { DEV_TOKEN } = c.env
  if (!DEV_TOKEN || !hasLocalSignIn(c.env, c.req.raw) || key.length > MAX_KEY_CHARS) return false
  const expires = expiryOf(key)
  const now = Date.now()
  // One that lives longer than the mark of its use would be good again.
  if (!(expires > now && expires <= now + ONE_TIME_LIFE_MS)) return false
  return sameText(key, await oneTimeKey(DEV_TOKEN, expires))
}

async function isFirstUse(c: Ctx, key: string): Promise<boolean> {
  const userId = await userIdOf(LOCAL_DEVELOPER.issuer, LOCAL_DEVELOPER.subject)
  return c.env.ACCOUNT.getByName(userId).firstUse(`link ${await sha256(key)}`)
}

/** One page for every key that is not good, whatever is wrong with it. */
function over(c: Ctx) {
  const cause = 'Such a link signs in once, within ten minutes after the start that printed it.'
  return c.html(
    errorPage(
      'This link was used or has expired',
      cause,
      html`Next: <a href="/sign-in">sign in</a>, or start the server again.`,
    ),
    400,
    pageHeaders(),
  )
}

/**
 * What a form has deleted, told once on the page that comes next. A cookie carries it: words in an address could be somebody else's, and a
 * page that answers the form itself would delete again when it is reloaded.
 */
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { shownName } from '../pages/page.ts'
import type { Env } from '../../env.ts'

type Ctx = Context<{ Bindings: Env }>

const COOKIE = 'deleted'
const OPTIONS = { prefix: 'host', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const
/** Long enough for the redirect. Seconds. */
const LIFE_S = 60
/** Most UTF-16 units of a name: encoded, a cookie may have 4,096 bytes. */
const MAX_UNITS = 300

/** Has the next page tell that this is gone. */
export function tellDeleted(c: Ctx, what: string): void {
  const name = shownName(what).slice(0, MAX_UNITS).toWellFormed()
  setCookie(c, COOKIE, name, { ...OPTIONS, maxAge: LIFE_S })
}

/** What was deleted just now, or an empty text. It is told once. */
export function justDeleted(c: Ctx): string {
  const what = getCookie(c, COOKIE, 'host') ?? ''
  if (what !== '') deleteCookie(c, COOKIE, OPTIONS)
  return what === '' ? '' : shownName(what)
}

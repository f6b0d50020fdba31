/**
 * What a form has done, told once on the page that comes next. A cookie carries it: words in an address could be somebody else's, and a
 * page that answers the form itself would do it again when it is reloaded.
 */
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { Env } from '../../env.ts'
import { shownName } from './page.ts'

type Ctx = Context<{ Bindings: Env }>
/** What can have been done; the name of its cookie. */
type Done = 'deleted' | 'saved' | 'ended'

const OPTIONS = { prefix: 'host', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const
/** Long enough for the redirect. Seconds. */
const LIFE_S = 60
/** Most UTF-16 units of a name: encoded, a cookie may have 4,096 bytes. */
const MAX_UNITS = 300

/** Has the next page tell that this was done. `what`: its name, or its id. */
export function tellOnce(c: Ctx, done: Done, what: string): void {
  const name = shownName(what).slice(0, MAX_UNITS).toWellFormed()
  setCookie(c, done, name, { ...OPTIONS, maxAge: LIFE_S })
}

/** To what it was done just now, or an empty text. It is told once. */
export function toldOnce(c: Ctx, done: Done): string {
  const what = getCookie(c, done, 'host') ?? ''
  if (what !== '') deleteCookie(c, done, OPTIONS)
  return what === '' ? '' : shownName(what)
}

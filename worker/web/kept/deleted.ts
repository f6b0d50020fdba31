/**
 * What a form has deleted or saved, told once on the page that comes next. A cookie carries it: words in an address could be somebody
 * else's, and a page that answers the form itself would do it again when it is reloaded.
 */
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { shownName } from '../pages/page.ts'
import type { Env } from '../../env.ts'

type Ctx = Context<{ Bindings: Env }>

const DELETED = 'deleted'
const SAVED = 'saved'
const OPTIONS = { prefix: 'host', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const
/** Long enough for the redirect. Seconds. */
const LIFE_S = 60
/** Most UTF-16 units of a name: encoded, a cookie may have 4,096 bytes. */
const MAX_UNITS = 300

/** Has the next page tell that this is gone. */
export function tellDeleted(c: Ctx, what: string): void {
  const name = shownName(what).slice(0, MAX_UNITS).toWellFormed()
  setCookie(c, DELETED, name, { ...OPTIONS, maxAge: LIFE_S })
}

/** What was deleted just now, or an empty text. It is told once. */
export function justDeleted(c: Ctx): string {
  const what = getCookie(c, DELETED, 'host') ?? ''
  if (what !== '') deleteCookie(c, DELETED, OPTIONS)
  return what === '' ? '' : shownName(what)
}

/** Has the next page tell that this was saved. */
export function tellSaved(c: Ctx, id: string): void {
  setCookie(c, SAVED, id.slice(0, MAX_UNITS).toWellFormed(), { ...OPTIONS, maxAge: LIFE_S })
}

/** The id of what was saved just now, or an empty text. It is told once. */
export function justSaved(c: Ctx): string {
  const id = getCookie(c, SAVED, 'host') ?? ''
  if (id !== '') deleteCookie(c, SAVED, OPTIONS)
  return id
}

/** The answer to a user whom the operator does not let in. */
import type { Context } from 'hono'
import type { Identity } from '../../auth/identity/identity.ts'
import type { Env } from '../../env.ts'
import { errorPage, pageHeaders, shownName } from '../pages/page.ts'

type Ctx = Context<{ Bindings: Env }>

/** Page for a user whom the operator does not allow. */
export function notAllowed(c: Ctx, identity: Identity) {
  const who = shownName(identity.email ?? identity.login ?? identity.name)
  const cause = `You are ${who}, who is not on the list of this server's users.`
  const next = 'Next: ask its operator to put you on the list (ALLOWED_USERS), or sign in as somebody else.'
  return c.html(errorPage('You may not use this server', cause, next), 403, pageHeaders())
}

/** Signing this browser out: what it has open ends with it. */
import { Hono } from 'hono'
import type { Env } from '../../env.ts'
import type { AccountDeps } from '../session-control.ts'
import { signedIn, signOut } from '../signed-in/browser.ts'

export function signOutRoutes(session: AccountDeps['session']): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  app.post('/sign-out', async (c) => {
    const who = await signedIn(c)
    await signOut(c)
    if (who === null) return c.redirect('/sign-in', 303)
    try {
      await (await session(c.env, who.userId)).browserLeft(who.browserId)
    } catch (error) {
      // It is signed out all the same. What it has open may go on: a list until it is closed, an export to its end.
      console.error(JSON.stringify({ event: 'browser_not_ended', error: String(error) }))
    }
    return c.redirect('/sign-in', 303)
  })
  return app
}

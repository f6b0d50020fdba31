/** Signing this browser out: what it has open ends with it. */
import { Hono } from 'hono'
import type { Env } from '../../env.ts'
import type { AccountDeps } from '../session-control.ts'
import { signOut } from '../signed-in/browser.ts'

export function signOutRoutes(session: AccountDeps['session']): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  app.post('/sign-out', async (c) => {
    await signOut(c, session)
    return c.redirect('/sign-in', 303)
  })
  return app
}

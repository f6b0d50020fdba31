/** The front page. It tells who is signed in which clients have come; nobody else learns anything about anybody. */
import { type Context, Hono } from 'hono'
import { isAllowed } from '../auth/identity/allow-list.ts'
import { publicOrigin } from '../auth/oauth.ts'
import type { Env } from '../env.ts'
import type { SeenClient } from '../session/lanes/seen-clients.ts'
import type { AccountDeps } from './session-control.ts'
import { signedIn } from './signed-in/browser.ts'
import { appHeaders } from './pages/app-page.ts'
import { homePage } from './pages/home.ts'
import { seenBy } from './browser/seen.ts'

type Ctx = Context<{ Bindings: Env }>

export function homePages(session: AccountDeps['session']): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()

  const clientsOf = async (c: Ctx): Promise<SeenClient[] | null> => {
    const who = await signedIn(c)
    if (who === null || !isAllowed(c.env, who.identity)) return null
    return seenBy(session, c.env, who.userId)
  }

  app.get('/', async (c) =>
    c.html(homePage(publicOrigin(c.req.raw, c.env), await clientsOf(c), Date.now()), 200, appHeaders()),
  )
  return app
}

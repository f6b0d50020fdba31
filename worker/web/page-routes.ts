/** Pages for people, and the rules for all of them. */
import { type Context, Hono } from 'hono'
import { csrf } from 'hono/csrf'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { publicOrigin } from '../auth/oauth.ts'
import type { Env } from '../env.ts'
import { assets } from './assets.ts'
import type { AccountDeps } from './session-control.ts'
import { BROWSER_PATHS, browserPages } from './browser/pages.ts'
import { formLimit, LONG_FORMS, MAX_LONG_FORM_BYTES } from './form-limit.ts'
import { formsOnly } from './forms-only.ts'
import { homePages } from './home-pages.ts'
import { KEPT_PATHS, keptPages } from './kept/pages.ts'
import { errorPage, pageHeaders } from './pages/page.ts'
import { allRunPages, RUN_PATHS } from './runs/pages.ts'
import type { AnswerOf } from './session-answers.ts'

/** Paths of the pages, beside `/`. */
const PAGES = [...BROWSER_PATHS, ...RUN_PATHS, ...KEPT_PATHS]

type Ctx = Context<{ Bindings: Env }>

export interface PageDeps extends AccountDeps {
  answerOf: AnswerOf
}

export function pageRoutes({ rolesAt, session, answerOf }: PageDeps): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  app.route('/', homePages(session))
  app.route('/', assets())
  for (const path of PAGES) app.use(path, formLimit(LONG_FORMS.includes(path) ? MAX_LONG_FORM_BYTES : undefined))
  // A page of another origin, even one of the same machine, cannot press our buttons.
  for (const path of PAGES)
    app.use(path, csrf({ origin: (origin, c: Ctx) => origin === publicOrigin(c.req.raw, c.env) }), formsOnly)
  app.route('/', browserPages({ rolesAt, session }))
  app.route('/', allRunPages(answerOf, session))
  app.route('/', keptPages(answerOf))
  return app
}

export function isPage(path: string): boolean {
  return PAGES.some((page) => path === page.replace('/*', '') || path.startsWith(page.replace('*', '')))
}

/** The page for a request that failed. */
export function failedPage(c: Ctx, status: ContentfulStatusCode): Response | Promise<Response> {
  const [title, cause] =
    status === 403
      ? ['Not from here', 'This form was sent by another site than ours.']
      : ['Something failed', 'This is our fault, not yours.']
  return c.html(errorPage(title, cause, 'Next: go back and try again.'), status, pageHeaders())
}

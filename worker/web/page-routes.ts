/** Pages for people, and the rules for all of them. */
import { type Context, Hono } from 'hono'
import { csrf } from 'hono/csrf'
import { etag } from 'hono/etag'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { publicOrigin } from '../auth/oauth.ts'
import type { Env } from '../env.ts'
import { accountRoutes, type AccountDeps } from './account.ts'
import { authorizeRoutes } from './authorize.ts'
import { CLIENT } from './client-built.ts'
import { exportPages } from './export-pages.ts'
import { FILES_PAGE, filesPages } from './files-pages.ts'
import { formLimit, LONG_FORMS, MAX_LONG_FORM_BYTES } from './form-limit.ts'
import { formsOnly } from './forms-only.ts'
import { framedPages } from './framed-pages.ts'
import { ICONS } from './icons.ts'
import { LEARNINGS_PAGE, learningsPages } from './learnings-pages.ts'
import { homePages } from './home-pages.ts'
import { FRAMED } from './pages/framed.ts'
import { errorPage, pageHeaders } from './pages/page.ts'
import { STYLE } from './style/style.ts'
import { PACKAGES_PAGE, packagesPages } from './packages-pages.ts'
import { RUNS_PAGE, runsPages } from './runs-pages.ts'
import { SETTINGS_PAGE, settingsPages } from './settings-pages.ts'
import type { AnswerOf } from './session-answers.ts'
import { SHARED } from './share-links.ts'
import { sharePages } from './share-pages.ts'
import { signInRoutes } from './sign-in.ts'
import { USAGE_PAGE, usagePages } from './usage-pages.ts'
import { signInOnceRoutes } from './sign-in-once.ts'
import { signOutRoutes } from './sign-out.ts'

/** Paths of the pages, beside `/`. */
const PAGES = [
  ...['/authorize', '/sign-in', '/sign-in/*', '/sign-out', '/account', '/account/*', `${SHARED}/*`],
  `${FRAMED}/*`,
  ...[RUNS_PAGE, LEARNINGS_PAGE, FILES_PAGE, PACKAGES_PAGE, USAGE_PAGE, SETTINGS_PAGE].flatMap((path) => [
    path,
    `${path}/*`,
  ]),
]

type Ctx = Context<{ Bindings: Env }>

export interface PageDeps extends AccountDeps {
  answerOf: AnswerOf
}

export function pageRoutes({ rolesAt, session, answerOf }: PageDeps): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  app.route('/', homePages(session))
  // Asked for with each page, and sent when it has changed: an older one would not fit to the page.
  app.use('/assets/*', etag())
  app.get('/assets/pages.css', (c) => c.body(STYLE, 200, asset('text/css')))
  for (const [name, icon] of Object.entries(ICONS))
    app.get(`/assets/icons/${name}.svg`, (c) => c.body(icon, 200, asset('image/svg+xml')))
  app.get('/assets/live.js', (c) => c.body(CLIENT, 200, asset('text/javascript')))
  for (const path of PAGES) app.use(path, formLimit(LONG_FORMS.includes(path) ? MAX_LONG_FORM_BYTES : undefined))
  // A page of another origin, even one of the same machine, cannot press our buttons.
  for (const path of PAGES)
    app.use(path, csrf({ origin: (origin, c: Ctx) => origin === publicOrigin(c.req.raw, c.env) }), formsOnly)
  app.route('/', authorizeRoutes(rolesAt))
  app.route('/', signInOnceRoutes)
  app.route('/', signInRoutes)
  app.route('/', signOutRoutes(session))
  app.route('/', accountRoutes({ rolesAt, session }))
  app.route('/', sharePages(session))
  for (const pages of [
    ...[runsPages, learningsPages, filesPages, packagesPages, usagePages, settingsPages, framedPages, exportPages],
  ])
    app.route('/', pages(answerOf))
  return app
}

function asset(type: string): Record<string, string> {
  return { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' }
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

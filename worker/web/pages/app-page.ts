/** The frame of the pages about runs: navigation, and the module that keeps them live. */
import { html } from 'hono/html'
import { ago } from '../data/ago.ts'
import type { Icon } from './icons.ts'
import type { Html } from './page.ts'

/** Pages that every page leads to, in this order. */
const PAGES = [
  ['/', 'MCP Code Mode'],
  ['/app/runs', 'Runs'],
  ['/app/files', 'Files'],
  ['/app/packages', 'Packages'],
  ['/app/learnings', 'Learnings'],
  ['/app/usage', 'Usage'],
  ['/app/settings', 'Settings'],
  ['/account', 'Account'],
] as const

/** Headers of pages with our own module: no other script, and no way from text to script (Trusted Types). */
export function appHeaders(): Record<string, string> {
  return {
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      "connect-src 'self'",
      "frame-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      'trusted-types page',
    ].join('; '),
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'same-origin',
    'cache-control': 'no-store',
  }
}

/** `sign`, `icon`: the state of what the page is about, to be seen on the browser's tab. `isPublic`: whoever comes sees it. */
export function appPage(
  title: string,
  body: Html,
  { sign = '', icon = 'plain', isPublic = false }: { sign?: string; icon?: Icon; isPublic?: boolean } = {},
): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${sign}${title} – MCP Code Mode</title>
        <link rel="icon" type="image/svg+xml" href="/assets/icons/${icon}.svg" />
        <link rel="stylesheet" href="/assets/pages.css" />
        <script type="module" src="/assets/live.js"></script>
      </head>
      <body class="app" ${isPublic ? '' : html` data-signed-in`}>
        <a class="skip" href="#main">Skip to content</a>
        <header>
          <nav aria-label="Pages">
            ${PAGES.map(
              ([path, name]) => html`<a href="${path}" ${name === title ? html` aria-current="page"` : ''}>${name}</a>`,
            )}
          </nav>
        </header>
        <main id="main">${body}</main>
      </body>
    </html>`
}

/** The id of a row of what `key` names: the module knows the row by it when the list comes anew. */
export function rowId(key: string): string {
  return `row-${encodeURIComponent(key)}`
}

/** A time for people: in the reader's zone once the module has run, in UTC without it. */
export function timeOf(iso: string): Html {
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`
}

/** A past time (milliseconds since 1970) as "3 minutes ago"; the module keeps that true. */
export function agoOf(time: number, now: number): Html {
  const iso = new Date(time).toISOString()
  return html`<time datetime="${iso}" title="${iso}" data-ago>${ago(now - time)}</time>`
}

/** The frame of every page, and its headers. `html` escapes every value that is put into it. */
import { html } from 'hono/html'
import { visibleName } from '../../text/clean.ts'

/** Result of a hono `html` template. */
export type Html = ReturnType<typeof html>

/**
 * Headers that allow no script, no frame and nothing from elsewhere. `formTargets`: addresses beside ours to which a form's answer may send
 * the browser.
 */
export function pageHeaders(formTargets: string[] = []): Record<string, string> {
  return {
    'content-security-policy': [
      "default-src 'none'",
      "style-src 'self'",
      `form-action ${["'self'", ...formTargets].join(' ')}`,
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    // With "no-referrer" a form would be sent with "Origin: null", which is refused.
    'referrer-policy': 'same-origin',
    'cache-control': 'no-store',
  }
}

export function page(title: string, body: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} – MCP Code Mode</title>
        <link rel="stylesheet" href="/assets/pages.css" />
      </head>
      <body class="plain">
        <header>
          <nav aria-label="Home"><a href="/">MCP Code Mode</a></nav>
        </header>
        <main>${body}</main>
      </body>
    </html>`
}

/** An error page, with the next step. */
export function errorPage(title: string, cause: string | Html, next: string | Html): Html {
  return page(
    title,
    html`<h1>${title}</h1>
      <p>${cause}</p>
      <p>${next}</p>`,
  )
}

/** An error page with a status that was given by somebody else. */
export async function errorResponse(
  status: number,
  title: string,
  cause: string | Html,
  next: string | Html,
): Promise<Response> {
  const headers = { ...pageHeaders(), 'content-type': 'text/html; charset=UTF-8' }
  return new Response(String(await errorPage(title, cause, next)), { status, headers })
}

/** A stranger's text. One of several lines, such as a change of a program, keeps them. */
export function lines(text: string): Html {
  return text.includes('\n') ? html`<pre>${text}</pre>` : html`<p><bdi>${text}</bdi></p>`
}

/** Longest name on a page, as people count characters. */
const MAX_NAME = 80
/** Part of a name that is looked at, in UTF-16 units: some scripts put any number of them into one character. */
const MAX_NAME_UNITS = 5 * MAX_NAME

/** A stranger's name, fit to be shown: on one line, cut, and never invisible. */
export function shownName(name: string): string {
  const start = name.slice(0, MAX_NAME_UNITS)
  const plain = visibleName(start)
  if (plain === '') return '(no name)'
  const characters = [...new Intl.Segmenter().segment(plain)].map(({ segment }) => segment)
  const isWhole = start === name && characters.length <= MAX_NAME
  return isWhole ? plain : `${characters.slice(0, MAX_NAME - 1).join('')}…`
}

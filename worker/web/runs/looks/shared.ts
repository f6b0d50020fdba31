/** What somebody sees who has a share link: a page without a script, and without a way into anybody's account. */
import { html } from 'hono/html'
import type { SharedRun } from '../../../session/sharing/snapshot.ts'
import { duration } from '../../data/run-words.ts'
import { timeOf } from '../../pages/app-page.ts'
import { type Html, pageHeaders, shownName } from '../../pages/page.ts'
import { programLines } from '../../pages/program.ts'
import { badge } from './runs.ts'

export function sharedHeaders(): Record<string, string> {
  return {
    ...pageHeaders(),
    'content-security-policy': [
      "default-src 'none'",
      "style-src 'self'",
      "img-src 'self'",
      "form-action 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    // The address is the secret.
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex, nofollow',
    'cross-origin-opener-policy': 'same-origin',
  }
}

/** `address`: the page's own path, below which its pictures are. */
export function sharedPage(run: SharedRun & { expiresAt: number }, address: string): Html {
  const {
    status,
    description,
    created_at,
    wall_ms,
    program,
    stdout,
    stderr,
    cut,
    error,
    pictures,
    changed,
    expiresAt,
  } = run
  const title = shownName(description || 'A run')
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex, nofollow" />
        <title>${title} – a shared run</title>
        <link rel="stylesheet" href="/assets/pages.css" />
      </head>
      <body class="app">
        <main id="main">
          <p class="note">
            Somebody shows you what a program did. Everything below was written by them or by the program. The link ends
            ${timeOf(new Date(expiresAt).toISOString())}.
          </p>
          <h1><bdi>${title}</bdi></h1>
          <p class="state">
            ${badge(status)}
            <span class="facts">${timeOf(created_at)}${wall_ms === null ? '' : `, ${duration(wall_ms)}`}</span>
          </p>
          ${
            error === null
              ? ''
              : html`<section class="problem" aria-label="What went wrong">
                  <p>
                    <strong><bdi>${error.type}</bdi></strong
                    >:
                    <bdi>${error.message}</bdi
                    >${error.line === null ? '' : html` (<a href="#P${error.line}">line ${error.line}</a>)`}
                  </p>
                </section>`
          }
          <h2>Output</h2>
          ${stdout === '' && stderr === '' ? html`<p class="none">It printed nothing.</p>` : ''}
          ${stdout === '' ? '' : html`<pre>${stdout}</pre>`}
          ${stderr === '' ? '' : html`<pre class="stderr">${stderr}</pre>`}
          ${cut ? html`<p class="facts">Not all of it is shown here.</p>` : ''}
          ${
            pictures.length === 0
              ? ''
              : html`<h2>Pictures</h2>
                  <div class="pictures">
                    ${pictures.map((name, at) => html`<img src="${address}/${at}" alt="${shownName(name)}" />`)}
                  </div>`
          }
          ${
            changed.length === 0
              ? ''
              : html`<p class="facts">
                  Changed or deleted after this run, and so not shown:
                  ${changed.map((name, at) => html`${at === 0 ? '' : ', '}<bdi>${shownName(name)}</bdi>`)}.
                </p>`
          }
          <h2>Program</h2>
          ${
            program === null
              ? html`<p>It is not kept any more.</p>`
              : programLines(program.replace(/\n$/, ''), error?.line ?? null)
          }
        </main>
      </body>
    </html>`
}

/** The page at the root: the product's purpose, what has connected, an example to run, and how each client is connected. */
import { html } from 'hono/html'
import type { SeenClient } from '../../session/lanes/seen-clients.ts'
import { agoOf, appPage, rowId } from './app-page.ts'
import { clientGuides, clientTitle } from './clients.ts'
import { type Html, shownName } from './page.ts'

const EXAMPLE = `import platform, time

print("Python", platform.python_version(), "on", platform.system())
for step in range(1, 6):
    print(f"step {step} of 5")
    time.sleep(0.4)
`
/** Clients that the page names. */
const MAX_SHOWN = 8

/** `clients`: those of who is signed in; null: nobody is. */
export function homePage(origin: string, clients: SeenClient[] | null, now: number): Html {
  const url = `${origin}/mcp`
  return appPage(
    'Run Python from any MCP client',
    html`<h1>MCP Code Mode</h1>
      <p class="lead">It lets an AI client run Python programs, and shows you live what they do.</p>
      ${
        clients === null
          ? html`<p class="who">
              <a class="button primary" href="/sign-in?return=/">Sign in</a>
              <span class="facts">to try it here and to see your runs</span>
            </p>`
          : html`<div id="connected">${connected(clients, now)}</div>
              ${example()}`
      }
      <h2 id="connect">Connect a client</h2>
      <p>A client that knows OAuth needs this address alone. It opens a browser, where you press one button.</p>
      <pre data-copy>${url}</pre>
      ${clientGuides(url).map(
        ({ name, where, text, link }) =>
          html`<details class="client">
            <summary>${name}</summary>
            ${link === undefined ? '' : html`<p><a class="button" href="${link}">Add to ${name}</a></p>`}
            <p>${where[0]!.toUpperCase()}${where.slice(1)}:</p>
            <pre data-copy>${text}</pre>
          </details>`,
      )}
      <p>
        Scripts and clients that cannot open a browser use a token: make one on
        <a href="/account">your account’s page</a>.
      </p>`,
    { isPublic: clients === null },
  )
}

function connected(clients: SeenClient[], now: number): Html {
  if (clients.length === 0)
    return html`<p class="waiting">
      No client has connected yet. <a href="#connect">Connect one</a>: this page says so as soon as it has.
    </p>`
  return html`<ul class="clients">
    ${clients.slice(0, MAX_SHOWN).map(
      ({ name, firstAt, lastAt }) =>
        html`<li id="${rowId(name ?? '')}">
          <span class="sign" aria-hidden="true">✓</span> <strong>${titleOf(name)}</strong>
          connected
          ${agoOf(firstAt, now)}${lastAt - firstAt < SAME_MS ? '' : html`<span class="facts">, last seen ${agoOf(lastAt, now)}</span>`}
        </li>`,
    )}
  </ul>`
}

/** A client's title, which leads to its runs where they can be told by a name. */
function titleOf(name: string | null): Html {
  const title = html`<bdi>${shownName(clientTitle(name))}</bdi>`
  return name === null
    ? title
    : html`<a href="/app/runs?${new URLSearchParams({ client: name }).toString()}">${title}</a>`
}

/** Times that are told as one. Milliseconds. */
const SAME_MS = 60_000

function example(): Html {
  return html`<section class="example" aria-labelledby="try">
    <h2 id="try">Try it</h2>
    <form id="example" method="post" action="/app/runs">
      <label for="code">A program</label>
      <textarea id="code" name="code" rows="6" spellcheck="false" autocapitalize="off" required>${EXAMPLE}</textarea>
      <p class="actions">
        <button class="primary">Run it</button>
        <span id="example-said" role="status"></span>
      </p>
    </form>
    <div id="example-log" class="log" role="log" aria-label="Its output" tabindex="0"></div>
  </section>`
}

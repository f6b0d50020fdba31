/** The page at the root: the product's purpose, and how each client is connected. */
import { html } from 'hono/html'
import { appPage } from './app-page.ts'
import { clientGuides } from './clients.ts'
import type { Html } from './page.ts'

export function homePage(origin: string): Html {
  const url = `${origin}/mcp`
  return appPage(
    'Run Python from any MCP client',
    html`<h1>MCP Code Mode</h1>
      <p>Gives an MCP client one universal ability: running Python programs, live.</p>
      <p><a class="button primary" href="/app/runs">See your runs, or try one</a></p>
      <h2>Connect a client</h2>
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
  )
}

/** The page at the root: the product's purpose, and the one address that a client needs. */
import { html } from 'hono/html'
import { type Html, page } from './page.ts'

export function homePage(origin: string): Html {
  return page(
    'Run Python from any MCP client',
    html`<h1>MCP Code Mode</h1>
      <p>Gives an MCP client one universal ability: running Python programs, live.</p>
      <p>Add this server to your client, by this address alone; it will open a browser for you to sign in:</p>
      <pre>${origin}/mcp</pre>
      <p><a class="button" href="/app/runs">Your runs</a> <a href="/account">Your account</a></p>`,
  )
}

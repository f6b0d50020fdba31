/** The keys of a page, and the box that switches them off: for some people single keys are pressed by mistake. */
import { html } from 'hono/html'
import type { Html } from '../../pages/page.ts'

export function keysHelp(keys: Record<string, string>): Html {
  return html`<details class="keys with-module">
    <summary>Keys</summary>
    <dl>
      ${Object.entries(keys).map(
        ([key, words]) =>
          html`<div>
            <dt><kbd>${key}</kbd></dt>
            <dd>${words}</dd>
          </div>`,
      )}
    </dl>
    <label><input type="checkbox" id="keys" checked /> Single keys do this</label>
  </details>`
}

/** The tools above a run's output. The module makes them work; without it the style sheet hides them. */
import { html } from 'hono/html'
import type { Html } from '../../pages/page.ts'

export function runTools(): Html {
  return html`<div class="tools">
    <search id="search" class="with-module">
      <input type="search" aria-label="Search in the output" placeholder="Search" maxlength="200" />
      <button type="button" data-by="-1" aria-label="Previous place">↑</button>
      <button type="button" data-by="1" aria-label="Next place">↓</button>
      <output aria-live="polite"></output>
    </search>
    <label class="with-module"
      >Line <input type="text" id="to-line" inputmode="numeric" size="7" placeholder="120-140" autocomplete="off"
    /></label>
    <span id="to-line-said" role="status"></span>
    <label class="with-module"
      >Times
      <select id="times">
        <option value="">none</option>
        <option value="start">since the start</option>
        <option value="clock">by the clock</option>
      </select></label
    >
  </div>`
}

/** Ways to take the output along. `canBeShared`: a link would not be refused, as it is until the run has ended. */
export function outputFiles(runId: string, canBeShared: boolean): Html {
  return html`<div class="tools">
    <a href="/app/runs/${runId}/log.txt" download>Whole output as a file</a>
    <button type="button" class="with-module" id="copy-output">Copy output</button>
    <span id="share">${canBeShared ? html`<a href="/app/runs/${runId}/share">Share</a>` : ''}</span>
  </div>`
}

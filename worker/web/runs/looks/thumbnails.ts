/** The pictures of a run in its row of the list: small, and one link to the run. */
import { html } from 'hono/html'
import type { ListedRun } from '../../data/run-data.ts'
import { type Html, shownName } from '../../pages/page.ts'
import { thumbnailOf } from '../thumbnails.ts'

export function thumbnails({ run_id, pictures }: ListedRun): Html {
  if (pictures.length === 0) return html``
  return html`<a class="thumbnails" href="/app/runs/${run_id}">
    ${pictures.map(
      (path) =>
        html`<img
          src="${thumbnailOf(path, run_id)}"
          alt="${shownName(path)}"
          width="72"
          height="48"
          loading="lazy"
          decoding="async"
        />`,
    )}
  </a>`
}

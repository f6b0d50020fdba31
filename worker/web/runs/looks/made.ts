/** What a run made: its files, its packages, and which hosts it was refused. */
import { html } from 'hono/html'
import { byteWords } from '../../../text/byte-words.ts'
import type { Outcome, Receipt } from '../../data/run-data.ts'
import { BECAME } from '../../data/run-words.ts'
import { framed, isFramed } from '../../pages/framed.ts'
import type { Html } from '../../pages/page.ts'
import { addressOf, viewPage } from '../../pages/paths.ts'

/** Files are shown while they are the run's. The module says what became of them since by other means than runs. */
export function madeBy({ files, omitted, installed_packages, refused_hosts }: Outcome, run: Receipt): Html {
  const since = new Map(run.changed_since.map(({ path, change }) => [path, change]))
  const kept = files.filter(({ path, change }) => change !== 'deleted' && !since.has(path))
  const pictures = kept.filter(({ kind }) => kind === 'image')
  const tables = kept.filter(({ mime }) => mime === 'text/csv')
  const documents = kept.filter(({ mime, bytes }) => isFramed(mime, bytes))
  const isShown = pictures.length + tables.length + documents.length > 0
  const reasons = new Map(omitted.map(({ path, reason }) => [path, reason]))
  return html`${
    files.length === 0
      ? ''
      : html`<h2>Files</h2>
          ${
            pictures.length === 0
              ? ''
              : html`<div class="pictures">
                  ${pictures.map(
                    ({ path }) =>
                      html`<figure data-shows="${path}">
                        <a href="${viewPage(path)}"><img src="${addressOf(path)}" alt="${path}" loading="lazy" /></a>
                        <figcaption><bdi>${path}</bdi> ${download(path)}</figcaption>
                      </figure>`,
                  )}
                </div>`
          }
          ${tables.map(({ path }, index) => tablePlace(path, index === 0))}
          ${documents.map(({ path }) => html`<div data-shows="${path}">${framed(path)}</div>`)}
          <ul class="files" data-ended="${run.ended_at ?? ''}" ${isShown ? html` data-shown` : ''}>
            ${files.map(
              ({ path, change, bytes, shared }) =>
                html`<li ${change === 'deleted' ? '' : html` data-path="${path}" data-bytes="${bytes ?? ''}"`}>
                  ${change === 'deleted' ? html`<bdi>${path}</bdi>` : html`<a href="${viewPage(path)}"><bdi>${path}</bdi></a>`}
                  <span class="facts"
                    >${change}${bytes === null ? '' : html`, ${byteWords(bytes)}`}${
                      reasons.has(path) ? html`; ${reasons.get(path)}` : ''
                    }${shared ? `; another run was going on when it was ${change === 'created' ? 'made' : change}` : ''}</span
                  >
                  ${change === 'deleted' ? '' : html`${becameOf(since.get(path))} ${download(path)}`}
                </li>`,
            )}
          </ul>`
  }
  ${installed_packages.length === 0 ? '' : html`<p>Installed: ${installed_packages.join(', ')}</p>`}
  ${
    refused_hosts.length === 0
      ? ''
      : html`<p>
          Refused by your network policy: ${refused_hosts.map(({ host }) => host).join(', ')}. To allow a host, add it
          to
          <a href="/app/settings#allowed_hosts">allowed_hosts</a>.
        </p>`
  }`
}

function download(path: string): Html {
  return html`<a href="${addressOf(path)}" download aria-label="Download ${path}">Download</a>`
}

/** What later runs have done to a file. */
function becameOf(change: string | undefined): Html | string {
  return change === undefined ? '' : html`<strong>${BECAME[change === 'deleted' ? 'deleted' : 'changed']}</strong>`
}

/** The place of a table that the program made as a CSV file. The module fills it: reading the file may have to start the sandbox. */
function tablePlace(path: string, open: boolean): Html {
  return html`<details
    class="with-module"
    data-table="${addressOf(path)}"
    data-name="${path}"
    data-shows="${path}"
    ${open ? 'open' : ''}
  >
    <summary>Table <bdi>${path}</bdi></summary>
  </details>`
}

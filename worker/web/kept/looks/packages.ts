/** The packages that programs can import. */
import { html } from 'hono/html'
import { byteWords } from '../../../text/byte-words.ts'
import { API } from '../../pages/paths.ts'
import { forPerson } from '../../data/for-person.ts'
import type { InstallEnd, Packages } from '../packages-pages.ts'
import { appPage, rowId } from '../../pages/app-page.ts'
import type { Html } from '../../pages/page.ts'

type Package = Packages['packages'][number]

/** `end`: what has come of an installation just now. */
export function packagesPage({ packages, cut }: Packages, end: InstallEnd | null): Html {
  const own = packages.filter((each) => each.own)
  const others = packages.filter((each) => !each.own)
  return appPage(
    'Packages',
    html`<h1>Packages</h1>
      <p>Programs get what they import by themselves. Install here what needs a certain version, or extras.</p>
      <form id="install" method="post" action="/app/packages" class="tools">
        <label>Packages <input type="text" name="packages" required placeholder="pandas>=2, httpx[http2]" /></label>
        <button class="primary">Install</button>
      </form>
      <div id="installing" role="log" aria-label="Output of the installer" class="log" tabindex="0" hidden></div>
      <div id="installed" role="status">${end && endOf(end)}</div>
      <div id="list">
        <h2>Installed for you</h2>
        ${own.length === 0 ? html`<p>Nothing yet. Import a package in a program, or install one above.</p>` : table(own)}
        <p class="tools">
          ${own.length === 0 ? '' : html`<a href="${API}/packages/lock" download>Download a lock file</a>`}
        </p>
        <details>
          <summary>${others.length} that Python has already</summary>
          <ul class="columns">
            ${others.map(({ name, version }) => html`<li><bdi>${name}</bdi> ${version}</li>`)}
          </ul>
        </details>
        ${cut ? html`<p class="facts">There are more than this list holds.</p>` : ''}
      </div>
      <h2>Apply a lock file</h2>
      <form id="lock" method="post" action="/app/packages/lock" enctype="multipart/form-data" class="tools">
        <label>Lock file <input type="file" name="lock" accept=".txt,text/plain" required /></label>
        <button>Install these versions</button>
      </form>
      <p class="facts">A line NAME==VERSION for each package. Nothing is removed.</p>`,
  )
}

function endOf({ status, installed, refused, message }: InstallEnd): Html {
  return html`<div class="${status === 'error' ? 'problem' : 'note'}" ${status === 'error' ? html` role="alert"` : ''}>
    <p>${forPerson(message)}</p>
    ${installed.length > 0 ? html`<p>${installed.join(', ')}</p>` : ''}
    ${refused.map(({ name, reason }) => html`<p>Refused <bdi>${name}</bdi>: ${forPerson(reason)}</p>`)}
  </div>`
}

function table(own: Package[]): Html {
  return html`<table class="entries packages">
    <thead>
      <tr>
        <th scope="col">Name</th>
        <th scope="col">Version</th>
        <th scope="col" class="number">Size</th>
        <th scope="col">Wanted by</th>
        <td></td>
      </tr>
    </thead>
    <tbody>
      ${own.map(
        ({ name, version, bytes, required_by, run_id }) =>
          html`<tr id="${rowId(name)}">
            <th scope="row" class="name"><bdi>${name}</bdi></th>
            <td>${version}</td>
            <td class="number">${bytes === null ? '' : byteWords(bytes)}</td>
            <td>
              ${required_by.join(', ')}${required_by.length > 0 && run_id !== null ? '; ' : ''}${
                run_id === null ? '' : html`<a href="/app/runs/${run_id}">a run</a>`
              }${required_by.length === 0 && run_id === null ? html`<span class="facts">you</span>` : ''}
            </td>
            <td class="acts">
              <form class="inline" method="post" action="/app/packages/remove">
                <button name="name" value="${name}" aria-label="Remove ${name}">Remove</button>
              </form>
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`
}

/** Asks before a package is removed that others need. */
export function removalPage({ name, required_by }: Package): Html {
  return appPage(
    'Remove?',
    html`<h1>Remove <bdi>${name}</bdi>?</h1>
      <p>Programs that use these will fail without it: ${required_by.join(', ')}.</p>
      <form method="post" action="/app/packages/remove" class="tools">
        <input type="hidden" name="sure" value="yes" />
        <button class="danger" name="name" value="${name}">Remove</button>
        <a href="/app/packages">Keep</a>
      </form>`,
  )
}

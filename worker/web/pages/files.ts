/** The files of the working folder, and where to drop more. */
import { html } from 'hono/html'
import { byteWords } from '../../text/byte-words.ts'
import { API } from '../browser-api.ts'
import type { ShownFiles } from '../files-pages.ts'
import { appPage, timeOf } from './app-page.ts'
import type { Html } from './page.ts'

export function filesPage({ files, cut, uploads, use }: ShownFiles): Html {
  return appPage(
    'Files',
    html`<h1>Files</h1>
      <p>Programs find these in their working folder, and leave there what they make.</p>
      <div id="upload" class="upload" hidden>
        <label>Upload files, or drop them here <input type="file" multiple /></label>
        <p class="facts">Up to 1 GiB each. A file of the same name is replaced when all of the new one is here.</p>
        <ul role="status"></ul>
      </div>
      <noscript><p>Uploading needs JavaScript, or curl: PUT /files/NAME with a token.</p></noscript>
      <div id="unfinished">${uploads.length === 0 ? '' : unfinished(uploads)}</div>
      <div id="list">
        <p>${byteWords(use.bytes)} of ${byteWords(use.limit_bytes)} are in use, packages included.</p>
        ${files.length === 0 ? html`<p>There are none yet.</p>` : table(files)}
        ${cut ? html`<p>There are more; the newest are not all here.</p>` : ''}
      </div>`,
  )
}

function unfinished(uploads: ShownFiles['uploads']): Html {
  return html`<h2>Not all here yet</h2>
    <p>
      Choose the same file again, and its upload goes on where it broke off. A day after the last piece it is removed.
    </p>
    <ul class="unfinished">
      ${uploads.map(
        ({ path, upload, received, bytes }) =>
          html`<li>
            <bdi>${path}</bdi>
            <progress max="${bytes}" value="${received}" aria-label="${path}"></progress>
            <span>${byteWords(received)} of ${byteWords(bytes)}</span>
            <form class="inline" method="post" action="/app/files/drop">
              <input type="hidden" name="path" value="${path}" />
              <input type="hidden" name="upload" value="${upload}" />
              <button aria-label="Drop what is here of ${path}">Drop</button>
            </form>
          </li>`,
      )}
    </ul>`
}

function table(files: ShownFiles['files']): Html {
  return html`<table>
    <thead>
      <tr>
        <th scope="col">Name</th>
        <th scope="col">Size</th>
        <th scope="col">Changed</th>
        <td></td>
      </tr>
    </thead>
    <tbody>
      ${files.map(
        ({ path, bytes, modified }) =>
          html`<tr>
            <td>
              <a href="${addressOf(path)}"><bdi>${path}</bdi></a>
            </td>
            <td class="size">${byteWords(bytes)}</td>
            <td>${timeOf(modified)}</td>
            <td>
              <form class="inline" method="post" action="/app/files/delete">
                <input type="hidden" name="path" value="${path}" />
                <button aria-label="Delete ${path}">Delete</button>
              </form>
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`
}

/** The address of a file for the signed-in browser. */
export function addressOf(path: string): string {
  return `${API}/files/${path.split('/').map(encodeURIComponent).join('/')}`
}

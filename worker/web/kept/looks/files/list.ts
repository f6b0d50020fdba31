/** The files of the working folder, a folder at a time, and where to drop more. */
import { html } from 'hono/html'
import { byteWords, sizeWords } from '../../../../text/byte-words.ts'
import type { ShownFiles } from '../../files-pages.ts'
import { appPage, rowId, timeOf } from '../../../pages/app-page.ts'
import type { Html } from '../../../pages/page.ts'
import { deletedNote } from '../deleted.ts'
import { type Folder, folderAt } from './folder.ts'
import { addressOf, archiveOf, FILES_PAGE, folderPage, viewPage, wayTo } from '../../../pages/paths.ts'

/** `path`: the folder that is shown, with `/` at its end, or empty. `deleted`: what is gone since the last page, or empty. */
export function filesPage({ files, cut, uploads, use }: ShownFiles, path: string, deleted: string): Html {
  const folder = folderAt(path, files)
  const isEmpty = folder.files.length + folder.folders.length === 0
  return appPage(
    path === '' ? 'Files' : `${path} – Files`,
    html`<h1>Files</h1>
      ${deletedNote(deleted)}
      <p>Programs find these in their working folder, and leave there what they make.</p>
      <div id="upload" class="upload" data-folder="${path}" hidden>
        <label>Upload files, or drop them here <input type="file" multiple /></label>
        <p class="facts">
          ${path === '' ? '' : html`They go to <bdi>${path}</bdi>. `}Up to 1 GiB each. A file of the same name is
          replaced when all of the new one is here.
        </p>
        <ul role="status"></ul>
      </div>
      <noscript><p>Uploading needs JavaScript, or curl: PUT /files/NAME with a token.</p></noscript>
      <div id="unfinished">${uploads.length === 0 ? '' : unfinished(uploads)}</div>
      ${path === '' ? '' : wayTo(path)}
      <div id="list">
        ${isEmpty ? empty(path) : table(folder)}
        <p class="facts">
          ${byteWords(use.bytes)} of ${sizeWords(use.limit_bytes)} are in use, packages included.
          ${cut ? 'There are more files than a list holds, so some are not shown.' : ''}
        </p>
      </div>`,
  )
}

function empty(path: string): Html {
  if (path !== '') return html`<p>Nothing is in this folder.</p>`
  return html`<p>There are none yet. Upload one above, or let a program make one:</p>
    <pre data-copy>open('hello.txt', 'w').write('hello')</pre> `
}

function unfinished(uploads: ShownFiles['uploads']): Html {
  return html`<h2>Not all here yet</h2>
    <p>
      Choose the same file again, and its upload goes on where it broke off. A day after the last piece it is removed.
    </p>
    <ul class="unfinished">
      ${uploads.map(
        ({ path, upload, received, bytes }) =>
          html`<li id="${rowId(upload)}">
            <bdi>${path}</bdi>
            <progress max="${bytes}" value="${received}" aria-label="${path}"></progress>
            <span>${byteWords(received)} of ${byteWords(bytes)}</span>
            <form class="inline" method="post" action="${FILES_PAGE}/drop">
              <input type="hidden" name="path" value="${path}" />
              <input type="hidden" name="upload" value="${upload}" />
              <button aria-label="Drop what is here of ${path}">Drop</button>
            </form>
          </li>`,
      )}
    </ul>`
}

function table({ path, folders, files }: Folder): Html {
  return html`<form method="post" action="${FILES_PAGE}/delete">
    <input type="hidden" name="in" value="${path}" />
    <table class="entries">
      <thead>
        <tr>
          <td></td>
          <th scope="col">Name</th>
          <th scope="col" class="number">Size</th>
          <th scope="col">Changed</th>
          <td></td>
        </tr>
      </thead>
      <tbody>
        ${folders.map((each) =>
          entry(
            `${path}${each.name}/`,
            html`<a href="${folderPage(`${path}${each.name}/`)}"><bdi>${each.name}</bdi>/</a>
              <span class="facts">${each.files} ${each.files === 1 ? 'file' : 'files'}</span>`,
            archiveOf([`${path}${each.name}`]),
            each,
          ),
        )}
        ${files.map((each) =>
          entry(
            each.path,
            html`<a href="${viewPage(each.path)}"><bdi>${each.name}</bdi></a>`,
            addressOf(each.path),
            each,
          ),
        )}
      </tbody>
    </table>
    <p class="tools">
      <button formaction="${FILES_PAGE}/download">Download the marked ones</button>
      <button>Delete the marked ones</button>
      <span id="marks-said" role="status"></span>
      <a href="${archiveOf(path === '' ? [] : [path.slice(0, -1)])}" download>Download all as tar.gz</a>
    </p>
  </form>`
}

/** `path` of a folder has `/` at its end. */
function entry(path: string, name: Html, download: string, { bytes, modified }: { bytes: number; modified: string }) {
  return html`<tr id="${rowId(path)}">
    <td><input type="checkbox" name="path" value="${path}" aria-label="Mark ${path}" /></td>
    <td class="name">${name}</td>
    <td class="number">${byteWords(bytes)}</td>
    <td>${timeOf(modified)}</td>
    <td class="acts">
      <a href="${download}" download aria-label="Download ${path}">Download</a>
      <button name="only" value="${path}" aria-label="Delete ${path}">Delete</button>
    </td>
  </tr>`
}

/** Asks before files or folders are deleted. `count`: the files below all of these. */
export function confirmPage(paths: string[], count: number, folder: string): Html {
  const what = paths.length === 1 ? html`<bdi>${paths[0]}</bdi>` : html`${paths.length} files and folders`
  return appPage(
    'Delete?',
    html`<h1>Delete ${what}?</h1>
      <p>${gone(paths, count)}</p>
      ${
        paths.length === 1
          ? ''
          : html`<ul>
              ${paths.map((path) => html`<li><bdi>${path}</bdi></li>`)}
            </ul>`
      }
      <form method="post" action="${FILES_PAGE}/delete" class="tools">
        <input type="hidden" name="in" value="${folder}" />
        <input type="hidden" name="sure" value="yes" />
        ${paths.map((path) => html`<input type="hidden" name="path" value="${path}" />`)}
        <button class="danger">Delete</button>
        <a href="${folderPage(folder)}">Keep</a>
      </form>`,
  )
}

function gone(paths: string[], count: number): string {
  const isOneFile = paths.length === 1 && !paths[0]!.endsWith('/')
  if (isOneFile) return 'It will be gone for good. Programs that need it will not find it.'
  return count === 1
    ? '1 file will be gone for good. Programs that need it will not find it.'
    : `${count} files will be gone for good. Programs that need them will not find them.`
}

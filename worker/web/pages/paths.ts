/** Addresses of files and folders, and the way to them as links. */
import { html } from 'hono/html'
import type { Html } from './page.ts'

/** The session's paths for the signed-in browser stand below it. */
export const API = '/app/api'
export const FILES_PAGE = '/app/files'

/** The address of a file for the signed-in browser. */
export function addressOf(path: string): string {
  return `${API}/files/${path.split('/').map(encodeURIComponent).join('/')}`
}

/** The page of a folder; `path` is empty, or has `/` at its end. */
export function folderPage(path: string): string {
  return path === '' ? FILES_PAGE : `${FILES_PAGE}?${new URLSearchParams({ in: path }).toString()}`
}

export function viewPage(path: string): string {
  return `${FILES_PAGE}/view?${new URLSearchParams({ path }).toString()}`
}

/** The address of files and folders as one file. */
export function archiveOf(paths: string[]): string {
  return `${API}/files?${new URLSearchParams({ archive: 'tar.gz', paths: JSON.stringify(paths) }).toString()}`
}

/** `Files / out / charts`: each folder a link, but the one whose page it is. */
export function wayTo(path: string, isItsPage = true): Html {
  const parts = path.split('/').slice(0, -1)
  const links = ['', ...parts.map((_, index) => `${parts.slice(0, index + 1).join('/')}/`)]
  return html`<nav class="way" aria-label="Folder">
    ${links.map((each, index) => {
      const name = index === 0 ? 'Files' : parts[index - 1]
      const isHere = isItsPage && index === links.length - 1
      return html`${index > 0 ? html`<span aria-hidden="true">/</span>` : ''}${
        isHere
          ? html`<bdi aria-current="page">${name}</bdi>`
          : html`<a href="${folderPage(each)}"><bdi>${name}</bdi></a>`
      }`
    })}
  </nav>`
}

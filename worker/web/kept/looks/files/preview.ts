/** What a file looks like, where a page can show it: pictures, tables, documents without script, text. */
import { html } from 'hono/html'
import { languageOf } from '../../../../files/language.ts'
import { clean } from '../../../../text/clean.ts'
import { delimitedRows } from '../../../../text/delimited.ts'
import { COLOURED } from '../../../pages/coloured.js'
import { framed, isFramed } from '../../../pages/framed.ts'
import type { Html } from '../../../pages/page.ts'
import { programLines } from '../../../pages/program.ts'
import { addressOf } from '../../../pages/paths.ts'

/** Bytes of a file that a preview reads. */
export const PREVIEW_BYTES = 256 * 1024
const MAX_ROWS = 200
const MAX_COLUMNS = 50
const MAX_LINES = 2_000

const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/bmp', 'image/x-icon', 'image/avif']
const TEXTS = ['json', 'xml', 'javascript', 'yaml', 'toml', 'x-sh', 'x-ndjson', 'sql', 'x-ipynb+json']

export interface Previewed {
  path: string
  mime: string
  /** The beginning of the file; empty for a picture. */
  text: string
  /** There is more of the file than `text`. */
  isCut: boolean
}

type Kind = 'picture' | 'document' | 'table' | 'text' | 'none'

export function kindOf(path: string, mime: string): Kind {
  const type = mime.split(';', 1)[0]!.trim()
  if (PICTURES.includes(type)) return 'picture'
  if (isFramed(type)) return 'document'
  if (separatorOf(path) !== null || type === 'text/csv') return 'table'
  const isText = type.startsWith('text/') || TEXTS.some((each) => type === `application/${each}`)
  return isText || languageOf(path) !== '' ? 'text' : 'none'
}

export function preview(file: Previewed): Html {
  const { path, mime, text, isCut } = file
  const kind = kindOf(path, mime)
  if (kind === 'picture') return html`<p class="pictures"><img src="${addressOf(path)}" alt="${path}" /></p>`
  // Not text, whatever its name says.
  if (kind === 'none' || text.includes('\0'))
    return html`<p>There is no preview of this kind of file. Download it to see it.</p>`
  if (kind === 'document') return document(file)
  if (text === '') return html`<p>The file is empty.</p>`
  return kind === 'table' ? table(file) : lines(path, text, isCut)
}

function separatorOf(path: string): string | null {
  const end = path.toLowerCase().slice(-4)
  return end === '.csv' ? ',' : end === '.tsv' ? '\t' : null
}

/** A stranger's document: in a frame of its own, with its source below. */
function document({ path, text, isCut }: Previewed): Html {
  return html`${framed(path)}
    <details>
      <summary>Source</summary>
      ${lines(path, text, isCut)}
    </details>`
}

function table({ path, text, isCut }: Previewed): Html {
  const { rows: found, isWhole } = delimitedRows(clean(text), separatorOf(path) ?? ',', MAX_ROWS + 2)
  // The last row may end in its middle.
  const rows = isCut && isWhole ? found.slice(0, -1) : found
  const [head = [], ...body] = rows.slice(0, MAX_ROWS + 1)
  const width = Math.min(MAX_COLUMNS, Math.max(head.length, ...body.map((row) => row.length)))
  const columns = Array.from({ length: width }, (_, index) => index)
  const numbers = columns.map((at) => body.length > 0 && body.every((row) => isNumber(row[at] ?? '')))
  const hasMore = isCut || rows.length > MAX_ROWS + 1 || head.length > MAX_COLUMNS
  const aligned = (at: number) => (numbers[at] === true ? html` class="number"` : '')
  return html`<div class="wide" tabindex="0" role="region" aria-label="Table">
    <table class="data">
      <caption>
        ${hasMore ? `The first ${body.length} rows; download the file for all.` : `${body.length} ${body.length === 1 ? 'row' : 'rows'}`}
      </caption>
      <thead>
        <tr>
          ${columns.map((at) => html`<th scope="col" ${aligned(at)}>${head[at] ?? ''}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${body.map(
          (row) =>
            html`<tr>
              ${columns.map((at) => html`<td ${aligned(at)}>${row[at] ?? ''}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

function isNumber(value: string): boolean {
  return value === '' || Number.isFinite(Number(value))
}

function lines(path: string, text: string, isCut: boolean): Html {
  const all = text.replaceAll(/\r\n?/g, '\n').replace(/\n$/, '').split('\n')
  const shown = all.slice(0, MAX_LINES)
  const language = languageOf(path)
  const hasMore = isCut || all.length > MAX_LINES
  return html`${programLines(shown.join('\n'), null, COLOURED.includes(language) ? language : null)}
  ${hasMore ? html`<p class="facts">These are the first ${shown.length} lines. Download the file for all.</p>` : ''}`
}

/** Tables that programs made, as CSV files: their first rows as a table, the rest as the file. */

import { delimitedRows } from '../../text/delimited.ts'

/** Most rows, columns and characters of a table that is shown. */
const MAX_ROWS = 200
const MAX_COLUMNS = 50
const MAX_CHARS = 1_000_000

/** Fills each place for a table when it is opened. */
export function showTables(within: ParentNode): void {
  for (const place of within.querySelectorAll<HTMLDetailsElement>('details[data-table]')) {
    const fill = () => {
      if (!place.open || place.dataset['filled'] !== undefined) return
      place.dataset['filled'] = ''
      fetch(place.dataset['table'] ?? '')
        .then(async (response) => {
          if (!response.ok) throw new Error(`HTTP ${response.status}`)
          place.append(tableOf(await beginning(response), place.dataset['name'] ?? ''))
        })
        .catch(() => place.append('It could not be read. Next: download the file.'))
    }
    place.addEventListener('toggle', fill)
    fill()
  }
}

/** The text of an answer, and no more than is shown of it. */
async function beginning(response: Response): Promise<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    text += part.value
    if (text.length < MAX_CHARS && rowsOf(text, MAX_ROWS + 3).length < MAX_ROWS + 3) continue
    void reader?.cancel()
    break
  }
  return text
}

function tableOf(text: string, name: string): HTMLElement {
  const rows = rowsOf(text, MAX_ROWS + 2)
  const [head = [], ...all] = rows
  const shown = all.slice(0, MAX_ROWS)
  const columns = head.slice(0, MAX_COLUMNS)
  const isNumber = columns.map((_, at) => shown.every((row) => /^[-+]?[\d.,]*(?:e[-+]?\d+)?%?$/i.test(row[at] ?? '')))
  const table = document.createElement('table')
  const said = [
    all.length > MAX_ROWS ? `the first ${MAX_ROWS} rows` : `${shown.length} ${shown.length === 1 ? 'row' : 'rows'}`,
    head.length > MAX_COLUMNS ? `the first ${MAX_COLUMNS} of ${head.length} columns` : '',
  ]
  table.createCaption().textContent = `${name}: ${said.filter((each) => each !== '').join(', ')}`
  const top = table.createTHead().insertRow()
  top.append(...columns.map((words, at) => cell('th', words, isNumber[at], 'col')))
  const body = table.createTBody()
  for (const row of shown) body.insertRow().append(...columns.map((_, at) => cell('td', row[at] ?? '', isNumber[at])))
  const frame = document.createElement('div')
  frame.className = 'table'
  frame.tabIndex = 0
  frame.role = 'region'
  frame.ariaLabel = `Table ${name}`
  frame.append(table)
  return frame
}

function cell(kind: 'th' | 'td', text: string, isNumber = false, scope = ''): HTMLTableCellElement {
  const element = document.createElement(kind)
  if (scope !== '') element.scope = scope
  if (isNumber) element.className = 'number'
  const words = document.createElement('bdi')
  words.textContent = text
  element.append(words)
  return element
}

/** The first rows of a CSV text, without the mark that spreadsheets put before it. */
export function rowsOf(text: string, most: number): string[][] {
  return delimitedRows(text.startsWith('\ufeff') ? text.slice(1) : text, ',', most).rows
}

/** Rows of a text with separated values, as spreadsheets write them (RFC 4180): quotes may hold separators and line ends. */

/** The first rows; `isWhole`: the text has no more. Of a row that the text's end cuts nobody knows, so the caller says whether it is cut. */
export function delimitedRows(text: string, separator: string, most: number): { rows: string[][]; isWhole: boolean } {
  const rows: string[][] = []
  let row: string[] = []
  let at = 0
  while (at < text.length) {
    if (rows.length === most) return { rows, isWhole: false }
    const { value, end } = text[at] === '"' ? quotedValue(text, at, separator) : plainValue(text, at, separator)
    row.push(value)
    at = end
    if (text[at] === separator) {
      at++
      if (at < text.length) continue
      row.push('')
    }
    if (text[at] === '\r') at++
    if (text[at] === '\n') at++
    rows.push(row)
    row = []
  }
  return { rows, isWhole: true }
}

function plainValue(text: string, start: number, separator: string) {
  let end = start
  while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end++
  return { value: text.slice(start, end), end }
}

/** Text between the closing quote and the separator, which should not be there, belongs to the value. */
function quotedValue(text: string, start: number, separator: string) {
  const parts: string[] = []
  let at = start + 1
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote < 0) return { value: [...parts, text.slice(at)].join(''), end: text.length }
    parts.push(text.slice(at, quote))
    if (text[quote + 1] !== '"') {
      const rest = plainValue(text, quote + 1, separator)
      return { value: parts.join('') + rest.value, end: rest.end }
    }
    parts.push('"')
    at = quote + 2
  }
}

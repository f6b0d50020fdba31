/** A program on a page: coloured, with a number before each line that is a link to it. */
import { html, raw } from 'hono/html'
import { coloured } from './coloured.js'
import type { Html } from './page.ts'

/** Longest program that is coloured, in characters: longer ones would take the processor's time of others. */
const MAX_COLOURED_CHARS = 100_000

/** `marked`: the line that an error names. `language`: one that is coloured, or null. */
export function programLines(code: string, marked: number | null, language: string | null = 'python'): Html {
  const isPlain = language === null || code.length > MAX_COLOURED_CHARS
  const lines = isPlain ? code.split('\n') : colouredLines(code, language)
  return html`<ol class="program">
    ${lines.map((line, index) => {
      const number = index + 1
      return html`<li id="P${number}" ${number === marked ? html` class="marked"` : ''}>
        <a href="#P${number}" aria-label="Line ${number}"></a><code>${line}</code>
      </li>`
    })}
  </ol>`
}

/** The library's HTML, in which every character of the program is escaped, taken apart at line ends: a string may go over several lines. */
function colouredLines(code: string, language: string): Html[] {
  const open: string[] = []
  return coloured(code, language)
    .split('\n')
    .map((line) => {
      const before = open.join('')
      for (const [tag] of line.matchAll(/<span[^<>]*>|<\/span>/g)) {
        if (tag === '</span>') open.pop()
        else open.push(tag)
      }
      return html`${raw(`${before}${line}${'</span>'.repeat(open.length)}`)}`
    })
}

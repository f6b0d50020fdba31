/** The reading of a program's text, in words: its repairs, the fate of a notebook's lines, and reasons why nothing was shown. */
import type { CheckResult, Reading } from '../contract/check.ts'
import { quoted } from '../packages/requirement.ts'

/** Lines of a cell that a sentence names. */
const MAX_LINES = 4

/**
 * Sentences on lines that were not executed as written; none for a program that was taken as it stands. `asked`: the result of lines that
 * install packages; a refusal speaks for itself.
 */
export function readingWords(reading: Reading | undefined, asked: { lines: ReadonlySet<number> }): string[] {
  if (reading === undefined) return []
  const { repairs, lines, specs } = reading
  const isThere = new Set(specs.filter(({ installed }) => installed).map(({ line }) => line))
  const installing = lines.filter(({ how }) => how === 'installed')
  const cell = [
    linesWords(
      installing.filter(({ line }) => asked.lines.has(line)),
      'went to the package installer',
    ),
    linesWords(
      installing.filter(({ line }) => isThere.has(line) && !asked.lines.has(line)),
      'asked for what is installed already',
    ),
    linesWords(
      lines.filter(({ how }) => how === 'left_out'),
      'left out',
    ),
  ]
    .filter((words) => words !== null)
    .join('; ')
  return [
    ...(repairs.length === 0 ? [] : [`Taken as meant: ${repairs.map((repair) => REPAIRS[repair]).join('; ')}.`]),
    ...(cell === '' ? [] : [`Taken as a notebook cell: ${cell}.`]),
  ]
}

const REPAIRS: Record<Reading['repairs'][number], string> = {
  prose: 'only the fenced Python was run, without the text around it',
  stray_fence: 'a stray code fence was left out',
  tags: 'the tags around the program were left out',
  language: 'the name of the language in its first line was left out',
  prompts: 'prompts and shown results were left out',
  indent: 'the indentation of the whole program was left out',
  entities: 'HTML entities such as &lt; were read as their characters',
  breaks: 'each \\n outside of texts was read as a line break',
  escapes: 'the program was unescaped like a text in JSON',
  typography: 'typographic quotes and blanks were read as plain ones',
  numbers: 'line numbers were left out',
  json: 'the program was taken out of the JSON around it',
  notebook: "the notebook's code cells were run as one program",
}

function linesWords(named: Reading['lines'], what: string): string | null {
  if (named.length === 0) return null
  const shown = named.slice(0, MAX_LINES).map(({ line, text }) => `line ${line} ${quoted(text)}`)
  const more = named.length > MAX_LINES ? ` and ${named.length - MAX_LINES} more` : ''
  return `${shown.join(', ')}${more} ${what}`
}

/** The likely language of a text that is no Python program, and the next step. */
export function looksLikeWords(reading: Reading | undefined): string[] {
  switch (reading?.looks_like) {
    case undefined:
      return []
    case 'shell':
      return [
        'This is a shell script, not Python. Next: run its commands with subprocess, or write each as "!command".',
      ]
    case 'fences':
      return ['It is not clear which fenced part is the program. Next: send the Python code alone.']
    case 'html':
    case 'javascript':
    case 'sql':
      return [`This looks like ${LANGUAGES[reading.looks_like]}, not Python. Next: send a Python program.`]
  }
}

const LANGUAGES = { html: 'HTML', javascript: 'JavaScript', sql: 'SQL' }

/** The reason why a program that succeeded had nothing to show, and the next step. `sawAllFiles`: it is known that none was changed. */
export function nothingWords(reading: Reading | undefined, sawAllFiles: boolean): string {
  const nothing = sawAllFiles ? 'It printed nothing and changed no file here' : 'It printed nothing'
  switch (reading?.silent?.why) {
    case undefined:
      return `${nothing}. Next: print what you want to see.`
    case 'never_called':
      return `${nothing}: no line calls ${reading.silent.name}(). Next: call it.`
    case 'main_guard':
      return `${nothing}: line ${reading.silent.line} compares __name__ with ${quoted(reading.silent.name)}. Next: write "__main__".`
  }
}

/** Returns whether the value of the last expression is shown in any case, as in the program's original environment. */
export function showsLast({ reading }: CheckResult): boolean {
  return reading?.repairs.some((repair) => repair === 'prompts' || repair === 'notebook') === true
}

/** The line of a program, or of its output, by which a reader tells one run from another. */

/** Most lines that are looked at, and characters of one. */
const MAX_LINES = 200
const MAX_CHARS = 500

/** Lines that tell nothing: comments, commands of notebooks, and lines of many programs. */
const TELLS_NOTHING = /^(?:[#%!]|(?:async )?def main\b|if __name__\b|try:)/

/** The first statement that is no import, or the title in the docstring; where there is neither, the first import. */
export function tellingLineOfProgram(code: string): string {
  let firstImport = ''
  let within: 'nothing' | 'import' | 'docstring' = 'nothing'
  for (const line of firstLines(code)) {
    if (line === '') continue
    if (within === 'docstring') return withoutQuotes(line)
    if (within === 'import') {
      if (line.includes(')')) within = 'nothing'
      continue
    }
    if (TELLS_NOTHING.test(line)) continue
    const [opening] = /^r?(?:"""|''')/i.exec(line) ?? []
    if (opening !== undefined) {
      const title = withoutQuotes(line.slice(opening.length))
      if (title !== '') return title
      within = 'docstring'
      continue
    }
    const statement = withoutImports(line)
    if (statement !== '') return statement
    firstImport ||= line
    if (line.includes('import (') && !line.includes(')')) within = 'import'
  }
  return firstImport
}

/** What progress bars are drawn with. */
const BAR = /[\u2580-\u259f━╸]{3}/

/** The first line with a letter or a digit, and one that is no progress bar where there is another; empty when there is none. */
export function tellingLineOfOutput(output: string): string {
  const lines = firstLines(output).filter((line) => /[\p{L}\p{N}]/u.test(line))
  return lines.find((line) => !BAR.test(line)) ?? lines[0] ?? ''
}

function withoutImports(line: string): string {
  const statements = line.split(';')
  const first = statements.findIndex((statement) => !/^(?:import|from)\s/.test(statement.trim()))
  return first < 0 ? '' : statements.slice(first).join(';').trim()
}

function withoutQuotes(line: string): string {
  return line.replaceAll(/"""|'''/g, '').trim()
}

function firstLines(text: string): string[] {
  return text
    .slice(0, MAX_LINES * MAX_CHARS)
    .split('\n', MAX_LINES)
    .map((line) => line.slice(0, MAX_CHARS).trim())
}

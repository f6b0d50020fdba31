/** `cases.md` says the truth: each test that it names is there and runs, each case has one or a reason, each promise stands in its page. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'
import { expect, test } from 'vitest'
import { child, children, type Node, nodesOf } from './patterns/constants.ts'

const TEST = fileURLToPath(new URL('..', import.meta.url))
/** A shorter name has to be the whole title. */
const PART_CHARS = 12
const PAGE = readFileSync(join(TEST, 'cases.md'), 'utf8')

interface Row {
  name: string
  /** What is promised. */
  said: string
  proof: string
}

/** The rows of the table below a heading: the first cell, the one before the last, and the last. */
function rowsBelow(heading: string, page = PAGE): Row[] {
  const [, section = ''] = page.split(`\n## ${heading}\n`)
  const rows = section
    .split('\n## ')[0]!
    .split('\n')
    .filter((line) => line.startsWith('|'))
  return rows.slice(2).map((line) => {
    const cells = line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim())
    return { name: cells[0]!, said: cells.at(-2)!, proof: cells.at(-1)! }
  })
}

/** Titles of the tests in a file that are not left out; a value in a title is `${}`. */
function titlesIn(file: string): string[] {
  const text = readFileSync(join(TEST, file), 'utf8')
  const { program } = parseSync(file, text)
  return nodesOf(program).flatMap((node) => {
    const callee = child(node, 'callee')
    const title = children(node, 'arguments')[0]
    if (node.type !== 'CallExpression' || callee === undefined || title === undefined) return []
    const called = text.slice(callee.start, endOf(callee))
    if (!/^test\b/.test(called) || /^test(?:\.\w+)*\.(?:skip|todo)\b/.test(called)) return []
    if (title.type !== 'Literal' && title.type !== 'TemplateLiteral') return []
    return [text.slice(title.start + 1, endOf(title) - 1).replaceAll(/\$\{[^}]*\}/g, '${}')]
  })
}

const endOf = (node: Node) => Number(node['end'])

/** What is wrong with the last cell of a row: tests that are not there, or neither tests nor a reason. */
function problemsOf(proof: string): string[] {
  const named = [...proof.matchAll(/`([\w./-]+)`((?: “[^”]+”,?)*)/g)]
  if (named.length === 0)
    return /^not tested, because \S.{20}/.test(proof) ? [] : ['neither a test nor "not tested, because"']
  return named.flatMap(([, file, names]) => {
    if (!existsSync(join(TEST, file!))) return [`${file} is not there`]
    const wanted = [...names!.matchAll(/“([^”]+)”/g)].map(([, name]) => name!)
    if (!file!.endsWith('.ts')) return wanted.map((name) => `${file} has no tests, such as “${name}”`)
    if (wanted.length === 0) return [`${file}: no test is named`]
    const titles = titlesIn(file!)
    return wanted
      .filter((name) => !titles.some((title) => title === name || (name.length >= PART_CHARS && title.includes(name))))
      .map((name) => `${file} has no test “${name}”`)
  })
}

const CASES = rowsBelow('Cases')
const PROMISES = rowsBelow('Promises')

test('the table has all cases, each once', () => {
  expect(CASES.map(({ name }) => Number(name))).toEqual(Array.from({ length: 60 }, (_, index) => index + 1))
})

test.each(CASES)('case $name is proven, or says why not', ({ proof }) => {
  expect(problemsOf(proof)).toEqual([])
})

test.each(PROMISES)('$name promises: $said', ({ name, said, proof }) => {
  const page = readFileSync(join(TEST, '..', name), 'utf8').replaceAll(/\s+/g, ' ')
  expect(page).toContain(said.replaceAll('&#124;', '|'))
  expect(problemsOf(proof)).toEqual([])
})

test('what is not so is found', () => {
  expect(problemsOf('')).toEqual(['neither a test nor "not tested, because"'])
  expect(problemsOf('not tested, because')).toHaveLength(1)
  expect(problemsOf('`lint/none.test.ts` “a”')).toEqual(['lint/none.test.ts is not there'])
  expect(problemsOf('`lint/cases.test.ts`')).toEqual(['lint/cases.test.ts: no test is named'])
  expect(problemsOf('`lint/cases.test.ts` “what is not so is found”, “no such test”')).toEqual([
    'lint/cases.test.ts has no test “no such test”',
  ])
  expect(rowsBelow('A', '\n## A\n\n| a | b | c |\n| - | - | - |\n| 1 | x | y |\n\n## B\n| 2 |')).toEqual([
    { name: '1', said: 'x', proof: 'y' },
  ])
})

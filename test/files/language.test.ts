import { expect, test } from 'vitest'
import { fenced, languageOf } from '../../worker/files/language.ts'

test.each([
  ['a.py', 'python'],
  ['deep/A.JSON', 'json'],
  ['a.b.csv', 'csv'],
  ['Makefile', 'makefile'],
  ['notes.txt', ''],
  ['README', ''],
  ['x.constructor', ''],
  ['.gitignore', ''],
  ['', ''],
])('%j is %j', (path, expected) => {
  expect(languageOf(path)).toBe(expected)
})

test.each([
  ['a\n', 'csv', '```csv\na\n```'],
  ['a', '', '```\na\n```'],
  ['```py\nx\n```', 'markdown', '````markdown\n```py\nx\n```\n````'],
  ['`````', '', '``````\n`````\n``````'],
])('%j cannot close its fence', (text, language, expected) => {
  expect(fenced(text, language)).toBe(expected)
})

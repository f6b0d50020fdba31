import { expect, test } from 'vitest'
import { delimitedRows } from '../../worker/text/delimited.ts'

test.each([
  ['', []],
  ['a', [['a']]],
  [
    'a,b\nc,d\n',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  [
    'a,b\r\nc,d',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  [
    'a,\n,b',
    [
      ['a', ''],
      ['', 'b'],
    ],
  ],
  ['a,', [['a', '']]],
  ['\n\n', [[''], ['']]],
  ['"a,b",c', [['a,b', 'c']]],
  ['"a\nb","c""d"""', [['a\nb', 'c"d"']]],
  ['"never closed,\nx', [['never closed,\nx']]],
  ['a"b,c', [['a"b', 'c']]],
])('%j', (text, rows) => {
  expect(delimitedRows(text, ',', 100)).toEqual({ rows, isWhole: true })
})

test('of many rows the first are read, with any separator', () => {
  expect(delimitedRows('a\tb\n'.repeat(1000), '\t', 2)).toEqual({
    rows: [
      ['a', 'b'],
      ['a', 'b'],
    ],
    isWhole: false,
  })
})

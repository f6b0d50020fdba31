/** Which files a text names: text and files in, named files in their order out. */
import { expect, test, vi } from 'vitest'
import { namedFiles } from '../../worker/files/named.ts'

const TWO = ['data.csv', 'my chart (1).png']

test.each([
  ['saved to my chart (1).png and data.csv', TWO, ['my chart (1).png', 'data.csv']],
  ['saved to "my chart (1).png" and "data.csv"', TWO, ['my chart (1).png', 'data.csv']],
  ["saved to 'my chart (1).png', 'data.csv'", TWO, ['my chart (1).png', 'data.csv']],
  ['saved to `data.csv` and `my chart (1).png`.', TWO, ['data.csv', 'my chart (1).png']],
  ['[my chart (1).png] (data.csv) {data.csv}', TWO, ['my chart (1).png', 'data.csv']],
  ['<data.csv>', TWO, ['data.csv']],
  ['![chart](my chart (1).png)', TWO, ['my chart (1).png']],
  ["PosixPath('data.csv')", TWO, ['data.csv']],
  ['data.csv:12: bad', TWO, ['data.csv']],
  ['path=data.csv;other', TWO, ['data.csv']],
  ['Wrote ./data.csv', TWO, ['data.csv']],
  ['Wrote /workspace/files/data.csv!', TWO, ['data.csv']],
  ['data.csv\nmy chart (1).png\n', TWO, ['data.csv', 'my chart (1).png']],
  ['data.csv.', TWO, ['data.csv']],
  ['Is it data.csv?', TWO, ['data.csv']],
  ['data.csv… done', TWO, ['data.csv']],
  ['mydata.csv', TWO, []],
  ['data.csvs', TWO, []],
  ['data.csv.gz', TWO, []],
  ['data.csv/x', TWO, []],
  ['data.csv-old', TWO, []],
  ['.data.csv', TWO, []],
  ['ädata.csv', TWO, []],
  ['𝒳data.csv', TWO, []],
  ['DATA.CSV', TWO, []],
  ['', TWO, []],
  ['nothing at all', [], []],
  ['a longer name takes its part: my data.csv', ['data.csv', 'my data.csv'], ['my data.csv']],
  ['my data.csv, data.csv', ['data.csv', 'my data.csv'], ['my data.csv', 'data.csv']],
  ['out/a.png then a.png', ['a.png', 'out/a.png'], ['out/a.png', 'a.png']],
  ['a base name: chart.png', ['out/deep/chart.png'], ['out/deep/chart.png']],
  ['a base name that two have: chart.png', ['out/chart.png', 'old/chart.png'], []],
  ['grün/bild 🙂.png', ['grün/bild 🙂.png'], ['grün/bild 🙂.png']],
  ['README', ['README'], ['README']],
  ['-leading.txt', ['-leading.txt'], ['-leading.txt']],
  ['line\nbreak.txt', ['line\nbreak.txt'], ['line\nbreak.txt']],
])('%j of %j', (text, paths, expected) => {
  expect(namedFiles(text, paths)).toEqual(expected)
  // The order of the files says nothing.
  expect(namedFiles(text, paths.toReversed())).toEqual(expected)
})

test.each([
  ['a name everywhere', 'a', 'a'.repeat(28_000)],
  ['a name of many parts', 'a a a a', 'a a '.repeat(7_000)],
  ['brackets and quotes', '"(', '"('.repeat(14_000)],
  ['slashes', 'a/a/a', '/a'.repeat(14_000)],
])('%s is looked for in a bounded number of places', (_case, name, text) => {
  const paths = Array.from({ length: 100 }, (_, index) => `${name}${name.repeat(index)}`)
  const looks = vi.spyOn(String.prototype, 'indexOf')
  namedFiles(text, paths)
  const { length } = looks.mock.calls
  looks.mockRestore()
  // A path has two names, and each name at most so many places, of which the last finds no more.
  expect(length).toBeLessThanOrEqual(paths.length * 2 * 1_001)
})

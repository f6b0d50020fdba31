/** What was kept of what a program showed is explained to a model that sees only names. */
import { expect, test } from 'vitest'
import { shownHints } from '../../../worker/run/output/shown-hints.ts'

function files(...paths: string[]) {
  return paths.map((path) => ({
    path,
    change: 'created' as const,
    bytes: 8_000,
    mime: 'text/html',
    kind: 'text' as const,
    uri: `codemode://files/${path}`,
  }))
}

const NEXT = 'Next: to see a picture, draw it with matplotlib.'

test('one page, or several, are said to be for the user', () => {
  expect(shownHints({ stderr: '', files: files('.outputs/r_1/figure-1.html', 'own.html') })).toEqual([
    `.outputs/r_1/figure-1.html is an interactive page: the user can open it by its link, you see nothing of it. ${NEXT}`,
  ])
  expect(
    shownHints({
      stderr: '',
      files: files('.outputs/r_1/figure-2.html', '.outputs/r_1/figure-3.html', '.outputs/r_1/figure-12.html'),
    }),
  ).toEqual([
    `.outputs/r_1/figure-2.html (and 2 more like it) is an interactive page: the user can open it by its link, you see nothing of it. ${NEXT}`,
  ])
})

test('nothing is said of pictures, and of pages that the program wrote itself', () => {
  expect(
    shownHints({ stderr: '', files: files('.outputs/r_1/figure-1.png', 'figure-1.html', '.outputs/r_1/last.html') }),
  ).toEqual([])
  const [page] = files('.outputs/r_1/figure-1.html')
  expect(shownHints({ stderr: '', files: [{ ...page!, change: 'deleted' }] })).toEqual([])
})

test('boxes in a chart are explained', () => {
  const stderr = 'careful\nmatplotlib: no font here has 季; boxes are drawn instead.\n'
  expect(shownHints({ stderr, files: [] })).toEqual([expect.stringMatching(/^No font .* Next: .*addfont/)])
  expect(shownHints({ stderr: 'see matplotlib: no font here has 季', files: [] })).toEqual([])
})

/** Pages that were kept are explained to a model that sees only their names. */
import { expect, test } from 'vitest'
import { shownPageHints } from '../../worker/run/shown-pages.ts'

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
  expect(shownPageHints(files('.outputs/r_1/figure-1.html', 'own.html'))).toEqual([
    `.outputs/r_1/figure-1.html is an interactive page: the user can open it by its link, you see nothing of it. ${NEXT}`,
  ])
  expect(
    shownPageHints(files('.outputs/r_1/figure-2.html', '.outputs/r_1/figure-3.html', '.outputs/r_1/figure-12.html')),
  ).toEqual([
    `.outputs/r_1/figure-2.html (and 2 more like it) is an interactive page: the user can open it by its link, you see nothing of it. ${NEXT}`,
  ])
})

test('nothing is said of pictures, and of pages that the program wrote itself', () => {
  expect(shownPageHints(files('.outputs/r_1/figure-1.png', 'figure-1.html', '.outputs/r_1/last.html'))).toEqual([])
  const [page] = files('.outputs/r_1/figure-1.html')
  expect(shownPageHints([{ ...page!, change: 'deleted' }])).toEqual([])
})

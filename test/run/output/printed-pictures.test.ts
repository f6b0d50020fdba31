/** Pictures that are printed as base64 cost their reader a line. */
import { expect, test } from 'vitest'
import { OutcomeFold } from '../../../worker/run/execution/outcome-fold.ts'
import { PrintedPictures } from '../../../worker/run/output/printed-pictures.ts'

const BASE64 = `iVBORw0KGgo${'Ab+/'.repeat(300)}==`
const WORDS = '[a picture as base64, 1,213 characters]'

/** What is shown of the pieces, and how many pictures were replaced. */
function shown(...pieces: string[]): [string, number] {
  const pictures = new PrintedPictures()
  const text = pieces.map((piece) => pictures.add(piece)).join('')
  return [text + pictures.end(), pictures.count]
}

test('a picture is replaced by a few words, in whatever pieces it comes', () => {
  expect(shown(`before ${BASE64}\nafter\n`)).toEqual([`before ${WORDS}\nafter\n`, 1])
  expect(shown('before iVBORw0KGgo', ...BASE64.slice(11).match(/.{1,100}/g)!, '\nafter')).toEqual([
    `before ${WORDS}\nafter`,
    1,
  ])
  expect(shown(`<img src="data:image/jpeg;base64,${BASE64}"><p>`)).toEqual([
    '<img src="[a picture as base64, 1,236 characters]"><p>',
    1,
  ])
  expect(shown(`${BASE64}\n${BASE64} /9j/4${'A'.repeat(2000)}`)).toEqual([
    `${WORDS}\n${WORDS} [a picture as base64, 2,005 characters]`,
    3,
  ])
})

test('short ones and other text stay', () => {
  for (const text of [
    `data:image/png;base64,${'A'.repeat(900)} end`,
    `x${BASE64}`,
    `data:text/plain;base64,${'A'.repeat(2000)}`,
    'data:image/png;base64,',
    'R0lGOD',
    '',
  ])
    expect(shown(text)).toEqual([text, 0])
})

test('an outcome has the words, also while the picture is being printed or when a hole follows', () => {
  const fold = new OutcomeFold()
  const print = (text: string, skipped?: number) =>
    fold.add({ n: 1, type: 'stdout', text, ...(skipped !== undefined && { skipped }) })
  print(`see ${BASE64}`)
  expect(fold.outcome('r_1', 'local').stdout).toBe(`see ${WORDS}`)
  expect(fold.outcome('r_1', 'local').stdout).toBe(`see ${WORDS}`)
  print('AAAA', 5_000)
  expect(fold.outcome('r_1', 'local').stdout).toBe(`see ${WORDS}\n[… 5 kB left out …]\nAAAA`)
  expect(fold.picturesAsText).toBe(1)
})

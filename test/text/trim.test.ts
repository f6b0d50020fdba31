import { expect, test } from 'vitest'
import { trimEndOf, trimSpaces } from '../../worker/text/trim.ts'

test.each([
  ['', ''],
  ['   ', ''],
  [' a  b ', 'a  b'],
  [' \ta\n ', '\ta\n'],
])('trimSpaces(%j) is %j', (text, trimmed) => {
  expect(trimSpaces(text)).toBe(trimmed)
})

test('trimEndOf takes only what it is given, and only at the end', () => {
  expect(trimEndOf(' a.b \t. \t', ' \t')).toBe(' a.b \t.')
  expect(trimEndOf('....', '.')).toBe('')
})

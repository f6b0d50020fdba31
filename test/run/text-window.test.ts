import { expect, test } from 'vitest'
import { TextWindow } from '../../worker/run/text-window.ts'

function windowOf(limit: number, texts: string[]): string {
  const window = new TextWindow(limit)
  for (const text of texts) window.add(text)
  return window.toString()
}

test('a text within the limit is unchanged, however it came in', () => {
  const text = Array.from({ length: 100 }, (_, i) => `line ${i}\n`).join('')
  expect(windowOf(text.length, [text])).toBe(text)
  expect(windowOf(text.length, Array.from(text))).toBe(text)
})

test('a longer text keeps 60 % head and 40 % tail and counts the rest', () => {
  const text = `${'a'.repeat(600)}${'b'.repeat(500)}${'c'.repeat(400)}`
  const expected = `${'a'.repeat(600)}\n[… 500 characters left out …]\n${'c'.repeat(400)}`
  expect(windowOf(1000, [text])).toBe(expected)
  expect(windowOf(1000, Array.from(text))).toBe(expected)
})

test('dropped bytes are named where they are missing', () => {
  const window = new TextWindow(1000)
  window.add('first\n')
  window.add('last\n', 12_345)
  expect(window.toString()).toBe('first\n[… 12,345 bytes left out …]\nlast\n')
})

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])('no character is cut in half at limit %i', (limit) => {
  expect(windowOf(limit, ['🎈'.repeat(20)]).isWellFormed()).toBe(true)
  expect(
    windowOf(
      limit,
      Array.from({ length: 20 }, () => '🎈'),
    ).isWellFormed(),
  ).toBe(true)
})

test('a flood of text is held in bounded memory', () => {
  const window = new TextWindow(1000)
  for (let i = 0; i < 100_000; i++) window.add(`line ${i}\n`)
  const text = window.toString()
  expect(text.length).toBeLessThan(1100)
  expect(text.endsWith('line 99999\n')).toBe(true)
})

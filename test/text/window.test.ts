import { expect, test } from 'vitest'
import { TextWindow } from '../../worker/text/window.ts'

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
  expect(window.toString()).toBe('first\n[… 12 kB left out …]\nlast\n')
})

test('lines are cut at their ends, and counted with the characters', () => {
  const lines = Array.from({ length: 1_000 }, (_, index) => `line ${index}\n`)
  const text = windowOf(1_000, lines)
  const [head, tail] = text.split(/\[… [\d,]+ lines, [\d,]+ characters left out …\]\n/)
  const found = /([\d,]+) lines, ([\d,]+) characters/.exec(text)!.slice(1)
  const [missing, chars] = found.map((number) => Number(number.replace(',', '')))
  expect(lines.join('').startsWith(head!)).toBe(true)
  expect(lines.join('').endsWith(`\n${tail}`)).toBe(true)
  expect(`${head}${tail}`.split('\n').length - 1 + missing!).toBe(1_000)
  expect(head!.length + tail!.length + chars!).toBe(lines.join('').length)
  expect(windowOf(1_000, [lines.join('')])).toBe(text)
})

test('what the runner has dropped counts with the rest, whose lines nobody knows', () => {
  const window = new TextWindow(100)
  for (let index = 0; index < 100; index++) window.add(`line ${index}\n`)
  window.add('x\n'.repeat(60) + 'last\n', 5_000_000)
  expect(window.toString()).toMatch(/\n\[… more than 1\d\d lines, 5 MB left out …\]\nx\n[^…]*\nlast\n$/)
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

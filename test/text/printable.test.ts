/** What is sent as text, and what as bytes. */
import { expect, test } from 'vitest'
import { printableText } from '../../worker/text/printable.ts'

const bytes = (content: string | number[]) => new Uint8Array(Buffer.from(content as string)).buffer

test.each([
  ['nothing', '', ''],
  ['a text in any script', 'a,b\n1,☃\t𝄞\r\n', 'a,b\n1,☃\t𝄞\r\n'],
  ['colours of a terminal', '\x1b[31mred\x1b[0m', '\x1b[31mred\x1b[0m'],
  ['Latin-1', [...Buffer.from('Viele Gr\xfc\xdfe aus K\xf6ln', 'latin1')], 'Viele Gr\ufffd\ufffde aus K\ufffdln'],
])('%s is text', (_case, content, text) => {
  expect(printableText(bytes(content))).toBe(text)
})

test.each([
  ['control characters', '\x01'.repeat(100)],
  ['NULs between letters, as in UTF-16', 'a\0b\0c\0'],
  ['bytes that are no UTF-8', Array.from({ length: 100 }, () => 0xff)],
  ['one too many', `${'\x7f'.repeat(21)}${'x'.repeat(79)}`],
])('%s are not', (_case, content) => {
  expect(printableText(bytes(content))).toBeNull()
})

test('as JSON, what is text takes less than three times its size', () => {
  const worst = `${'\x01'.repeat(20_000)}${'"'.repeat(80_000)}`
  expect(printableText(bytes(worst))).toBe(worst)
  expect(JSON.stringify(worst).length).toBeLessThan(3 * worst.length)
})

import { expect, test } from 'vitest'
import { clean, cut } from '../../worker/text/clean.ts'

test.each([
  ['colours', '\u001b[1;31mred\u001b[0m', 'red'],
  ['a terminal title', '\u001b]0;evil\u0007text', 'text'],
  ['a lone escape', 'a\u001bcb\u001b', 'ab'],
  ['control characters but newline and tab', 'a\u0000\u0008b\n\tc\u009b', 'ab\n\tc'],
  ['zero-width characters', 'i\u200bg\u200dn\ufeffore\u2060', 'ignore'],
  ['bidi overrides', 'a\u202egpj.exe\u202c\u2066x\u2069', 'agpj.exex'],
  ['tag characters and variation selectors', 'a\u{e0041}\u{e0042}b\ufe0f\u{e0101}', 'ab'],
  ['line separators become newlines', 'a\u2028b\r\nc\rd', 'a\nb\nc\nd'],
  ['lone surrogates are replaced', 'a\ud800b', 'a\ufffdb'],
  ['other scripts stay', 'größer 日本語 עברית 🙂', 'größer 日本語 עברית 🙂'],
])('clean: %s', (_name, text, expected) => {
  expect(clean(text)).toBe(expected)
})

test('cut tears no character', () => {
  expect(cut('abc', 3)).toBe('abc')
  expect(cut('abcd', 3)).toBe('ab…')
  expect(cut('a🙂🙂', 3)).toBe('a…')
})

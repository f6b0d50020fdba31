/** Colours that a program prints: what of them is shown, and that a model never gets any. */
import { expect, test } from 'vitest'
import { restyled } from '../../../worker/run/output/colours.ts'
import { type Piece, Screen } from '../../../worker/run/output/screen.ts'
import { BASE } from '../../../worker/web/style/base.ts'
import { BACKGROUNDS, MARKED, TEXT_COLOURS } from '../../../worker/web/style/terminal.ts'

/** Each line as its parts, `text` or `text|classes`. */
function shown(...chunks: string[]): string[][] {
  const pieces: Piece<'out'>[] = []
  const screen = new Screen<'out'>((piece) => pieces.push(piece), restyled)
  for (const chunk of chunks) screen.add(chunk, 'out')
  screen.flush()
  return pieces.map(({ text, styles = [{ end: text.length, style: '' }] }) => {
    let from = 0
    return styles.map(({ end, style }) => {
      const part = text.slice(from, end)
      from = end
      return style === '' ? part : `${part}|${style}`
    })
  })
}

test.each([
  ['\u001b[31mred\u001b[0m plain', ['red|fg-1', ' plain']],
  ['\u001b[1;31mboth\u001b[22m red\u001b[39m.', ['both|bold fg-1', ' red|fg-1', '.']],
  ['\u001b[91;103mbright\u001b[m.', ['bright|fg-9 bg-11', '.']],
  ['\u001b[32m\u001b[33mlast\u001b[0m', ['last|fg-3']],
  [
    '\u001b[38;5;1ma\u001b[38;5;196mb\u001b[38;2;10;200;30mc\u001b[48;5;250md',
    ['a|fg-1', 'b|fg-9', 'c|fg-2', 'd|fg-2 bg-7'],
  ],
  ['\u001b[3;4;7;9mall\u001b[23;24;27;29mnone', ['all|italic underline inverse struck', 'none']],
  ['\u001b[>4;1mno colour\u001b[?1m\u001b[38;5m', ['no colour']],
  ['\u001b[38;5;9999999ma\u001b[999mb', ['ab']],
  ['plain \u001b[35mover\rwritten\u001b[0m', ['written|fg-5', 'ver|fg-5']],
  ['\u001b[31m10%\r\u001b[32m100%\u001b[K', ['100%|fg-2']],
  ['\u001b]8;;javascript:alert(1)\u0007link\u001b]8;;\u0007', ['link']],
])('%j', (text, parts) => {
  const whole = [joined(parts)]
  expect(shown(text).map(joined)).toEqual(whole)
  // The same when each character comes alone.
  expect(shown(...text.split('')).map(joined)).toEqual(whole)
})

/** Each character with its style: how parts are divided does not matter. */
function joined(parts: string[]): string {
  return parts
    .map((part) => part.split('|'))
    .flatMap(([text = '', style = '']) => text.split('').map((char) => `${char}{${style}}`))
    .join('')
}

test('a colour goes on over lines, also over many at once, and each stream has its own', () => {
  const lines = shown(`\u001b[31m${'line\n'.repeat(200)}\u001b[0mend\n`)
  expect(lines).toEqual([...Array.from({ length: 200 }, () => ['line|fg-1']), ['end']])
  const pieces: Piece<string>[] = []
  const screen = new Screen<string>((piece) => pieces.push(piece), restyled)
  screen.add('\u001b[31mred\n', 'out')
  screen.add('plain\n', 'err')
  screen.flush()
  expect(pieces.map(({ styles }) => styles?.[0]?.style)).toEqual(['fg-1', undefined])
})

test('without somebody who reads colours the text is the same, and there are none', () => {
  const text = '\u001b[1;31mbold\u001b[0m\n\u001b[32m10%\r20%\u001b[0m\nend'
  const plain: Piece<'out'>[] = []
  const screen = new Screen<'out'>((piece) => plain.push(piece))
  screen.add(text, 'out')
  screen.flush()
  expect(plain.map(({ text }) => text)).toEqual(['bold', '20%', 'end'])
  expect(plain.every(({ styles }) => styles === undefined)).toBe(true)
})

test('every colour can be read on every background, light and dark', () => {
  const colourOf = (name: string) => new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(BASE)!.slice(1)
  const [pages, quiet, danger] = [colourOf('sunken'), colourOf('quiet'), colourOf('danger')]
  for (const scheme of [0, 1] as const) {
    const backgrounds = [pages[scheme]!, MARKED[scheme], ...BACKGROUNDS.map((each) => each[scheme])]
    const texts = [quiet[scheme]!, danger[scheme]!, ...TEXT_COLOURS.map((each) => each[scheme])]
    const unreadable = texts.flatMap((text) =>
      backgrounds.filter((each) => contrast(text, each) < 4.5).map((each) => [text, each, contrast(text, each)]),
    )
    expect(unreadable).toEqual([])
  }
})

/** Contrast of WCAG 2. */
function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** A run's output as a screen shows it. */
import { expect, test } from 'vitest'
import { Screen } from '../../../worker/run/output/screen.ts'
import { ShownOutput } from '../../../worker/run/output/shown-output.ts'

/** What is left of a text that comes in these parts. */
function shown(...parts: string[]): string {
  let text = ''
  const take = ({ text: row, ends }: { text: string; ends: boolean }) => (text += ends ? `${row}\n` : row)
  const screen = new Screen<'stdout'>(take)
  for (const part of parts) screen.add(part, 'stdout')
  screen.flush()
  return text
}

const UP = '\x1b[A'
const CLEAR = '\x1b[2K'

test.each([
  ['plain lines', 'a\n\n b \n', 'a\n\n b \n'],
  ['a last line without its end', 'a\nb', 'a\nb'],
  ['line ends of Windows', 'a\r\nb\r\n', 'a\nb\n'],
  ['tabs and wide characters', 'a\tb\n日本 🎈\n', 'a\tb\n日本 🎈\n'],
  ['tqdm', '\r  0%|   | 0/2\r 50%|#  | 1/2\r100%|###| 2/2\ndone\n', '100%|###| 2/2\ndone\n'],
  ['tqdm that leaves nothing', '\r 50%|# |\r100%|##|\r        \rdone\n', 'done\n'],
  ['wget', 'a.zip  10%[=>   ] 1M\ra.zip 100%[====>] 9M\n\nsaved\n', 'a.zip 100%[====>] 9M\n\nsaved\n'],
  ['curl', '  % Total\n\r  0  10M\r 50  10M\r100  10M\n', '  % Total\n100  10M\n'],
  [
    'pip',
    'x\n\x1b[?25l   \x1b[90m━━\x1b[0m 1 MB\r\x1b[2K   \x1b[32m━━━━\x1b[0m 4 MB\x1b[?25h\ny\n',
    'x\n   ━━━━ 4 MB\ny\n',
  ],
  ['rich', `Working ━ 10%\r${CLEAR}Working ━━ 100%\nok\n`, 'Working ━━ 100%\nok\n'],
  ['rich in two lines', `a 1\nb 1\r${CLEAR}${UP}${CLEAR}a 2\nb 2\n`, 'a 2\nb 2\n'],
  ['several bars of tqdm', `\r0: 1%\n\r1: 1%${UP}\r0: 9%\n\r1: 9%${UP}\n\nend\n`, '0: 9%\n1: 9%\nend\n'],
  ['docker', `a: wait\nb: wait\n\x1b[2A${CLEAR}a: done\r\x1b[2B\x1b[1A${CLEAR}b: done\r\x1b[1B`, 'a: done\nb: done\n'],
  ['backspaces', 'wait |\b/\b-\b\\\bok\n', 'wait ok\n'],
  ['a column', 'a 10\x1b[1G\x1b[Kb\n', 'b\n'],
  ['cursor to the right', 'ab\r\x1b[3Cd\n', 'ab d\n'],
  ['erasing below', `a\nb\nc\n\x1b[2A\x1b[Jd\n`, 'a\nd\n'],
  ['colours', '\x1b[1;38;5;2mgreen\x1b[0m \x1b[4:3mwave\x1b[m', 'green wave'],
  [
    'a title, a link and a picture',
    '\x1b]0;title\x07\x1b]8;;http://a\x1b\\link\x1b]8;;\x1b\\\x1bPq#0~\x1b\\\n',
    'link\n',
  ],
  ['a string that never ends', '\x1b]0;title\nnext\n', '\nnext\n'],
  ['no sequence at all', 'a\x1b', 'a'],
  ['a sequence that is broken off', 'a\x1b[12\nb\n', 'a\nb\n'],
  ['other controls', 'a\x00\x07\x0bb\x7f\u0085c\n', 'abc\n'],
  ['half of a character written over', '🎈\rx\n', 'x\ufffd\n'],
])('%s', (_what, text, expected) => {
  expect(shown(text)).toBe(expected)
  expect(shown(...Array.from(text))).toBe(expected)
})

test('what was shown before the screen was cleared is kept', () => {
  expect(shown('important\n\x1b[H\x1b[2J\x1b[3Jgame\n')).toBe('important\ngame\n')
})

test('a cursor that goes back farther than a screen changes nothing that has scrolled away', () => {
  const lines = Array.from({ length: 200 }, (_, index) => `${index}`)
  const text = `${lines.join('\n')}\n\x1b[999A!\n`
  const expected = shown(text).split('\n')
  expect(expected.filter((line) => line.startsWith('!'))).toHaveLength(1)
  expect(expected.slice(0, 100)).toEqual(lines.slice(0, 100))
  expect(shown(...Array.from(text))).toBe(shown(text))
})

test('a line that is too long to be held back comes whole', () => {
  const text = `a\n${'x'.repeat(50_000)}y\nb\n`
  expect(shown(text)).toBe(text)
  expect(shown(...Array.from(text))).toBe(text)
})

test('streams that share a screen do not write into each other’s lines', () => {
  const rows: string[] = []
  const screen = new Screen<string>(({ text, stream }) => rows.push(`${stream} ${text}`))
  screen.add('\r10%', 'err')
  screen.add('one\n', 'out')
  screen.add('\r90%', 'err')
  screen.add('two\n', 'out')
  screen.add('\r100%\nend\n', 'err')
  screen.flush()
  expect(rows).toEqual(['err 100%', 'out one', 'out two', 'err end'])
})

/** A screen that keeps everything and knows the commands of the test below. */
function reference(commands: string[]): string {
  const rows: string[][] = [[]]
  let [row, column] = [0, 0]
  for (const command of commands) {
    if (command === '\n') {
      row++
      column = 0
      if (row === rows.length) rows.push([])
    } else if (command === '\r') column = 0
    else if (command === '\b') column = Math.max(0, column - 1)
    else if (command === UP) row = Math.max(0, row - 1)
    else if (command === CLEAR) rows[row] = []
    else if (command === '\x1b[K') rows[row]!.length = Math.min(column, rows[row]!.length)
    else if (!command.startsWith('\x1b')) {
      for (const char of command) {
        while (rows[row]!.length < column) rows[row]!.push(' ')
        rows[row]![column++] = char
      }
    }
  }
  return rows.map((cells) => cells.join('').replace(/ +$/, '')).join('\n')
}

test('any mixture of commands, in any parts, leaves what a screen shows', () => {
  let seed = 7
  const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
  const commands = ['a', 'bc', 'def ', '\n', '\r', '\b', UP, CLEAR, '\x1b[K', '\x1b[31m', '\x1b[0m']
  for (let trial = 0; trial < 3_000; trial++) {
    const chosen = Array.from({ length: 1 + random(40) }, () => commands[random(commands.length)]!)
    const text = chosen.join('')
    const cut = random(text.length + 1)
    const lines = shown(text.slice(0, cut), text.slice(cut)).split('\n')
    const asShown = lines.map((line) => line.replace(/ +$/, '')).join('\n')
    expect([text, asShown.trimEnd()]).toEqual([text, reference(chosen).trimEnd()])
  }
})

test('a flood of any kind is held in bounded memory', () => {
  for (const flood of ['\r50%', `\n${UP}`, 'x', 'x\b', '\x1b[3C', '\x1b]0;', '\x1b[1;', '\n']) {
    const output = new ShownOutput('stdout', 1_000)
    for (let i = 0; i < 2_000; i++) output.add(flood.repeat(500))
    expect(output.shown().text.length).toBeLessThan(1_200)
  }
})

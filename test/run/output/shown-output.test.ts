/** Equal lines, and paths in tracebacks. */
import { expect, test } from 'vitest'
import { ShownOutput } from '../../../worker/run/output/shown-output.ts'

const PATHS = { main: '/r/runs/r_1/main.py', files: '/r/files', packages: '/r/packages/3', runner: '/code/runner' }

function shown(text: string, stream: 'stdout' | 'stderr' = 'stderr', limit = 10_000): string {
  const output = new ShownOutput(stream, limit)
  output.paths = PATHS
  for (const char of text) output.add(char)
  return output.shown().text
}

test.each([
  ['many equal lines', `a\n${'findfont: not found\n'.repeat(138)}b\n`, 'a\nfindfont: not found [× 138]\nb\n'],
  ['the last lines', 'same words here\n'.repeat(9), 'same words here [× 9]\n'],
  ['a last line without its end', `${'same words here\n'.repeat(9)}same`, 'same words here [× 9]\nsame'],
  ['empty lines', `a${'\n'.repeat(40)}b`, 'a\n[39 empty lines]\nb'],
  ['three', 'same words here\n'.repeat(3), 'same words here\n'.repeat(3)],
  ['short ones', '0\n'.repeat(5), '0\n'.repeat(5)],
  ['nearly equal ones', 'row 1 of a table\nrow 2 of a table\nrow 3 of a table\nrow 4 of a table\n', null],
])('equal lines: %s', (_what, text, expected) => {
  expect(shown(text)).toBe(expected ?? text)
})

const TRACE = `Traceback (most recent call last):
  File "/code/runner/child.py", line 130, in _run
    exec(code, main.__dict__)
    ~~~~^^^^
  File "/r/runs/r_1/main.py", line 3, in <module>
    helper.go()
  File "/r/files/lib/helper.py", line 5, in go
    json.loads(x)
  File "/usr/lib/python3.11/json/__init__.py", line 346, in loads
  File "/venv/lib/python3.11/site-packages/pandas/io.py", line 7, in read
  File "/r/packages/3/emoji/core.py", line 7, in read
  File "/elsewhere/x.py", line 1, in f
ValueError: /r/runs/r_1/main.py is no JSON
`
const SHORT_TRACE = `Traceback (most recent call last):
  File "main.py", line 3, in <module>
    helper.go()
  File "lib/helper.py", line 5, in go
    json.loads(x)
  File "…/python3.11/json/__init__.py", line 346, in loads
  File "…/site-packages/pandas/io.py", line 7, in read
  File "…/site-packages/emoji/core.py", line 7, in read
  File "/elsewhere/x.py", line 1, in f
ValueError: main.py is no JSON
`

test('a traceback names files as briefly as possible, and none of the runner', () => {
  expect(shown(TRACE)).toBe(SHORT_TRACE)
})

test('a stack that is printed without a heading has none either', () => {
  const stack =
    '  File "/code/runner/child.py", line 1, in _run\n    exec()\n  File "/r/runs/r_1/main.py", line 2, in f\n    f()\n'
  expect(shown(stack)).toBe('  File "main.py", line 2, in f\n    f()\n')
  expect(shown('  File "/code/runner/child.py", line 1, in _run\n    exec()\n  next\n')).toBe('  next\n')
})

test('one on stdout keeps its words as well', () => {
  expect(shown(TRACE, 'stdout')).toBe(SHORT_TRACE.replace('main.py is', '/r/runs/r_1/main.py is'))
})

test('a syntax error and a warning name the file', () => {
  expect(shown('  File "/r/runs/r_1/main.py", line 1\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n')).toBe(
    '  File "main.py", line 1\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n',
  )
  expect(shown('/r/runs/r_1/main.py:3: UserWarning: careful\n  warn()\n/r/files/a.py:3: FutureWarning: b\n')).toBe(
    'main.py:3: UserWarning: careful\n  warn()\na.py:3: FutureWarning: b\n',
  )
})

test('lines that only look like it stay as they are', () => {
  const text = 'File "/r/files/a.csv" written\n/r/files/a.py:3: fine\n  File "/usr/lib/python3.11/x.py", line 3\n'
  expect(shown(text, 'stdout')).toBe(text)
})

test('a flood keeps what was said before and after it', () => {
  const bar = Array.from({ length: 20_000 }, (_, index) => `\rstep ${index}/20000 |####   |`).join('')
  expect(shown(`first\n${bar}\nRESULT 42\n`, 'stdout', 200)).toBe('first\nstep 19999/20000 |####   |\nRESULT 42\n')
})

test('it can be looked at while it goes on', () => {
  const output = new ShownOutput('stdout', 1_000)
  output.add('a\r')
  expect(output.shown()).toEqual({ text: 'a', isCut: false, wholeLines: 0, isCutInLine: false, skippedBytes: 0 })
  output.add('b\nc')
  expect(output.shown().text).toBe('b\nc')
  expect(output.shown().text).toBe('b\nc')
})

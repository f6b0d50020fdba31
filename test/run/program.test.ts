import { expect, test } from 'vitest'
import { stripFence } from '../../worker/run/program.ts'

test.each([
  ['```python\nprint(1)\n```', 'print(1)\n'],
  ['```\nprint(1)\nprint(2)\n```\n', 'print(1)\nprint(2)\n'],
  ['\n  ~~~py\nprint(1)\n~~~  ', 'print(1)\n'],
  ['````python\nprint("""\n```\n""")\n````', 'print("""\n```\n""")\n'],
  ['```python\r\nprint(1)\r\n```', 'print(1)\n'],
  ['```c++ \t\nprint(1)\n \t```\t', 'print(1)\n'],
  ['```\nprint(1)```', 'print(1)\n'],
  ['```\n\n\n```', '\n\n'],
])('the fence around %j is taken off', (code, program) => {
  expect(stripFence(code)).toBe(program)
})

test.each([
  'print(1)\n',
  'x = """\n```python\nprint(1)\n```\n"""\n',
  'print("```")',
  '```python\nprint(1)',
  '```python',
  '```\n``',
  '```two words\nprint(1)\n```',
  '```\nprint(1)\n~~~',
  '```python\nprint(1)\n```\nThat was it, and now:\n```python\nprint(2)\n```',
])('%j is left as it is', (code) => {
  expect(stripFence(code)).toBe(code)
})

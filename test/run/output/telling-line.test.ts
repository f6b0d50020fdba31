import { expect, test } from 'vitest'
import { tellingLineOfOutput, tellingLineOfProgram } from '../../../worker/run/output/telling-line.ts'

test.each([
  ['print(1)', 'print(1)'],
  ['\n# what it is\nimport os\nfrom a.b import (\n  c,\n  d,\n)\n\n  x = 1  \n', 'x = 1'],
  ['import os; import sys; print(os.getcwd()); exit()', 'print(os.getcwd()); exit()'],
  ['"""Resize all images."""\nimport os', 'Resize all images.'],
  ["'''\n  Resize all images\n\n  and more'''\nimport os", 'Resize all images'],
  ['r"""Read it"""', 'Read it'],
  ['import os  # (as always\nx = 1', 'x = 1'],
  ['importance = 1', 'importance = 1'],
  ['%matplotlib inline\n!pip install x\ndf.plot()', 'df.plot()'],
  ['import asyncio\n\nasync def main():\n    try:\n        await fetch()\n\nasyncio.run(main())', 'await fetch()'],
  ['if __name__ == "__main__":\n    work()', 'work()'],
  ['def maintain(): ...', 'def maintain(): ...'],
  ['import os\r\nx = 2\r\n', 'x = 2'],
  ['import os\nimport sys', 'import os'],
  ['# nothing', ''],
  ['', ''],
])('%j is told by %j', (code, line) => {
  expect(tellingLineOfProgram(code)).toBe(line)
})

test.each([
  ['\n=====\n  rows: 12 \nmore', 'rows: 12'],
  ['', ''],
  ['---\n', ''],
  ['100%|██████████| 10/10\nmandelbrot.png\n', 'mandelbrot.png'],
  ['━━━━━━━━ 1.2/1.2 MB\n', '━━━━━━━━ 1.2/1.2 MB'],
])('the output %j is told by %j', (output, line) => {
  expect(tellingLineOfOutput(output)).toBe(line)
})

test('a line is bounded, and only the beginning of a text is looked at', () => {
  expect(tellingLineOfProgram('x'.repeat(1_000_000))).toHaveLength(500)
  expect(tellingLineOfProgram('#\n'.repeat(1_000_000) + 'x = 1')).toBe('')
})

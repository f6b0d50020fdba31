/** Texts of programs, through what the runner and the interpreter make of them. */
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FUZZ_PATIENCE_MS, inputs, sayTheSeed } from '../../support/fuzz.ts'
import { longText, programText, validProgram } from '../../support/program-texts.ts'
import { type Reader, startReader } from './reader.ts'

interface Read {
  failed?: string
  is_python: boolean
  is_read: boolean
  is_changed: boolean
  repairs: string[]
  program: string
  lines: [number, number]
  at_start: string | null
}

let reader: Reader
beforeAll(async () => {
  sayTheSeed()
  reader = await startReader()
})
afterAll(() => reader?.stop())

test('no text is too odd to be read, and what was read can be started', { timeout: FUZZ_PATIENCE_MS }, async () => {
  await fc.assert(
    fc.asyncProperty(programText, async (text) => {
      const read = await reader.ask<Read>('read', text)
      expect(read.failed).toBeUndefined()
      expect(read.at_start).toBe(null)
      if (read.is_read) expect(read.lines[1]).toBe(read.lines[0])
      if (read.is_python) expect(read.is_read).toBe(true)
    }),
    inputs(2_100),
  )
})

test('a text that Python takes is left as it is', { timeout: FUZZ_PATIENCE_MS }, async () => {
  let taken = 0
  await fc.assert(
    fc.asyncProperty(fc.oneof(validProgram, programText), async (text) => {
      const read = await reader.ask<Read>('read', text)
      if (!read.is_python || mayOnlyFail(text)) return
      taken += 1
      expect(read).toMatchObject({ is_changed: false, program: text })
    }),
    inputs(1_000),
  )
  expect(taken).toBeGreaterThan(inputs(200).numRuns!)
})

/** Valid, and yet surely not meant: JSON around a program, a prompt before it, the name of a language above it. */
function mayOnlyFail(text: string): boolean {
  return /^\s*(?:\{|In ?\[|python3?\s*\n|py3?\s*\n)/i.test(text)
}

test('half a surrogate pair is no part of a cell, as no interpreter reads it', async () => {
  expect(await reader.ask<Read>('read', '%%bash\necho \ud800\n')).toMatchObject({ is_read: false })
})

test('a lone carriage return ends a line of a cell, as it does for the interpreter', async () => {
  expect(await reader.ask<Read>('read', 'x = %time \rIn [ ]:\n')).toMatchObject({ is_read: false })
  expect(await reader.ask<Read>('read', 'x = %time 1\rprint(x)\n')).toMatchObject({ is_read: true, at_start: null })
})

/** Whether a text of a length takes what that explains, and no square of it. */
async function expectLinear(how: 'program' | 'cell', parts: string[], chars: number): Promise<void> {
  const [short, long] = await reader.ask<[number, number]>('cost', how, parts, chars)
  // A square would be 64 times. What is below a twentieth of a second says nothing.
  expect(long, `${short} s, and ${long} s for eight times as much`).toBeLessThan(8 * 3 * Math.max(short, 0.05 / 8))
}

test.each<[string, 'program' | 'cell', string[], number]>([
  ['cell magics', 'cell', ['', '%%time\n', ''], 30_000],
  ['cell magics in a block', 'cell', ['', '  %%time\n', ''], 30_000],
  ['cell magics with blank lines', 'cell', ['', '%%capture\n\n\n', 'x'], 30_000],
  ['lines that go on', 'cell', ['!a \\\n', '\\\n', ''], 100_000],
  ['installations in a command', 'program', ['import os\nos.system("', 'pip install a ', '")'], 8_000],
])('what %s cost grows with their number', { timeout: FUZZ_PATIENCE_MS }, async (_what, how, parts, chars) => {
  await expectLinear(how, parts, chars)
})

test('what a long text costs grows with its length', { timeout: FUZZ_PATIENCE_MS }, async () => {
  await fc.assert(
    fc.asyncProperty(longText, (parts) => expectLinear('program', parts, 4_000)),
    inputs(50),
  )
})

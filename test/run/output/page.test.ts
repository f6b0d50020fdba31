/** A run's output by lines. */
import { expect, test } from 'vitest'
import { outputPage } from '../../../worker/run/output/page.ts'
import type { ReadStep } from '../../../worker/run/contract/readable-run.ts'
import { ShownOutput } from '../../../worker/run/output/shown-output.ts'

const out = (text: string): ReadStep => ({ n: 1, type: 'stdout', text })
const err = (text: string, skipped?: number): ReadStep => ({ n: 1, type: 'stderr', text, ...(skipped && { skipped }) })

async function* stream(steps: ReadStep[]): AsyncGenerator<ReadStep> {
  yield* steps
}
const pageOf = (steps: ReadStep[], from = 1, count = 100) => outputPage(stream(steps), from, count)

const ROWS = Array.from({ length: 5_000 }, (_, index) => out(`row ${index + 1}\n`))

test('a page is the lines that are asked for, and says how many there are', async () => {
  expect(await pageOf(ROWS, 4_000, 2)).toEqual({ text: 'row 4000\nrow 4001', from: 4_000, to: 4_001, total: 5_000 })
  expect(await pageOf(ROWS, 4_999, 10)).toMatchObject({ text: 'row 4999\nrow 5000', to: 5_000 })
  expect(await pageOf(ROWS, 5_001, 10)).toMatchObject({ text: '', from: 5_001, to: 5_000 })
  expect(await pageOf([])).toEqual({ text: '', from: 1, to: 0, total: 0 })
})

test('pages follow each other without a gap, however long the lines are', async () => {
  const long = Array.from({ length: 60 }, (_, index) => out(`${index} ${'x'.repeat(3_000)}\n`))
  let text = ''
  for (let from = 1; from <= 60;) {
    const page = await pageOf(long, from, 1_000)
    expect(page.text.length).toBeLessThanOrEqual(20_000)
    expect(page.to).toBeGreaterThanOrEqual(from)
    text += `${page.text}\n`
    from = page.to + 1
  }
  expect(text).toBe(long.map((step) => ('text' in step ? step.text : '')).join(''))
})

test('of a line without end a part is shown', async () => {
  const { text, total } = await pageOf([out(`${'x'.repeat(300_000)}\nlast\n`)])
  expect([total, text.length < 4_100, text.endsWith(' [… 296,000 characters of this line left out …]\nlast')]).toEqual([
    2,
    true,
    true,
  ])
})

test('both streams stand in the order in which they were printed', async () => {
  const { text } = await pageOf([out('a\n'), err('\r10%'), out('b\n'), err('\r90%\nd\n'), out('e\n')])
  expect(text).toBe('a\n[stderr] 90%\n[stdout] b\n[stderr] d\n[stdout] e')
  expect((await pageOf([out('Name? '), err('d\n')])).text).toBe('Name? \n[stderr] d')
})

test('what nobody has any more is said at its place', async () => {
  const { text } = await pageOf([out('a\nb'), { type: 'missed', chars: 73_000 }, out('c\n'), err('d\n', 4_900_000)])
  expect(text).toBe('a\nb\n[… 73,000 characters are not kept …]\nc\n[… 4.9 MB were dropped …]\n[stderr] d')
})

test('lines are folded and counted as in the result', async () => {
  const shown = new ShownOutput('stdout', 2_000)
  const steps = [out('\r1%\r2%\n'), ...Array.from({ length: 50 }, () => out('the same words\n')), ...ROWS]
  for (const step of steps) if ('text' in step) shown.add(step.text)
  const { text, wholeLines } = shown.shown()
  const { text: next } = await pageOf(steps, wholeLines + 1, 1)
  const before = text.slice(0, text.indexOf('\n[… ')).split('\n').at(-1)!
  expect(before).toMatch(/^row \d+$/)
  expect(next).toBe(`row ${Number(before.slice(4)) + 1}`)
})

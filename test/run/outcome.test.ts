/** The bounds of what a run's result holds. */
import { expect, test } from 'vitest'
import { OutcomeFold } from '../../worker/run/execution/outcome-fold.ts'

function changed(paths: string[]) {
  const fold = new OutcomeFold()
  for (const path of paths) fold.add({ n: 1, type: 'file', path, change: 'created', bytes: 1, mime: 'text/plain' })
  return fold.outcome('r_1', 'local')
}

test.each([
  ['many files', Array.from({ length: 1000 }, (_, n) => `${n}.txt`), 100],
  // Each is 4,000 characters of path, and 24,000 of URI.
  ['long paths', Array.from({ length: 50 }, (_, n) => `${n % 10}${'é'.repeat(3999)}`), 1],
])('of %s as many are listed as fit, and the others are counted', (_what, paths, listed) => {
  const outcome = changed(paths)
  expect(outcome.files).toHaveLength(listed)
  expect(outcome.omitted).toEqual([
    { path: '', reason: expect.stringContaining(`${paths.length - listed} more changed files`) },
  ])
  expect(JSON.stringify(outcome).length).toBeLessThan(100_000)
})

test('what is left out of the output is said, with the line from which on it can be read', () => {
  const fold = new OutcomeFold()
  for (let row = 0; row < 20_000; row++) fold.add({ n: row, type: 'stdout', text: `row ${row}\n` })
  const { stdout, cut, left_out } = fold.outcome('r_1', 'local')
  const shown = stdout.slice(0, stdout.indexOf('[… ')).split('\n').length - 1
  expect({ cut, left_out }).toEqual({
    cut: true,
    left_out: { from_line: shown + 1, within_line: false, dropped_bytes: 0 },
  })
  expect(stdout).toContain(`row ${shown - 1}\n[… `)

  fold.add({ n: 20_001, type: 'stderr', text: 'last\n', skipped: 1_000 })
  expect(fold.outcome('r_1', 'local').left_out).toEqual({ from_line: null, within_line: false, dropped_bytes: 1_000 })
})

test('of output that is shown whole nothing is said, however it was printed', () => {
  const fold = new OutcomeFold()
  for (let step = 0; step < 20_000; step++) fold.add({ n: step, type: 'stdout', text: `\rstep ${step}` })
  expect(fold.outcome('r_1', 'local')).toMatchObject({ cut: false, stdout: 'step 19999' })
  expect(fold.outcome('r_1', 'local')).not.toHaveProperty('left_out')
})

test('of workers that fail one like the other nothing is shown but what came before', () => {
  const fold = new OutcomeFold()
  const worker = 'Traceback (most recent call last):\nRuntimeError: \n'
  fold.add({ n: 1, type: 'stderr', text: `careful\n${worker}${worker}` })
  fold.add({
    ...{ n: 2, type: 'exit', status: 'error', exit_code: null, signal: 'SIGTERM', cut: false },
    error: { type: 'SpawnLoop', message: 'again and again', line: null, frame: null },
    usage: { wall_ms: 1, cpu_ms: 1, max_rss_bytes: 1 },
    bytes: { stdout: 0, stderr: 99 },
  })
  expect(fold.outcome('r_1', 'local').stderr).toBe('careful\n[… the tracebacks of its workers are left out …]\n')
})

/** The bounds of what a run's result holds. */
import { expect, test } from 'vitest'
import { OutcomeFold } from '../../worker/run/outcome.ts'

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

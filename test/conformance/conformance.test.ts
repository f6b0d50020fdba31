import { afterAll, beforeAll, expect, test } from 'vitest'

import { REQUIREMENTS, runRequirements } from './run.ts'
import { startTestEntry, type TestEntry } from './serve.ts'

let entry: TestEntry
beforeAll(async () => {
  entry = await startTestEntry()
}, 90_000)
afterAll(() => entry.stop())

test.each(Object.entries(REQUIREMENTS))(
  'every scored server scenario of %s passes',
  async (requirements, count) => {
    const scored = (await runRequirements(requirements, entry.url)).filter((result) => result.scored)
    expect(scored.filter((result) => result.failed > 0)).toEqual([])
    expect(scored).toHaveLength(count)
  },
  180_000,
)

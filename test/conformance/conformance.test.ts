import { afterAll, beforeAll, expect, test } from 'vitest'

import { REQUIREMENTS, runRequirements, type ScenarioResult, TASKS_SCENARIOS } from './run.ts'
import { startConformanceServer, type TestEntry } from './serve.ts'

const PATIENCE_MS = 180_000

let entry: TestEntry
/** By requirement set, once it was asked for. */
const results = new Map<string, Promise<ScenarioResult[]>>()
function resultsOf(requirements: string): Promise<ScenarioResult[]> {
  const known = results.get(requirements) ?? runRequirements(requirements, entry.url)
  results.set(requirements, known)
  return known
}

beforeAll(async () => {
  entry = await startConformanceServer()
}, 90_000)
afterAll(() => entry.stop())

test.each(Object.entries(REQUIREMENTS))(
  'every scored server scenario of %s passes',
  async (requirements, count) => {
    const scored = (await resultsOf(requirements)).filter((result) => result.scored)
    expect(scored.filter((result) => result.failed > 0)).toEqual([])
    expect(scored).toHaveLength(count)
  },
  PATIENCE_MS,
)

test(
  'every check of the tasks scenarios passes',
  async () => {
    const tasks = (await resultsOf('2026-07-28')).filter(({ scenario }) => scenario.startsWith('tasks-'))
    expect(tasks.flatMap(({ failures }) => failures)).toEqual([])
    expect(Object.fromEntries(tasks.map(({ scenario, passed }) => [scenario, passed]))).toEqual(TASKS_SCENARIOS)
  },
  PATIENCE_MS,
)

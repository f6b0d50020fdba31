/** Words that are searched for, as SQL and the full-text index get them. */
import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { searchLearnings } from '../../../worker/session/store/learnings-search.ts'
import { addLearning } from '../../../worker/session/store/learnings.ts'
import { migrate } from '../../../worker/session/store/migrations.ts'
import { FUZZ_PATIENCE_MS, inputs, sayTheSeed } from '../../support/fuzz.ts'
import { oddText } from '../../support/odd-values.ts'
import { withDatabase } from '../support/database.ts'

const NOW = Date.UTC(2026, 0, 1)

beforeAll(sayTheSeed)

test('any words find learnings or none, and each text finds itself', { timeout: FUZZ_PATIENCE_MS }, async () => {
  await withDatabase(async ({ sql, transaction }) => {
    migrate(sql, transaction)
    const facts = { kind: 'error' as const, failed_approach: '', context: '', tags: [] }
    addLearning(
      sql,
      { ...facts, problem: 'ValueError: bad thing', solution: 'do it well' },
      { via: 'tool', client: '', run_id: null },
      NOW,
    )
    fc.assert(
      fc.property(oddText, fc.constantFrom('', 'thing ', 'ValueError '), (text, before) => {
        const { learnings, total } = searchLearnings(sql, { search: before + text, limit: 5 }, NOW)
        expect(learnings.length).toBeLessThanOrEqual(total)
      }),
      inputs(1_550),
    )
  })
})

import { expect, test } from 'vitest'
import { patienceOf } from '../../worker/mcp/patience.ts'
import { MAX_TIMEOUT_S } from '../../worker/run/contract/bounds.ts'

test('a host that is known to wait is answered after the longest program', () => {
  for (const host of ['claude-code', 'opencode']) {
    expect(patienceOf(host, undefined, 50)).toBeGreaterThan(MAX_TIMEOUT_S)
  }
})

test('any other is answered after the default, and everybody after what the user has set', () => {
  expect([patienceOf('codex', undefined, 50), patienceOf('claude-code', 5, 50)]).toEqual([50, 5])
})

import type { Learning } from '../../worker/learning/learning.ts'

export const NOW = Date.UTC(2026, 0, 1)

let made = 0

export function aLearning(facts: Partial<Learning> = {}): Learning {
  return {
    id: `l_${String(++made).padStart(16, '0')}`,
    kind: 'error',
    problem: 'ValueError: bad thing',
    failed_approach: '',
    solution: 'do it well',
    context: '',
    tags: [],
    origin: { via: 'tool', client: 'test client', run_id: null },
    draft: false,
    success_count: 0,
    failure_count: 0,
    created_at: NOW,
    updated_at: NOW,
    used_at: null,
    ...facts,
  }
}

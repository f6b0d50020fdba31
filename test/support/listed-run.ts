/** A run as a list has it: one that has just worked, changed as a test needs it. */
import type { ListedRun } from '../../worker/run/contract/history.ts'

export function aListedRun(changes: Partial<ListedRun> = {}): ListedRun {
  return {
    id: 'r_0000000000000001',
    status: 'success',
    objective: '',
    description: '',
    headline: '',
    said: '',
    error: null,
    client: 'test',
    tool: 'run_python',
    created_at: 0,
    started_at: 0,
    ended_at: 10,
    wall_ms: 10,
    pictures: [],
    ...changes,
  }
}

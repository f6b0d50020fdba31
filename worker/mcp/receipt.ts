/** A run's receipt as clients read it, as a resource and over HTTP. */
import type { RunSummary, ShownRun } from './server.ts'

export function runSummary({ id, status, objective, created_at, ended_at }: RunSummary) {
  return {
    run_id: id,
    status,
    objective,
    created_at: new Date(created_at).toISOString(),
    ended_at: ended_at === null ? null : new Date(ended_at).toISOString(),
  }
}

export function runReceipt(run: ShownRun) {
  return { ...runSummary(run), outcome: run.outcome }
}

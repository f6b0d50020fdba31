/** The start of a session object: takes up the work of its former life, and answers the requests that wait for it. */
import { runResult } from '../../mcp/results/result.ts'
import { refusedResult } from '../../mcp/results/tool-result.ts'
import type { Caller } from '../../mcp/caller.ts'
import { notTriedAgain } from '../../run/execution/retry.ts'
import { platformErrorWords } from '../../run/words/platform.ts'
import { within } from '../../waiting.ts'
import type { Lane2025 } from './lane-2025.ts'
import type { LiveRuns } from '../runs/live-runs.ts'
import { findRun } from '../store/runs.ts'
import type { Sql } from '../store/sql.ts'

/** Longest time that a started object waits for the runner's word on the runs of its former life. */
const RECOVERY_MS = 3_000

export interface RecoverDeps {
  sql: Sql
  runs: LiveRuns
  lane: Lane2025
  caller: Caller
}

/** Resolves when the runner has given its word on the runs, or after three seconds. */
export async function recover({ sql, runs, lane, caller }: RecoverDeps): Promise<void> {
  const recovered = runs.recover()
  // A run may have ended before its call was answered: while its files were read, or before the next attempt of run_with_retry.
  const ended = lane.awaitedRuns().flatMap((id) => findRun(sql, id)?.outcome ?? [])
  const awaited = [...recovered, ...ended.map((outcome) => ({ id: outcome.run_id, outcome: Promise.resolve(outcome) }))]
  lane.answerAbandoned(new Set(awaited.map(({ id }) => id)))
  for (const run of awaited) {
    run.outcome
      .then((outcome) => runResult(notTriedAgain(outcome), caller))
      .catch((error: unknown) => refusedResult(platformErrorWords(error)))
      .then((result) => lane.answerRun(run.id, result))
      .catch((error: unknown) => {
        console.error(JSON.stringify({ event: 'recovery_failed', run: run.id, error: String(error) }))
      })
  }
  // No reader shall hear that a run goes on which the runner does not know.
  await within(Promise.all(recovered.map((run) => run.read().next())), RECOVERY_MS)
}

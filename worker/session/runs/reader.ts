/** Reading of runs, live and ended: from the live log, the kept log, and where those have a gap, the runner's. */
import { NoExecutor, RunnerError } from '../../run/contract/errors.ts'
import type { ReadStep } from '../../run/contract/readable-run.ts'
import type { Runner } from '../../run/contract/runner.ts'
import type { StepsPage } from '../../mcp/caller.ts'
import { BEGINNING, type EventId, parseEventId } from '../store/event-id.ts'
import { type NumberedItem, readRunLog } from '../store/run-logs.ts'
import { findRun } from '../store/runs.ts'
import type { Sql } from '../store/sql.ts'
import { keptEvents, runEvents } from './events.ts'
import type { LiveRun } from './live-run.ts'
import { stepsPage } from './steps-page.ts'

export interface RunReaderDeps {
  sql: Sql
  /** Throws NoExecutor. */
  executor: () => { runner: Runner }
  /** The run, if it is live. */
  live: (id: string) => LiveRun | undefined
}

export class RunReader {
  readonly #deps: RunReaderDeps

  constructor(deps: RunReaderDeps) {
    this.#deps = deps
  }

  /** Every event of a run after `after`, live or kept. `gone` ends the reading of a silent run. */
  events(id: string, after: EventId, gone: () => boolean): AsyncGenerator<NumberedItem> {
    const { sql, executor, live } = this.#deps
    async function* replay(attempt: string, n: number) {
      try {
        yield* executor().runner.attach(attempt, n)
      } catch (error) {
        // The runner has forgotten it, or is away: the gap stays.
        if (!(error instanceof RunnerError || error instanceof NoExecutor)) throw error
      }
    }
    const kept = (last: EventId) =>
      live(id)?.events(last) ?? keptEvents(readRunLog(sql, id), findRun(sql, id)?.outcome ?? null, last)
    return runEvents(id, after, { kept, replay }, gone)
  }

  /** Kept steps of a run after a position; of a live one those that come within `ms`. Null when there is no such run. */
  async steps(id: string, position: string | null, ms: number): Promise<StepsPage | null> {
    const { sql, live } = this.#deps
    const after = (position === null ? null : parseEventId(position)) ?? BEGINNING
    const coming = await live(id)?.next(after, ms)
    if (coming !== undefined) return stepsPage(coming, after)
    const run = findRun(sql, id)
    return run === null ? null : stepsPage(keptEvents(readRunLog(sql, id), run.outcome, after), after)
  }

  /** The steps of a run so far; of an ended run those that are still kept. */
  async *output(id: string): AsyncGenerator<ReadStep> {
    const live = this.#deps.live(id)
    if (live !== undefined) yield* live.kept()
    else for await (const { item } of this.events(id, BEGINNING, () => false)) yield item
  }
}

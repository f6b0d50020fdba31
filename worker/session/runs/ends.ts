/** The ends of runs: each is stored at once with all its changes, and remembered here while there is no room for it. */
import { quoteLearnings } from '../../learning/quote.ts'
import type { RunOutcome } from '../../run/contract/outcome.ts'
import { stepWithoutValues, withoutValues } from '../../run/program/env.ts'
import { notStoredWords } from '../../run/words/platform.ts'
import { learnFromRun } from '../store/learned-runs.ts'
import { insertRunLog } from '../store/run-logs.ts'
import { endRun } from '../store/runs.ts'
import type { Sql } from '../store/sql.ts'
import { idAfter } from '../store/event-id.ts'
import type { RunLog } from './log.ts'

export interface RunEndsDeps {
  sql: Sql
  /** Rolls back when its function throws. */
  transaction: <T>(work: () => T) => T
  now: () => number
}

/** A run as its end finds it. */
export interface EndingRun {
  id: string
  createdAt: number
  objective: string
  /** The program and its sender; null for a run of this object's former life. */
  sent: { code: string; client: string } | null
  /** Takes the values of its environment out of stored texts. */
  hide: (text: string) => string
  log: RunLog
}

export class RunEnds {
  readonly #deps: RunEndsDeps
  /** Ends that could not be stored. */
  readonly #unstored = new Map<string, { outcome: RunOutcome; store: () => void }>()

  constructor(deps: RunEndsDeps) {
    this.#deps = deps
  }

  /** The status of a run whose end could not be stored. */
  status(id: string): RunOutcome['status'] | undefined {
    return this.#unstored.get(id)?.outcome.status
  }

  /** The outcome of a run whose end could not be stored. Tries to store it. */
  unstored(id: string): RunOutcome | undefined {
    const kept = this.#unstored.get(id)
    if (kept === undefined) return undefined
    try {
      this.#deps.transaction(kept.store)
      this.#unstored.delete(id)
    } catch {
      // as before: there is no room
    }
    return kept.outcome
  }

  /**
   * Stores all changes of a run's end: its row and kept log, the learnings' counts, drafts, and the learnings shown with its failure.
   * Returns the outcome with these learnings and, where there was no room, a word about that.
   */
  store(run: EndingRun, outcome: RunOutcome, learns: boolean): RunOutcome {
    const { sql, transaction, now } = this.#deps
    const { id, log, hide } = run
    const end = (whole: RunOutcome) => endRun(sql, id, withoutValues(whole, hide), now())
    try {
      return transaction(() => {
        const whole = learns ? this.#withLearnings(run, outcome) : outcome
        end(whole)
        const place = idAfter(log.last, { type: 'outcome', outcome: whole })
        const kept = log.kept().map(({ id, item }) => ({ id, item: stepWithoutValues(item, hide) }))
        insertRunLog(sql, id, [...kept, { id: place, item: { type: 'outcome' } }])
        return whole
      })
    } catch (error) {
      // The caller gets the outcome, whatever becomes of its record.
      console.error(JSON.stringify({ event: 'run_not_stored', run: id, error: String(error) }))
      const whole = { ...outcome, hints: [...outcome.hints, notStoredWords(error)] }
      this.#unstored.set(id, { outcome: whole, store: () => end(whole) })
      return whole
    }
  }

  #withLearnings({ id, createdAt, objective, sent, hide }: EndingRun, outcome: RunOutcome): RunOutcome {
    // A former life's success could only be compared with its failures by the program, of which this life has no whole copy.
    const known = sent ?? (outcome.status === 'success' ? null : { code: '', client: '' })
    if (known === null) return outcome
    const ended = {
      run_id: id,
      objective,
      ...known,
      code: hide(known.code),
      outcome: withoutValues(outcome, hide),
      started_at: createdAt,
      now: this.#deps.now(),
    }
    try {
      const { shown } = this.#deps.transaction(() => learnFromRun(this.#deps.sql, ended))
      return { ...outcome, learnings: quoteLearnings(shown) }
    } catch (error) {
      // A run must not fail because nothing could be learned from it.
      console.error(JSON.stringify({ event: 'not_learned', run: id, error: String(error) }))
      return outcome
    }
  }
}

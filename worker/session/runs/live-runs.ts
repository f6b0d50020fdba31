/**
 * The one puller of run events. A run goes on whether anybody reads it or not: it is drained into its log, and every reader has a
 * cursor of its own. Each takes a place, for which it may have to wait; after an eviction the runs that were under
 * way are taken up again from the runner.
 */
import { argumentsOf, type Asked, objectiveOf } from '../../run/program/asked.ts'
import type { Checked } from '../../run/program/checked.ts'
import { hidingValues, stepWithoutValues, withoutValues } from '../../run/program/env.ts'
import { type ExecutorName, OutcomeFold, type RunOutcome, type ShownOutcome } from '../../run/outcome.ts'
import type { ReadableRun, ReadStep } from '../../run/readable-run.ts'
import { neverStarted, resume, run } from '../../run/run.ts'
import type { RunDeps, RunInput, RunStep } from '../../run/step.ts'
import { quoteLearnings } from '../../learning/quote.ts'
import { notStoredWords, platformErrorWords } from '../../run/words.ts'
import { NoExecutor, RunnerError } from '../../run/errors.ts'
import type { Runner } from '../../run/runner.ts'
import { within } from '../../waiting.ts'
import { BEGINNING, type EventId, idAfter } from './event-id.ts'
import type { Places } from './places.ts'
import { type NumberedItem, RunLog } from './log.ts'
import { keptEvents, runEvents } from './events.ts'
import { learnFromRun } from '../store/learned-runs.ts'
import { insertHistory, noteStart } from '../store/run-history.ts'
import { insertRunLog, readRunLog } from '../store/run-logs.ts'
import { endRun, endUnreadable, findRun, insertRun, markRunning, markStarting, unfinishedRuns } from '../store/runs.ts'
import type { Sql } from '../store/sql.ts'

/** How long a cancelled run may take to end before its caller is answered. */
const CANCEL_MS = 5_000

export interface LiveRunsDeps {
  sql: Sql
  /** Rolls back when its function throws. */
  transaction: <T>(work: () => T) => T
  /** Throws NoExecutor. */
  executor: () => { runner: Runner; name: ExecutorName }
  /** Keeps the object in memory while the work goes on. */
  keepAliveWhile: <T>(work: () => Promise<T>) => Promise<T>
  wait: (ms: number) => Promise<void>
  now: () => number
  places: Places
  /** An installation of a run, or an attempt at its program that was made again, took so long. */
  spent: (ms: number) => void
  /** Throws QuotaUsed when the user may start nothing more, NoExecutor when nothing here keeps to the user's network policy. */
  checkStart: () => void
  /** A run was accepted (no outcome yet) or has ended. */
  changed: (id: string, outcome?: RunOutcome) => void
}

/** A run that has not ended, or has just ended and is still being read. */
export interface LiveRun extends ReadableRun {
  readonly createdAt: number
  status: 'queued' | 'running'
  /** What it has come to until now. */
  soFar(): ShownOutcome
  /** Its steps after a step, with ids; `missed` where the log has a gap. */
  events(after: EventId): AsyncGenerator<NumberedItem>
  /** Every step that is there at this moment. */
  kept(): ReadStep[]
}

/** What is known of a run beside its outcome, and told to the learnings. */
interface Background {
  id: string
  createdAt: number
  objective: string
  /** The program and who sent it; null for a run of this object's former life. */
  sent: { code: string; client: string } | null
  /** Takes the values of its environment out of what is stored. */
  hide: (text: string) => string
  executor: ExecutorName
}

interface Driven extends Background {
  log: RunLog
  /** What the program has come to until now. */
  soFar: OutcomeFold
}

export class LiveRuns {
  readonly #deps: LiveRunsDeps
  readonly #live = new Map<string, LiveRun>()
  /** Runs that have ended and whose end could not be stored: told from here until it can be. */
  readonly #unstored = new Map<string, { outcome: RunOutcome; store: () => void }>()

  constructor(deps: LiveRunsDeps) {
    this.#deps = deps
  }

  get(id: string): LiveRun | undefined {
    return this.#live.get(id)
  }

  /** What a run has come to whose end could not be stored. Tries to store it. */
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

  /** Ends a run; resolves when it has ended, or after five seconds. Does nothing when it is not live. */
  async cancel(id: string): Promise<void> {
    const run = this.#live.get(id)
    if (run === undefined) return
    run.cancel()
    const over = run.outcome.then(
      () => {},
      () => {}, // it could not be started: it is over all the same
    )
    await within(over, CANCEL_MS)
  }

  /** The same for all of them. */
  async cancelAll(): Promise<void> {
    await Promise.all([...this.#live.keys()].map((id) => this.cancel(id)))
  }

  /** Every event of a run after `after`, live or from what is kept. */
  events(id: string, after: EventId, gone: () => boolean): AsyncGenerator<NumberedItem> {
    const { sql, executor } = this.#deps
    async function* replay(attempt: string, n: number) {
      try {
        yield* executor().runner.attach(attempt, n)
      } catch (error) {
        // Forgotten, or away: the gap stays.
        if (!(error instanceof RunnerError || error instanceof NoExecutor)) throw error
      }
    }
    const kept = (last: EventId) =>
      this.#live.get(id)?.events(last) ?? keptEvents(readRunLog(sql, id), findRun(sql, id)?.outcome ?? null, last)
    return runEvents(id, after, { kept, replay }, gone)
  }

  /** What a run has come to until now, step by step; of one that has ended as much as somebody still has. */
  async *output(id: string): AsyncGenerator<ReadStep> {
    const live = this.#live.get(id)
    if (live !== undefined) yield* live.kept()
    else for await (const { item } of this.events(id, BEGINNING, () => false)) yield item
  }

  /**
   * Accepts a run; `client` is the name of the MCP client that asks. Throws Busy when the queue is full, QuotaUsed, and
   * NoExecutor when there is nothing to run it in.
   */
  start(input: Omit<RunInput, 'id'>, asked: Asked, client: string): LiveRun {
    const { sql, now, transaction } = this.#deps
    this.#deps.checkStart()
    const { runner, name } = this.#deps.executor()
    const free = this.#deps.places.isFree()
    const id = `r_${crypto.randomUUID().replaceAll('-', '').slice(0, 16)}`
    const createdAt = now()
    const hide = hidingValues(input.env)
    const objective = hide(objectiveOf(asked))
    const status = free ? 'running' : 'queued'
    transaction(() => {
      insertRun(sql, { id, status, objective, timeout_s: input.timeout_s, created_at: createdAt })
      insertHistory(
        sql,
        id,
        hide(input.code),
        { ...asked, description: hide(asked.description) },
        argumentsOf(input, asked, client),
      )
    })
    this.#deps.changed(id)
    const background = { id, createdAt, objective, sent: { code: input.code, client }, hide, executor: name }
    const starting = (installed: string[], found: Checked) => {
      markStarting(sql, id, installed)
      noteStart(sql, id, found, now())
    }
    return this.#drive(background, status, (signal) =>
      run({ ...input, id }, this.#runDeps(runner, name, signal), starting),
    )
  }

  /**
   * Takes up the runs of this session's former life. They go on in the runner, so each takes a place, whether there is one or not: new
   * ones wait. One that was not started is lost, as its program is not kept as it was sent, and so is one whose runner knows nothing of
   * it, or whose row cannot be read.
   */
  recover(): LiveRun[] {
    const { runs: rows, unreadable } = unfinishedRuns(this.#deps.sql)
    for (const { row, id } of unreadable) {
      console.error(JSON.stringify({ event: 'run_unreadable', run: id.slice(0, 100) }))
      endUnreadable(this.#deps.sql, row, this.#deps.now())
    }
    if (rows.length === 0) return []
    let executor
    try {
      executor = this.#deps.executor()
    } catch (error) {
      if (!(error instanceof NoExecutor)) throw error
      for (const { id } of rows) endRun(this.#deps.sql, id, new OutcomeFold().outcome(id, 'local'), this.#deps.now())
      return []
    }
    const { runner, name } = executor
    return rows.map((row) =>
      this.#drive(
        {
          id: row.id,
          createdAt: row.created_at,
          objective: row.objective,
          sent: null,
          hide: (text) => text,
          executor: name,
        },
        'running',
        (signal) => {
          const { id, status, timeout_s, installed_packages, created_at } = row
          if (status === 'queued') return neverStarted(id, name, 'queued')
          if (installed_packages === null) return neverStarted(id, name, 'preparing')
          return resume({ id, timeout_s, installed_packages, created_at }, this.#runDeps(runner, name, signal))
        },
      ),
    )
  }

  #runDeps(runner: Runner, executor: ExecutorName, signal: AbortSignal): RunDeps {
    const { wait, now, spent } = this.#deps
    return { runner, executor, signal, wait, now, spent }
  }

  #drive(
    background: Background,
    status: LiveRun['status'],
    steps: (signal: AbortSignal) => AsyncGenerator<RunStep>,
  ): LiveRun {
    const { id, createdAt, executor } = background
    const log = new RunLog()
    const driven: Driven = { ...background, log, soFar: new OutcomeFold() }
    const abort = new AbortController()
    const pull = () => this.#deps.keepAliveWhile(() => this.#pull(driven, steps(abort.signal)))
    let begin = () => {} // it has begun
    const outcome =
      status === 'running'
        ? this.#occupy(pull)
        : new Promise<RunOutcome>((resolve, reject) => {
            const { places, sql } = this.#deps
            log.add({
              type: 'status',
              text: `Waiting for a place: ${this.#occupied(places.taken)}. It starts by itself.`,
            })
            begin = places.wait(() => {
              live.status = 'running'
              markRunning(sql, id)
              this.#occupy(pull).then(resolve, reject)
            })
          })
    const live: LiveRun = {
      id,
      createdAt,
      status,
      soFar: () => ({ ...driven.soFar.outcome(id, executor), status: live.status, usage: null }),
      read: async function* () {
        for await (const { item } of log.read()) yield item
      },
      events: (after) => log.read(after),
      kept: () => log.kept().map(({ item }) => item),
      outcome: outcome.finally(() => {
        this.#live.delete(id)
        log.end()
      }),
      cancel: () => {
        abort.abort()
        // A queued run is let through at once: it ends before it does anything.
        begin()
      },
    }
    // Without a reader a failure would be an unhandled rejection; whoever asks for the outcome gets it all the same.
    live.outcome.catch(() => {})
    this.#live.set(id, live)
    return live
  }

  /** What takes the places, for who waits for one. */
  #occupied(taken: number): string {
    const running = [...this.#live.values()].filter(({ status }) => status === 'running').map(({ id }) => id)
    const installing = taken - running.length
    const which = [...running, ...(installing > 0 ? [`${installing} of pip_install`] : [])].join(', ')
    return taken === 1 ? `one runs at a time (${which})` : `${taken} run at a time (${which})`
  }

  async #occupy<T>(work: () => Promise<T>): Promise<T> {
    const leave = this.#deps.places.take()
    try {
      return await work()
    } finally {
      leave()
    }
  }

  /** Drains a run into its log and its row. */
  async #pull(driven: Driven, steps: AsyncGenerator<RunStep>): Promise<RunOutcome> {
    const { id, executor, log } = driven
    try {
      for await (const step of steps) {
        if (step.type === 'heartbeat') continue
        if (step.type === 'outcome') return this.#conclude(driven, step.outcome)
        log.add(step)
        if (!('n' in step)) continue
        // After a late installation the program starts from the top, having printed nothing.
        if (step.type === 'started') driven.soFar = new OutcomeFold()
        driven.soFar.add(step)
      }
    } catch (error) {
      const outcome = driven.soFar.outcome(id, executor)
      const failure = { type: 'NotStarted', message: platformErrorWords(error), line: null, frame: null }
      this.#conclude(driven, { ...outcome, status: 'error', error: failure }, false)
      throw error
    }
    throw new Error(`run ${id} ended without an outcome`)
  }

  /** All that a run's end changes, at once: its row and kept log, the learnings' counts, drafts, and what its failure shows. */
  #conclude(driven: Driven, outcome: RunOutcome, learns = true): RunOutcome {
    const { sql, transaction, now, changed } = this.#deps
    const { id, log, hide } = driven
    const end = (whole: RunOutcome) => endRun(sql, id, withoutValues(whole, hide), now())
    let whole = outcome
    try {
      whole = transaction(() => {
        const whole = learns ? this.#withLearnings(driven, outcome) : outcome
        end(whole)
        const place = idAfter(log.last, { type: 'outcome', outcome: whole })
        const kept = log.kept().map(({ id, item }) => ({ id, item: stepWithoutValues(item, hide) }))
        insertRunLog(sql, id, [...kept, { id: place, item: { type: 'outcome' } }])
        return whole
      })
    } catch (error) {
      // What the program came to is told, whatever becomes of its record.
      console.error(JSON.stringify({ event: 'run_not_stored', run: id, error: String(error) }))
      whole = { ...outcome, hints: [...outcome.hints, notStoredWords(error)] }
      this.#unstored.set(id, { outcome: whole, store: () => end(whole) })
    }
    log.add({ type: 'outcome', outcome: whole })
    try {
      changed(id, whole)
    } catch (error) {
      console.error(JSON.stringify({ event: 'end_not_told', run: id, error: String(error) }))
    }
    return whole
  }

  #withLearnings({ id, createdAt, objective, sent, hide }: Driven, outcome: RunOutcome): RunOutcome {
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
      // A run does not fail over what could be learned from it.
      console.error(JSON.stringify({ event: 'not_learned', run: id, error: String(error) }))
      return outcome
    }
  }
}

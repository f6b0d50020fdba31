/**
 * The one puller of run events. A run goes on whether anybody reads it or not: it is drained into its log, and every reader has a cursor of
 * its own. Each takes a place, for which it may have to wait; after an eviction the unfinished runs are taken up again from the runner.
 */
import type { RunStatus } from '../../run/contract/history.ts'
import type { RunCall } from '../../run/contract/call.ts'
import type { ExecutorName, RunOutcome } from '../../run/contract/outcome.ts'
import { OutcomeFold } from '../../run/execution/outcome-fold.ts'
import { neverStarted, resume, run } from '../../run/execution/run.ts'
import { programKey } from '../../run/program/key.ts'
import type { OutcomeSoFar, RunDeps, RunInput, RunStep } from '../../run/contract/step.ts'
import { platformErrorWords } from '../../run/words/platform.ts'
import { NoExecutor } from '../../run/contract/errors.ts'
import type { Runner } from '../../run/contract/runner.ts'
import { Bell, within } from '../../waiting.ts'
import { acceptRun } from './accept.ts'
import { RunEnds, type EndingRun } from './ends.ts'
import type { LiveRun } from './live-run.ts'
import type { Places } from './places.ts'
import { RunLog } from './log.ts'
import { RunReader } from './reader.ts'
import { runMarks } from '../store/run-marks.ts'
import { endRun, endUnreadable, markRunning, unfinishedRuns } from '../store/runs.ts'
import type { Sql } from '../store/sql.ts'

/** Longest time that a cancelled run may take to end before its caller is answered. */
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
  /** Called with the duration of a run's installation, or of an attempt at its program that was made again. */
  spent: (ms: number) => void
  /** Throws QuotaUsed when the user may start nothing more, NoExecutor when nothing here keeps to the user's network policy. */
  checkStart: () => void
  /** Called when a run was accepted (no outcome yet) or has ended. */
  changed: (id: string, outcome?: RunOutcome) => void
  /** A run that had to wait for a place has got it. */
  began: (id: string) => void
}

/** A run under way. */
interface ActiveRun extends EndingRun {
  executor: ExecutorName
  /** The key of its program; null for a run of this object's former life. */
  key: () => string | null
  /** Fold of the program's events so far. */
  soFar: OutcomeSoFar
}

type Life = Pick<RunDeps, 'signal' | 'begun'>

export class LiveRuns {
  readonly #deps: LiveRunsDeps
  readonly #live = new Map<string, LiveRun>()
  /** Rings when a run was accepted. */
  readonly #accepted = new Bell()
  readonly #ends: RunEnds
  /** Reads runs of any kind. */
  readonly reader: RunReader

  constructor(deps: LiveRunsDeps) {
    this.#deps = deps
    this.#ends = new RunEnds(deps)
    const { sql, executor } = deps
    this.reader = new RunReader({ sql, executor, live: (id) => this.#live.get(id) })
  }

  get(id: string): LiveRun | undefined {
    return this.#live.get(id)
  }

  /** The outcome of a run whose end could not be stored. Tries to store it. */
  unstored(id: string): RunOutcome | undefined {
    return this.#ends.unstored(id)
  }

  /** The state of a run whose row has no end: that of the live run, that of an end that could not be stored, or lost. */
  standing(id: string): RunStatus {
    return this.#live.get(id)?.status ?? this.#ends.status(id) ?? 'lost'
  }

  /** The newest live run of a program, by its key; null when there is none within `ms`. */
  async findProgram(key: string, ms: number): Promise<string | null> {
    const find = () => [...this.#live.values()].findLast((run) => run.programKey() === key)?.id
    const until = Date.now() + ms
    let found = find()
    while (found === undefined && (await this.#accepted.nextWithin(until - Date.now()))) found = find()
    return found ?? null
  }

  /** Ends a run; resolves when it has ended, or after five seconds. Does nothing when it is not live. */
  async cancel(id: string): Promise<void> {
    const run = this.#live.get(id)
    if (run === undefined) return
    run.cancel()
    // A run that could not be started is over all the same.
    await within(Promise.allSettled([run.outcome]), CANCEL_MS)
  }

  /** Ends all runs. */
  async cancelAll(): Promise<void> {
    await Promise.all([...this.#live.keys()].map((id) => this.cancel(id)))
  }

  /**
   * Accepts a run; `client` is the name of the MCP client that asks. Throws Busy when the queue is full, QuotaUsed, and NoExecutor when
   * there is nothing to run it in.
   */
  start(input: Omit<RunInput, 'id'>, asked: RunCall, client: string): LiveRun {
    const { sql, now, transaction } = this.#deps
    this.#deps.checkStart()
    const { runner, name } = this.#deps.executor()
    const free = this.#deps.places.isFree()
    const id = `r_${crypto.randomUUID().replaceAll('-', '').slice(0, 16)}`
    const createdAt = now()
    const status = free ? 'running' : 'queued'
    const { objective, hide } = transaction(() =>
      acceptRun(sql, { id, status, createdAt }, { input, call: asked, client }),
    )
    const sent = { code: input.code, client }
    const key = () => programKey(input.code, asked.description)
    const about = { id, createdAt, objective, sent, hide, executor: name, key }
    const marks = runMarks(sql, id, now)
    const live = this.#drive(about, status, (life) => run({ ...input, id }, this.#runDeps(runner, name, life), marks))
    this.#deps.changed(id)
    this.#accepted.ring()
    return live
  }

  /**
   * Takes up the runs of this session's former life. They go on in the runner, so each takes a place, whether there is one or not: new ones
   * wait. Three kinds are lost: a run that was not started, as its program is not kept as it was sent, one that the runner does not know,
   * and one whose row cannot be read.
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
          key: () => null,
        },
        'running',
        (life) => {
          const { id, status, timeout_s, installed_packages, created_at } = row
          if (status === 'queued') return neverStarted(id, name, 'queued')
          if (installed_packages === null) return neverStarted(id, name, 'preparing')
          return resume({ id, timeout_s, installed_packages, created_at }, this.#runDeps(runner, name, life))
        },
      ),
    )
  }

  #runDeps(runner: Runner, executor: ExecutorName, life: Life): RunDeps {
    const { wait, now, spent } = this.#deps
    return { runner, executor, ...life, wait, now, spent }
  }

  #drive(
    about: Omit<ActiveRun, 'log' | 'soFar'>,
    status: LiveRun['status'],
    steps: (life: Life) => AsyncGenerator<RunStep>,
  ): LiveRun {
    const { id, createdAt, executor } = about
    const log = new RunLog()
    const active: ActiveRun = { ...about, log, soFar: new OutcomeFold() }
    const abort = new AbortController()
    const life: Life = { signal: abort.signal, begun: (soFar) => void (active.soFar = soFar) }
    const pull = () => this.#deps.keepAliveWhile(() => this.#pull(active, steps(life)))
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
              this.#deps.began(id)
              this.#occupy(pull).then(resolve, reject)
            })
          })
    let key: string | null = null
    const live: LiveRun = {
      id,
      createdAt,
      status,
      programKey: () => (key ??= about.key()),
      soFar: () => ({ ...active.soFar.outcome(id, executor), status: live.status, usage: null }),
      read: async function* () {
        for await (const { item } of log.read()) yield item
      },
      events: (after) => log.read(after),
      next: (after, ms) => log.next(after, ms),
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
    // Without a reader a failure would be an unhandled rejection; a caller that asks for the outcome gets it all the same.
    live.outcome.catch(() => {})
    this.#live.set(id, live)
    return live
  }

  /** The runs and installations that take the places, in words for a run that waits for one. */
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
  async #pull(active: ActiveRun, steps: AsyncGenerator<RunStep>): Promise<RunOutcome> {
    const { id, executor, log } = active
    try {
      for await (const step of steps) {
        if (step.type === 'heartbeat') continue
        if (step.type === 'outcome') return this.#conclude(active, step.outcome)
        log.add(step)
      }
    } catch (error) {
      const outcome = active.soFar.outcome(id, executor)
      const failure = { type: 'NotStarted', message: platformErrorWords(error), line: null, frame: null }
      this.#conclude(active, { ...outcome, status: 'error', error: failure }, false)
      throw error
    }
    throw new Error(`run ${id} ended without an outcome`)
  }

  /** Stores a run's end, and tells its readers and everybody else. */
  #conclude(run: ActiveRun, outcome: RunOutcome, learns = true): RunOutcome {
    const { id, log } = run
    const whole = this.#ends.store(run, outcome, learns)
    log.add({ type: 'outcome', outcome: whole })
    try {
      this.#deps.changed(id, whole)
    } catch (error) {
      console.error(JSON.stringify({ event: 'end_not_told', run: id, error: String(error) }))
    }
    return whole
  }
}

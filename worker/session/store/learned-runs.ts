/**
 * Effects of a run's end on the learnings: it moves the counts of learnings that earlier runs were shown, turns a solved failure into
 * drafts, and finds learnings for a new failure. All in the caller's transaction; doing it twice for one run changes nothing.
 */
import { draftsFrom, type Draft, errorText, type FailedAttempt, programText } from '../../learning/derive.ts'
import { fingerprint as fingerprintOf } from '../../learning/fingerprint.ts'
import { type Learning, LearningRefused } from '../../learning/learning.ts'
import { redact } from '../../learning/secrets/redact.ts'
import type { RunOutcome } from '../../run/contract/outcome.ts'
import { fittingLearnings } from './learnings-search.ts'
import { addLearning, getLearning, withWholeIndex } from './learnings.ts'
import { textOf } from './columns.ts'
import type { Sql } from './sql.ts'

/** Most learnings that a run shows. */
const SHOWN = 3
/** Stands for an error's fingerprint with learnings that a success showed. Nothing tells whether they helped, so no count moves. */
const WITH_SUCCESS = 'success'
/** Time that a shown learning waits for the run that tells whether it helped. Milliseconds. */
const SHOWN_KEPT_MS = 24 * 3_600_000
const MAX_SHOWN_ROWS = 1_000
/** Time that a failure waits for the success that explains it. Milliseconds. */
const FAILED_KEPT_MS = 7 * 24 * 3_600_000
const MAX_FAILED_ROWS = 200
/** Failed attempts of one objective from which drafts are made. */
const MAX_ATTEMPTS = 10

export interface EndedRun {
  run_id: string
  /** Trimmed and case-folded; empty = none. */
  objective: string
  code: string
  outcome: RunOutcome
  /** The name of the client that started it. */
  client: string
  /** Time at which it was accepted: it cannot have heeded learnings that were shown later. */
  started_at: number
  now: number
}

export interface LearningEffects {
  /** Learnings that fit a failure, or that deserve a look before a success is taken as done; at most three. */
  shown: Learning[]
  drafts: Learning[]
  /** Ids of learnings whose counts have moved. */
  moved: string[]
}

/** A cancelled or lost run proves nothing. */
export function learnFromRun(sql: Sql, run: EndedRun): LearningEffects {
  prune(sql, run.now)
  // A success without an objective is no news about anything that is kept here.
  if (run.outcome.status === 'success' && run.objective === '') return { shown: [], drafts: [], moved: [] }
  switch (run.outcome.status) {
    case 'success': {
      const settled = settleShown(sql, run, null)
      const shown = approachesTried(sql, run, settled.learnings)
      noteShown(sql, run, shown, WITH_SUCCESS)
      return { shown, moved: settled.learnings, drafts: addDrafts(sql, run, settled.runs) }
    }
    case 'error':
    case 'timeout':
      return learnFromFailure(sql, run)
    case 'cancelled':
    case 'lost':
      return { shown: [], drafts: [], moved: [] }
  }
}

function learnFromFailure(sql: Sql, run: EndedRun): LearningEffects {
  const { run_id, objective, client, now } = run
  if (sql('SELECT 1 FROM failed_runs WHERE run_id = ?', run_id).length > 0) {
    return { shown: shownIn(sql, run_id), drafts: [], moved: [] }
  }
  const error = run.outcome.error ?? { type: 'Failure', message: endText(run.outcome), frame: null }
  // A secret in an error would differ from time to time, and would be stored.
  const print = fingerprintOf({ ...error, message: redact(error.message), frame: error.frame && redact(error.frame) })
  const text = errorText(error)
  const moved = settleShown(sql, run, print).learnings
  const shown = fittingLearnings(sql, { fingerprint: print, message: text, objective }, SHOWN, now)
  noteShown(sql, run, shown, print)
  sql(
    'INSERT INTO failed_runs (run_id, objective, fingerprint, error, program, client, failed_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    run_id,
    objective,
    print,
    text,
    // Without an objective no success can be known to be its solution.
    objective === '' ? '' : programText(run.code),
    client.slice(0, 100),
    now,
  )
  return { shown, drafts: [], moved }
}

function noteShown(
  sql: Sql,
  { run_id, objective, now }: EndedRun,
  shown: Learning[],
  fingerprint: string | null,
): void {
  for (const { id } of shown) {
    sql(
      'INSERT OR IGNORE INTO learnings_shown (run_id, learning_id, fingerprint, objective, shown_at) VALUES (?, ?, ?, ?, ?)',
      run_id,
      id,
      fingerprint,
      objective,
      now,
    )
  }
}

/**
 * Known approaches that do not do this objective's job, although they run. `heeded`: learnings that a failure before was shown. Each is
 * shown once in SHOWN_KEPT_MS: a program that runs daily has heeded it.
 */
function approachesTried(sql: Sql, { objective, now }: EndedRun, heeded: string[]): Learning[] {
  if (objective === '') return []
  const before = sql(
    'SELECT learning_id FROM learnings_shown WHERE objective = ? AND fingerprint = ?',
    objective,
    WITH_SUCCESS,
  ).map((row) => textOf(row['learning_id']))
  return fittingLearnings(sql, { fingerprint: null, message: '', objective }, Infinity, now)
    .filter(({ kind, id }) => kind === 'semantic' && !heeded.includes(id) && !before.includes(id))
    .slice(0, SHOWN)
}

function shownIn(sql: Sql, run_id: string): Learning[] {
  return sql('SELECT learning_id FROM learnings_shown WHERE run_id = ?', run_id)
    .map((row) => getLearning(sql, textOf(row['learning_id'])))
    .filter((learning) => learning !== null)
}

/**
 * Moves the counts of learnings that were shown before this run began; returns them, and the failed runs that had been shown them. A
 * learning helped when the objective has now succeeded; it did not when the same error is back, whatever the objective. Another error of
 * the same objective proves nothing: the next run will.
 */
function settleShown(sql: Sql, run: EndedRun, fingerprint: string | null): { learnings: string[]; runs: Set<string> } {
  const success = run.outcome.status === 'success'
  const told = success
    ? sql(
        `SELECT run_id, learning_id FROM learnings_shown
          WHERE objective = ? AND objective <> '' AND shown_at <= ? AND fingerprint IS NOT ?`,
        run.objective,
        run.started_at,
        WITH_SUCCESS,
      )
    : sql(
        `SELECT run_id, learning_id FROM learnings_shown WHERE shown_at <= ? AND
          (fingerprint = ? OR (fingerprint IS NULL AND ? IS NULL AND objective = ? AND objective <> ''))`,
        run.started_at,
        fingerprint,
        fingerprint,
        run.objective,
      )
  for (const { run_id, learning_id } of told) {
    sql('DELETE FROM learnings_shown WHERE run_id = ? AND learning_id = ?', run_id!, learning_id!)
  }
  // A learning that several failures showed has been tried once.
  const ids = [...new Set(told.map((row) => textOf(row['learning_id'])))]
  const count = success ? 'success_count' : 'failure_count'
  for (const id of ids) sql(`UPDATE learnings SET ${count} = ${count} + 1, used_at = ? WHERE id = ?`, run.now, id)
  return { learnings: ids, runs: new Set(told.map((row) => textOf(row['run_id']))) }
}

/** Makes drafts of solved failures. `helped`: failed runs that were shown a learning, which has just helped: their solution is known. */
function addDrafts(sql: Sql, run: EndedRun, helped: Set<string>): Learning[] {
  if (run.objective === '') return []
  const rows = sql(
    `SELECT * FROM failed_runs WHERE objective = ? AND objective <> '' AND failed_at <= ? ORDER BY failed_at DESC LIMIT ?`,
    run.objective,
    run.started_at,
    MAX_ATTEMPTS,
  )
  const attempts = rows.toReversed().map((row): FailedAttempt => ({
    run_id: textOf(row['run_id']),
    error: textOf(row['error']),
    fingerprint: textOf(row['fingerprint']) || null,
    program: textOf(row['program']),
    helped: helped.has(textOf(row['run_id'])),
  }))
  sql(
    `DELETE FROM failed_runs WHERE objective = ? AND objective <> '' AND failed_at <= ?`,
    run.objective,
    run.started_at,
  )
  return draftsFrom(attempts, run.objective, programText(run.code))
    .map((draft) => addDraft(sql, draft, run))
    .filter((learning) => learning !== null)
}

/** Stores the newest solution of an error under an objective, in place of an older draft, unless that has proved itself. */
function addDraft(sql: Sql, { texts, fingerprint, objective }: Draft, run: EndedRun): Learning | null {
  withWholeIndex(sql, () =>
    sql(
      `DELETE FROM learnings WHERE objective = ? AND objective <> '' AND fingerprint IS ? AND draft = 1 AND success_count = 0
        AND problem = ? AND solution <> ?`,
      objective,
      fingerprint,
      texts.problem,
      texts.solution,
    ),
  )
  const origin = { via: 'draft' as const, client: run.client, run_id: run.run_id }
  try {
    return addLearning(sql, texts, origin, run.now, { draft: true, fingerprint, objective }).learning
  } catch (error) {
    if (error instanceof LearningRefused) return null // no room is made for a draft, and a run does not fail over one
    throw error
  }
}

function endText({ status, exit_code, signal }: RunOutcome): string {
  if (status === 'timeout') return 'the program was stopped at its time-out'
  return signal === null ? `the program ended with exit code ${exit_code}` : `the program was ended by ${signal}`
}

/** What is too old, and the oldest of too many. */
function prune(sql: Sql, now: number): void {
  sql(
    `DELETE FROM learnings_shown WHERE shown_at <
      max(?1, ifnull((SELECT shown_at FROM learnings_shown ORDER BY shown_at DESC LIMIT 1 OFFSET ?2), ?1))`,
    now - SHOWN_KEPT_MS,
    MAX_SHOWN_ROWS,
  )
  sql(
    `DELETE FROM failed_runs WHERE failed_at <
      max(?1, ifnull((SELECT failed_at FROM failed_runs ORDER BY failed_at DESC LIMIT 1 OFFSET ?2), ?1))`,
    now - FAILED_KEPT_MS,
    MAX_FAILED_ROWS,
  )
}

/** Rows of runs: one from the moment a run is accepted, completed with its outcome. */
import { z } from 'zod'
import { type RunOutcome, runOutcome, type ShownOutcome, shownOutcome } from '../../run/outcome.ts'
import { MAX_TASKS, TASK_TTL_MS } from '../../settings/settings.ts'
import { noteEnd } from './run-history.ts'
import type { Sql } from './sql.ts'

/** Ended runs that are kept beside those that are promised, and for how long (milliseconds); their logs go with them. */
const KEPT_RUNS = 200
const KEPT_MS = 30 * 24 * 3_600_000

interface RunSummary {
  id: string
  /** A RunOutcome's status, or `queued`, `running`. */
  status: ShownOutcome['status']
  objective: string
  timeout_s: number
  created_at: number
  ended_at: number | null
  /** Until when it is promised to stay; null when it was never handed out as a task. */
  task_until: number | null
}

export interface RunRow extends RunSummary {
  /** What was installed for the program before it was started; null until then. */
  installed_packages: string[] | null
  outcome: RunOutcome | null
}

const packages = z.array(z.string())

export function insertRun(
  sql: Sql,
  row: Pick<RunRow, 'id' | 'status' | 'objective' | 'timeout_s' | 'created_at'>,
): void {
  sql(
    'INSERT INTO runs (id, status, objective, timeout_s, created_at) VALUES (?, ?, ?, ?, ?)',
    row.id,
    row.status,
    row.objective,
    row.timeout_s,
    row.created_at,
  )
}

export function markRunning(sql: Sql, id: string): void {
  sql(`UPDATE runs SET status = 'running' WHERE id = ?`, id)
}

/** The program is about to be started. */
export function markStarting(sql: Sql, id: string, installed: string[]): void {
  sql('UPDATE runs SET installed_packages = ? WHERE id = ?', JSON.stringify(installed), id)
}

export function endRun(sql: Sql, id: string, outcome: RunOutcome, now: number): void {
  sql(
    'UPDATE runs SET status = ?, outcome = ?, ended_at = ? WHERE id = ?',
    outcome.status,
    JSON.stringify(outcome),
    now,
    id,
  )
  noteEnd(sql, id, outcome)
  pruneRuns(sql, now)
}

export function pruneRuns(sql: Sql, now: number): void {
  sql('DELETE FROM runs WHERE ended_at < ?', now - KEPT_MS)
  sql(
    `DELETE FROM runs WHERE ended_at IS NOT NULL AND (task_until IS NULL OR task_until < ?) AND id NOT IN
      (SELECT id FROM runs WHERE ended_at IS NOT NULL ORDER BY created_at DESC, rowid DESC LIMIT ?)`,
    now,
    KEPT_RUNS,
  )
}

/** Promises that a run stays for TASK_TTL_MS from its start, however many follow. False when MAX_TASKS are promised already. */
export function promiseTask(sql: Sql, id: string, now: number): boolean {
  const [row] = sql('SELECT count(*) AS promised FROM runs WHERE task_until >= ?', now)
  if (Number(row?.['promised']) >= MAX_TASKS) return false
  sql('UPDATE runs SET task_until = created_at + ? WHERE id = ?', TASK_TTL_MS, id)
  return true
}

export function findRun(sql: Sql, id: string): RunRow | null {
  const [row] = sql('SELECT * FROM runs WHERE id = ?', id)
  return row ? toRunRow(row) : null
}

export function unfinishedRuns(sql: Sql): RunRow[] {
  return sql(`SELECT * FROM runs WHERE ended_at IS NULL ORDER BY created_at`).map(toRunRow)
}

function toRunRow(row: ReturnType<Sql>[number]): RunRow {
  const parsed = typeof row['outcome'] === 'string' ? runOutcome.safeParse(JSON.parse(row['outcome'])) : null
  // A row of another version than this code's is shown without its outcome rather than not at all.
  const outcome = parsed?.success === true ? parsed.data : null
  const installed = row['installed_packages']
  const installed_packages = typeof installed === 'string' ? packages.parse(JSON.parse(installed)) : null
  return { ...toRow(row), installed_packages, outcome }
}

function toRow(row: ReturnType<Sql>[number]): RunSummary {
  return {
    id: String(row['id']),
    status: shownOutcome.shape.status.parse(row['status']),
    objective: String(row['objective']),
    timeout_s: Number(row['timeout_s']),
    created_at: Number(row['created_at']),
    ended_at: row['ended_at'] === null ? null : Number(row['ended_at']),
    task_until: row['task_until'] === null ? null : Number(row['task_until']),
  }
}

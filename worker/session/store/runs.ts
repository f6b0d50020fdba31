/** Rows of runs: one from the moment a run is accepted, completed with its outcome. */
import * as z from 'zod'
import { type RunSummary, runStatus } from '../../run/contract/history.ts'
import { isUnderWay, type RunOutcome, runOutcome } from '../../run/contract/outcome.ts'
import { MAX_TASKS, MAX_TIMEOUT_S, TASK_TTL_MS } from '../../run/contract/bounds.ts'
import { orElse, readStored, readStoredJson, storedTime, UNREADABLE } from '../../stored.ts'
import { textOf, timeOf } from './columns.ts'
import { noteEnd } from './run-history.ts'
import { notePictures } from './run-pictures.ts'
import type { Sql, SqlValue } from './sql.ts'

/** Most ended runs that are kept beside the promised ones, and how long they are kept (milliseconds); their logs go with them. */
const KEPT_RUNS = 200
const KEPT_MS = 30 * 24 * 3_600_000

export interface RunRow extends RunSummary {
  timeout_s: number
  /** End of the promise to keep it; null when it was never handed out as a task. */
  task_until: number | null
  /** Distributions that were installed for the program before it was started; null until then. */
  installed_packages: string[] | null
  /** Null until its end, and when it cannot be read. */
  outcome: RunOutcome | null
}

const packages = z.array(z.string())
const seconds = z.number().positive()

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

export function endRun(sql: Sql, id: string, outcome: RunOutcome, now: number): void {
  sql(
    'UPDATE runs SET status = ?, outcome = ?, ended_at = ? WHERE id = ?',
    outcome.status,
    JSON.stringify(outcome),
    now,
    id,
  )
  noteEnd(sql, id, outcome)
  notePictures(sql, id, outcome)
  pruneRuns(sql, now)
}

export function pruneRuns(sql: Sql, now: number): void {
  // By the index of `created_at`, as no run ends before it is made.
  sql('DELETE FROM runs WHERE created_at < ? AND ended_at < ?', now - KEPT_MS, now - KEPT_MS)
  sql(
    `DELETE FROM runs WHERE ended_at IS NOT NULL AND (task_until IS NULL OR task_until < ?) AND rowid IN
      (SELECT rowid FROM runs WHERE ended_at IS NOT NULL ORDER BY created_at DESC, rowid DESC LIMIT -1 OFFSET ?)`,
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

/** `unreadable`: rows that cannot be read well enough to go on with them. */
export function unfinishedRuns(sql: Sql): { runs: RunRow[]; unreadable: { row: number; id: string }[] } {
  const runs: RunRow[] = []
  const unreadable: { row: number; id: string }[] = []
  for (const row of sql('SELECT rowid AS row, * FROM runs WHERE ended_at IS NULL ORDER BY created_at')) {
    const run = toRunRow(row)
    if (run.id !== '' && isUnderWay(run.status)) runs.push(run)
    else unreadable.push({ row: Number(row['row']), id: run.id })
  }
  return { runs, unreadable }
}

/** Ends a run whose row cannot be read well enough. Its readable columns are kept: another version may have written them. */
export function endUnreadable(sql: Sql, row: number, now: number): void {
  sql('UPDATE runs SET ended_at = ? WHERE rowid = ?', now, row)
}

function toRunRow(row: ReturnType<Sql>[number]): RunRow {
  const { status, created_at, ended_at } = standingOf(row)
  const installed = row['installed_packages']
  return {
    id: textOf(row['id']),
    status,
    objective: textOf(row['objective']),
    timeout_s: orElse(readStored(seconds, row['timeout_s']), MAX_TIMEOUT_S),
    created_at,
    ended_at,
    task_until: timeOf(row['task_until']),
    // Any value in the column proves that the program was started.
    installed_packages: installed === null ? null : orElse(readStoredJson(packages, installed), []),
    outcome: orElse(readStoredJson(runOutcome, row['outcome']), null),
  }
}

/** The state of a run. One without a valid state is lost; a time that cannot be read is 1970. */
export function standingOf(row: Record<string, SqlValue>): Pick<RunSummary, 'status' | 'created_at' | 'ended_at'> & {
  isReadable: boolean
} {
  const status = readStored(runStatus, row['status'])
  const created_at = readStored(storedTime, row['created_at'])
  const ended_at = readStored(storedTime.nullable(), row['ended_at'])
  const isReadable =
    status !== UNREADABLE &&
    created_at !== UNREADABLE &&
    ended_at !== UNREADABLE &&
    !(isUnderWay(status) && ended_at !== null)
  return {
    status: isReadable ? status : 'lost',
    created_at: orElse(created_at, 0),
    ended_at: orElse(ended_at, 0),
    isReadable,
  }
}

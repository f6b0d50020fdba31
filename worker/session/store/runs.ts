/** Rows of runs: one from the moment a run is accepted, completed with its outcome. */
import { z } from 'zod'
import { type RunOutcome, runOutcome } from '../../run/outcome.ts'
import type { Sql } from './sql.ts'

/** Ended runs that are kept; older ones are deleted. */
const KEPT_RUNS = 200

const status = z.enum([...runOutcome.shape.status.options, 'queued', 'running'])

export interface RunRow {
  id: string
  /** A RunOutcome's status, or `queued`, `running`. */
  status: z.infer<typeof status>
  objective: string
  timeout_s: number
  created_at: number
  ended_at: number | null
  outcome: RunOutcome | null
}

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
  sql(
    `DELETE FROM runs WHERE ended_at IS NOT NULL AND created_at <
      (SELECT created_at FROM runs ORDER BY created_at DESC LIMIT 1 OFFSET ?)`,
    KEPT_RUNS,
  )
}

/** Forgets a run that never came to anything, because the platform failed before its program started. */
export function deleteRun(sql: Sql, id: string): void {
  sql('DELETE FROM runs WHERE id = ?', id)
}

export function findRun(sql: Sql, id: string): RunRow | null {
  const [row] = sql('SELECT * FROM runs WHERE id = ?', id)
  return row ? toRunRow(row) : null
}

/** Newest first. */
export function listRuns(sql: Sql, limit: number): RunRow[] {
  return sql('SELECT * FROM runs ORDER BY created_at DESC, id LIMIT ?', limit).map(toRunRow)
}

export function unfinishedRuns(sql: Sql): RunRow[] {
  return sql(`SELECT * FROM runs WHERE ended_at IS NULL ORDER BY created_at`).map(toRunRow)
}

function toRunRow(row: ReturnType<Sql>[number]): RunRow {
  const parsed = typeof row['outcome'] === 'string' ? runOutcome.safeParse(JSON.parse(row['outcome'])) : null
  return {
    id: String(row['id']),
    status: status.parse(row['status']),
    objective: String(row['objective']),
    timeout_s: Number(row['timeout_s']),
    created_at: Number(row['created_at']),
    ended_at: row['ended_at'] === null ? null : Number(row['ended_at']),
    // A row of another version than this code's is shown without its outcome rather than not at all.
    outcome: parsed?.success === true ? parsed.data : null,
  }
}

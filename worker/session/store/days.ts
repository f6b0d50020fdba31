/** Runs by day, of those that are kept. */
import type { Sql } from './sql.ts'

/** Runs of one day (UTC). */
export interface DayOfRuns {
  /** `2026-11-28` */
  day: string
  runs: number
  /** Of these, those that failed. */
  failed: number
  /** Time that they took, together. */
  wall_ms: number
}

const DAY_MS = 24 * 60 * 60 * 1000

/** The days since `since` (milliseconds since 1970) on which there were runs, oldest first. Rows with a damaged time are left out. */
export function runsByDay(sql: Sql, since: number): DayOfRuns[] {
  const rows = sql(
    `SELECT runs.created_at / ${DAY_MS} AS day, COUNT(*) AS runs,
      SUM(runs.status IN ('error', 'timeout', 'lost')) AS failed,
      SUM(CASE WHEN TYPEOF(run_history.wall_ms) IN ('integer', 'real') THEN run_history.wall_ms ELSE 0 END) AS wall_ms
    FROM runs LEFT JOIN run_history ON run_history.run_id = runs.id
    WHERE TYPEOF(runs.created_at) = 'integer' AND runs.created_at BETWEEN ? AND 8640000000000000
    GROUP BY 1 ORDER BY 1`,
    since,
  )
  return rows.map(({ day, runs, failed, wall_ms }) => {
    const date = new Date(Number(day) * DAY_MS).toISOString().slice(0, 10)
    return { day: date, runs: Number(runs), failed: Number(failed), wall_ms: Number(wall_ms) }
  })
}

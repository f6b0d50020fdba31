/** What later runs have done to the files of a run. */
import * as z from 'zod'
import { orElse, readStoredJson } from '../../stored.ts'
import { timeOf } from './columns.ts'
import { findRun } from './runs.ts'
import type { Sql } from './sql.ts'

const file = z.object({
  path: z.string(),
  change: z.enum(['created', 'changed', 'deleted']),
  shared: z.literal(true).optional(),
})
export type ChangedSince = Omit<z.infer<typeof file>, 'shared'>

/**
 * The files of a run that later runs reported, each with the last change. Of a run that was live together with it, what either may have
 * done does not count.
 */
export function changedSince(sql: Sql, id: string): ChangedSince[] {
  const { ended_at = null, outcome = null } = findRun(sql, id) ?? {}
  if (ended_at === null || outcome === null || outcome.files.length === 0) return []
  const rows = sql(
    `SELECT made.value AS file, created_at
      FROM runs, json_each(CASE WHEN json_valid(outcome) THEN outcome ELSE '{}' END, '$.files') AS made
      WHERE (ended_at, runs.rowid) > (?1, (SELECT rowid FROM runs WHERE id = ?2))
        AND CASE made.type WHEN 'object' THEN json_extract(made.value, '$.path') IN (SELECT value FROM json_each(?3)) END
      ORDER BY ended_at, runs.rowid`,
    ended_at,
    id,
    JSON.stringify(outcome.files.map(({ path }) => path)),
  )
  const last = new Map<string, ChangedSince>()
  for (const row of rows) {
    const read = orElse(readStoredJson(file, row['file']), null)
    if (read === null) continue
    const { path, change, shared = false } = read
    if (!shared || (timeOf(row['created_at']) ?? 0) >= ended_at) last.set(path, { path, change })
  }
  return [...last.values()]
}

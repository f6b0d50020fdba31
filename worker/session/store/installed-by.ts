/** The newest run that installed each distribution, by `name==version`, as far as runs are kept. */
import * as z from 'zod'
import { readStoredJson, UNREADABLE } from '../../stored.ts'
import { textOf } from './columns.ts'
import type { Sql } from './sql.ts'

const packages = z.array(z.string())

export function runsThatInstalled(sql: Sql): Map<string, string> {
  const rows = sql(
    `SELECT id, COALESCE(json_extract(CASE WHEN json_valid(outcome) THEN outcome END, '$.installed_packages'),
      installed_packages) AS installed
    FROM runs WHERE TYPEOF(outcome) IN ('text', 'null') ORDER BY created_at`,
  )
  const found = new Map<string, string>()
  for (const { id, installed } of rows) {
    const names = readStoredJson(packages, installed)
    if (names !== UNREADABLE) for (const name of names) found.set(name, textOf(id))
  }
  return found
}

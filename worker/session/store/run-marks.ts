/** Marks of a run's way to the runner in its rows, from which an object that is started anew knows it. */
import type { RunMarks } from '../../run/contract/step.ts'
import { noteStart } from './run-history.ts'
import type { Sql } from './sql.ts'

export function runMarks(sql: Sql, id: string, now: () => number): RunMarks {
  const setInstalled = (packages: string | null) => {
    sql('UPDATE runs SET installed_packages = ? WHERE id = ?', packages, id)
  }
  return {
    sent: (installed) => setInstalled(JSON.stringify(installed)),
    read: (found) => noteStart(sql, id, found, now()),
    held: () => setInstalled(null),
  }
}

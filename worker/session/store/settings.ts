/** What the user changed of the settings; everything else is the default of the code. */
import { DEFAULTS, type Settings } from '../../settings/settings.ts'
import type { Sql } from './sql.ts'

export function readSettings(sql: Sql): Settings {
  const changed = sql('SELECT key, value FROM settings').map((row) => [row['key'], JSON.parse(String(row['value']))])
  return { ...DEFAULTS, ...Object.fromEntries(changed) }
}

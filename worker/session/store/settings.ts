/** What the user changed of the settings; everything else is the default of the code. */
import { storedSetting } from '../../settings/setting-text.ts'
import {
  effectiveSettings,
  type Overrides,
  type SettingKey,
  type Settings,
  type SettingValue,
} from '../../settings/settings.ts'
import type { Sql } from './sql.ts'

export function readSettings(sql: Sql): Settings {
  return effectiveSettings(readOverrides(sql))
}

/** Only what was changed. A row that today's schema refuses counts as not there: its key has the default. */
export function readOverrides(sql: Sql): Overrides {
  const overrides = new Map<SettingKey, SettingValue>()
  for (const row of sql('SELECT key, value FROM settings')) {
    const stored = storedSetting(String(row['key']), fromJson(String(row['value'])))
    if (stored) overrides.set(stored.key, stored.value)
  }
  return overrides
}

/** Stores a checked value. */
export function writeSetting(sql: Sql, key: SettingKey, value: SettingValue): void {
  sql(
    'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    key,
    JSON.stringify(value),
  )
}

export function resetSetting(sql: Sql, key: SettingKey): void {
  sql('DELETE FROM settings WHERE key = ?', key)
}

/** Everything back to the defaults, with rows that no longer mean anything. */
export function resetSettings(sql: Sql): void {
  sql('DELETE FROM settings')
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // a row that nobody can read: its key has the default
  }
}

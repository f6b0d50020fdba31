/** What the user changed of the settings; everything else is the default of the code. */
import * as z from 'zod'
import { storedSetting } from '../../settings/setting-text.ts'
import {
  effectiveSettings,
  type Overrides,
  type SettingKey,
  type Settings,
  type SettingValue,
} from '../../settings/settings.ts'
import { readStoredJson, UNREADABLE } from '../../stored.ts'
import { textOf } from './columns.ts'
import type { Sql } from './sql.ts'

const anything = z.unknown()

export function readSettings(sql: Sql): Settings {
  return effectiveSettings(readOverrides(sql))
}

/** Only what was changed. A row that today's schema refuses counts as not there: its key has the default. */
export function readOverrides(sql: Sql): Overrides {
  const overrides = new Map<SettingKey, SettingValue>()
  for (const row of sql('SELECT key, value FROM settings')) {
    const value = readStoredJson(anything, row['value'])
    const stored = value === UNREADABLE ? undefined : storedSetting(textOf(row['key']), value)
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

/** Settings that the user changed; all others have the default of the code. */
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

interface Read {
  /** The rows that were read, as text. */
  rows: string
  overrides: Overrides
  settings: Readonly<Settings>
}

/** The last reading of each object. A call asks several times, and checking every value costs far more than finding the rows unchanged. */
const lastRead = new WeakMap<Sql, Read>()

export function readSettings(sql: Sql): Readonly<Settings> {
  return read(sql).settings
}

/** Changed settings only. A row that today's schema refuses counts as not there: its key has the default. */
export function readOverrides(sql: Sql): Overrides {
  return read(sql).overrides
}

/** Reads the rows, or returns the last reading of equal rows: they mean the same, whoever wrote them and whatever was rolled back. */
function read(sql: Sql): Read {
  const found = sql('SELECT key, value FROM settings')
  const rows = JSON.stringify(found)
  const last = lastRead.get(sql)
  if (last?.rows === rows) return last
  const overrides = new Map<SettingKey, SettingValue>()
  for (const row of found) {
    const value = readStoredJson(anything, row['value'])
    const stored = value === UNREADABLE ? undefined : storedSetting(textOf(row['key']), value)
    if (stored) overrides.set(stored.key, stored.value)
  }
  const now = { rows, overrides, settings: effectiveSettings(overrides) }
  lastRead.set(sql, now)
  return now
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

/** Restores all defaults, and deletes rows without a meaning. */
export function resetSettings(sql: Sql): void {
  sql('DELETE FROM settings')
}

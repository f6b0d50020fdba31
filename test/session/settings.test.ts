/** Settings in the session's database: only what was changed, and no row can break the rest. */
import { expect, test } from 'vitest'
import { migrate } from '../../worker/session/store/migrations.ts'
import {
  readOverrides,
  readSettings,
  resetSetting,
  resetSettings,
  writeSetting,
} from '../../worker/session/store/settings.ts'
import type { Sql } from '../../worker/session/store/sql.ts'
import { DEFAULTS } from '../../worker/settings/settings.ts'
import { withDatabase } from './support/database.ts'

function withSettings(work: (sql: Sql) => void): Promise<void> {
  return withDatabase(({ sql, transaction }) => {
    migrate(sql, transaction)
    work(sql)
  })
}

test('nothing changed, nothing stored', () =>
  withSettings((sql) => {
    expect(readSettings(sql)).toEqual(DEFAULTS)
    expect(sql('SELECT * FROM settings')).toEqual([])
  }))

test('a change is stored once, read back, and taken back', () =>
  withSettings((sql) => {
    writeSetting(sql, 'default_timeout', 80)
    writeSetting(sql, 'default_timeout', 90)
    writeSetting(sql, 'allowed_packages', ['*', 'requestz'])
    expect(readSettings(sql)).toEqual({ ...DEFAULTS, default_timeout: 90, allowed_packages: ['*', 'requestz'] })
    expect([...readOverrides(sql).keys()].toSorted()).toEqual(['allowed_packages', 'default_timeout'])
    resetSetting(sql, 'default_timeout')
    expect(readSettings(sql)).toEqual({ ...DEFAULTS, allowed_packages: ['*', 'requestz'] })
    resetSettings(sql)
    expect(readSettings(sql)).toEqual(DEFAULTS)
  }))

test('settings are checked once for the same rows, and a change that is rolled back was none', () =>
  withDatabase(({ sql, transaction }) => {
    migrate(sql, transaction)
    const before = readSettings(sql)
    expect(readSettings(sql)).toBe(before)
    const failing = () =>
      transaction(() => {
        writeSetting(sql, 'default_timeout', 80)
        expect(readSettings(sql)).toMatchObject({ default_timeout: 80 })
        throw new Error('no')
      })
    expect(failing).toThrow('no')
    expect(readSettings(sql)).toEqual(before)
    sql(`INSERT INTO settings (key, value) VALUES ('max_retries', '1')`)
    expect(readSettings(sql)).toEqual({ ...DEFAULTS, max_retries: 1 })
    expect(readOverrides(sql)).toEqual(new Map([['max_retries', 1]]))
  }))

test('a poison row costs its own setting only', () =>
  withSettings((sql) => {
    writeSetting(sql, 'max_retries', 1)
    const rows = [
      ['default_timeout', '-5'],
      ['execution_mode', '"banana"'],
      ['auto_install', '{"half'],
      ['allowed_packages', '"pandas"'],
      ['blocked_packages', '["--pre"]'],
      ['max_output_bytes', 'null'],
      ['unheard_of', '1'],
      ['__proto__', '{"max_retries": 5}'],
    ]
    for (const [key = '', value = ''] of rows) sql('INSERT INTO settings (key, value) VALUES (?, ?)', key, value)
    expect(readSettings(sql)).toEqual({ ...DEFAULTS, max_retries: 1 })
    resetSettings(sql)
    expect(sql('SELECT * FROM settings')).toEqual([])
  }))

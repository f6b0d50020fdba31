import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { withSettingsTable } from '../../worker/settings/settings-table.ts'
import { SETTING_KEYS } from '../../worker/settings/settings.ts'

const page = readFileSync(new URL('../../docs/settings.md', import.meta.url), 'utf8')

test('the page has the settings of today; if not, npm run docs', () => {
  expect(page).toBe(withSettingsTable(page))
  for (const key of SETTING_KEYS) expect(page).toContain(`| \`${key}\` |`)
})

test('a page without a place for the table is an error', () => {
  expect(() => withSettingsTable('# Title\n')).toThrow('no place for the settings')
})

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { withSettingsTable } from '../../worker/settings/readme-table.ts'
import { SETTING_KEYS } from '../../worker/settings/settings.ts'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

test('the README has the settings of today; if not, npm run readme', () => {
  expect(readme).toBe(withSettingsTable(readme))
  for (const key of SETTING_KEYS) expect(readme).toContain(`| \`${key}\` |`)
})

test('a README without a place for the table is an error', () => {
  expect(() => withSettingsTable('# Title\n')).toThrow('no place for the settings')
})

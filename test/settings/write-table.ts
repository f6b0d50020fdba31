/** `npm run docs`: brings the table of settings in docs/settings.md up to date. */
import { readFileSync, writeFileSync } from 'node:fs'
import { withSettingsTable } from '../../worker/settings/settings-table.ts'

const PAGE = new URL('../../docs/settings.md', import.meta.url)
writeFileSync(PAGE, withSettingsTable(readFileSync(PAGE, 'utf8')))

/** `npm run readme`: brings the README's table of settings up to date. */
import { readFileSync, writeFileSync } from 'node:fs'
import { withSettingsTable } from '../../worker/settings/readme-table.ts'

const README = new URL('../../README.md', import.meta.url)
writeFileSync(README, withSettingsTable(readFileSync(README, 'utf8')))

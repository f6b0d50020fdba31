/** The table of settings in docs/settings.md, from the schema. */
import { settingFacts, valueWords } from './facts.ts'
import { DEFAULTS, SETTING_KEYS } from './settings.ts'

const BEGIN = '<!-- settings: written by `npm run docs` -->'
const END = '<!-- /settings -->'

/** The page with its table brought up to date. Throws when the markers are not there. */
export function withSettingsTable(page: string): string {
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`The page has no place for the settings: ${BEGIN} … ${END}`)
  return `${page.slice(0, begin)}${BEGIN}\n${settingsTable()}\n${page.slice(end)}`
}

function settingsTable(): string {
  const rows = SETTING_KEYS.map((key) => {
    const { range, description } = settingFacts(key)
    return `| \`${key}\` | ${range} | ${valueWords(key, DEFAULTS[key])} | ${description} |`
  })
  return ['| setting | values | default | |', '|---|---|---|---|', ...rows].join('\n')
}

/** The table of settings in the README, from the schema. */
import { settingFacts, valueWords } from './facts.ts'
import { DEFAULTS, SETTING_KEYS } from './settings.ts'

const BEGIN = '<!-- settings: written by `npm run readme` -->'
const END = '<!-- /settings -->'

/** The README with its table brought up to date. Throws when the markers are not there. */
export function withSettingsTable(readme: string): string {
  const begin = readme.indexOf(BEGIN)
  const end = readme.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`README.md has no place for the settings: ${BEGIN} … ${END}`)
  return `${readme.slice(0, begin)}${BEGIN}\n${settingsTable()}\n${readme.slice(end)}`
}

function settingsTable(): string {
  const rows = SETTING_KEYS.map((key) => {
    const { range, description } = settingFacts(key)
    return `| \`${key}\` | ${range} | ${valueWords(key, DEFAULTS[key])} | ${description} |`
  })
  return ['| setting | values | default | |', '|---|---|---|---|', ...rows].join('\n')
}

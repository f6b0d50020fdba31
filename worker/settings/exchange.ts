/** Reads settings from a file: the original's `config.json`, or this server's settings as it writes them. */
import { type CheckedSetting, MAX_KEY_CHARS, settingFromJson } from './setting-text.ts'
import { type Capabilities, DEFAULTS, type SettingKey } from './settings.ts'

export interface ImportedSettings {
  /** Values that differ from the defaults, checked and in canonical form. */
  set: CheckedSetting[]
  /** Keys for which the file has the default. */
  reset: SettingKey[]
  /** Keys that were not taken over, with the reason. */
  ignored: { key: string; reason: string }[]
}

/** Most keys of a file that are read. */
const MAX_KEYS = 200

/**
 * Reads a configuration file. Each key stands for itself: one that is unknown, wrong or not possible on this server is left out and named.
 * The original stored some lists and numbers as texts; both are understood. The settings in force, as JSON, are such a file.
 */
export function importConfig(json: unknown, capabilities: Capabilities): ImportedSettings | { refused: string } {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return { refused: 'A configuration is a JSON object of settings, such as {"default_timeout": 90}.' }
  }
  const entries = Object.entries(json)
  const result: ImportedSettings = { set: [], reset: [], ignored: [] }
  for (const [key, value] of entries.slice(0, MAX_KEYS)) {
    const parsed = settingFromJson(key, emptyList(value) ? [] : value, capabilities)
    if ('refused' in parsed) result.ignored.push({ key: key.slice(0, MAX_KEY_CHARS), reason: parsed.refused })
    else if (same(parsed.value, DEFAULTS[parsed.key])) result.reset.push(parsed.key)
    else result.set.push(parsed)
  }
  if (entries.length > MAX_KEYS) {
    result.ignored.push({ key: '', reason: `only the first ${MAX_KEYS} of ${entries.length} keys were looked at` })
  }
  return result
}

/** The original also wrote an empty list as an empty text. */
function emptyList(value: unknown): boolean {
  return value === ''
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

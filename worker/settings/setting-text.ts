/** Reads a setting's value from text that somebody wrote, or gives the reason for refusing it. Nothing here stores. */
import { editDistance } from '../run/packages/look-alike.ts'
import { quoted } from '../run/packages/requirement.ts'
import { trimSpaces } from '../text/trim.ts'
import { IMAGE_KEY, settingFacts } from './facts.ts'
import {
  type Capabilities,
  isSettingKey,
  MAX_LIST,
  SETTING_KEYS,
  type SettingKey,
  settingsSchema,
  type SettingValue,
  unenforceable,
} from './settings.ts'

/** A value in its canonical form. */
export interface CheckedSetting {
  key: SettingKey
  value: SettingValue
}
export type ParsedSetting = CheckedSetting | { refused: string }

const BOOLEANS = new Map(Object.entries({ true: true, on: true, yes: true, false: false, off: false, no: false }))
/** The original's execution modes. */
const OLD_MODES = new Map(Object.entries({ docker: 'sandbox', direct: 'local' }))
const UNITS = new Map(Object.entries({ '': 1, b: 1, byte: 1, bytes: 1, kib: 1024, mib: 1024 ** 2 }))
/** Words that people write to mean a whole list. Otherwise they would be stored as the name of a package. */
const NO_LIST_ITEMS = new Set([
  'none',
  'all',
  'any',
  'null',
  'nil',
  'empty',
  'nothing',
  'everything',
  'true',
  'false',
  'undefined',
])

/** Longest value as text, in characters: the longest list of names. */
export const MAX_VALUE_CHARS = 24_000
/** Longest key that is looked up, in characters. */
export const MAX_KEY_CHARS = 100

/** A setting from the two texts of a tool call or a form. */
export function parseSetting(key: string, text: string, capabilities: Capabilities): ParsedSetting {
  if (!isSettingKey(key)) return { refused: notASetting(key) }
  if (text.length > MAX_VALUE_CHARS) return { refused: tooLong(key, text.length, MAX_VALUE_CHARS, 'characters') }
  const plain = trimSpaces(text)
  if (plain === '') {
    return {
      refused: `A value for ${key} is missing. ${choices(key)} To go back to the default, use the action reset.`,
    }
  }
  const read = readText(key, plain)
  if ('problem' in read) return { refused: `${key} was not changed: ${read.problem} ${choices(key)}` }
  return checkedSetting(key, read.value, capabilities)
}

/** A setting from a value that has its type already, or from its text, as a JSON file holds it. */
export function settingFromJson(key: string, value: unknown, capabilities: Capabilities): ParsedSetting {
  if (typeof value === 'string') return parseSetting(key, value, capabilities)
  if (Array.isArray(value) && isSettingKey(key) && value.length > MAX_LIST) {
    return { refused: tooLong(key, value.length, MAX_LIST, 'names') }
  }
  return isSettingKey(key) ? checkedSetting(key, value, capabilities) : { refused: notASetting(key) }
}

/** A stored value, checked; undefined when today's schema refuses it. */
export function storedSetting(key: string, value: unknown): CheckedSetting | undefined {
  if (!isSettingKey(key)) return undefined
  const parsed = settingsSchema.shape[key].safeParse(value)
  return parsed.success ? { key, value: parsed.data } : undefined
}

function checkedSetting(key: SettingKey, value: unknown, capabilities: Capabilities): ParsedSetting {
  const parsed = settingsSchema.shape[key].safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const [index] = issue?.path ?? []
    const item = Array.isArray(value) && typeof index === 'number' ? jsonOf(value[index]) : undefined
    const problem =
      item === undefined
        ? `${quoted(jsonOf(value))} is not allowed.`
        : `${quoted(item)} ${itemProblem(key, issue?.code === 'custom')}.`
    return { refused: `${key} was not changed: ${problem} ${choices(key)}` }
  }
  const reason = unenforceable(key, parsed.data, capabilities)
  if (reason !== null) {
    return {
      refused: `${key} was not changed: ${reason}, so ${quoted(jsonOf(value))} could not be kept to. Next: leave it as it is.`,
    }
  }
  return { key, value: parsed.data }
}

function tooLong(key: SettingKey, length: number, most: number, what: string): string {
  return `${key} was not changed: the value has ${length} ${what}, more than the ${most} that are taken. Next: shorten it. ${choices(key)}`
}

function readText(key: SettingKey, text: string): { value: unknown } | { problem: string } {
  const { form, unit } = settingFacts(key)
  switch (form) {
    case 'boolean': {
      const value = BOOLEANS.get(text.toLowerCase())
      return value === undefined ? { problem: `${quoted(text)} is neither true nor false.` } : { value }
    }
    case 'choice': {
      const lower = text.toLowerCase()
      return { value: (key === 'execution_mode' && OLD_MODES.get(lower)) || lower }
    }
    case 'integer':
      return unit === 'bytes' ? readSize(text) : readInteger(text)
    case 'list':
      return readList(key, text)
    case 'name':
      return { value: text }
  }
}

function readInteger(text: string): { value: number } | { problem: string } {
  return /^(?:0|-?[1-9][0-9]{0,11})$/.test(text)
    ? { value: Number(text) }
    : { problem: `${quoted(text)} is not a whole number in plain digits.` }
}

function readSize(text: string): { value: number } | { problem: string } {
  const [, digits = '', unit = ''] = /^([1-9][0-9]{0,11}) ?([A-Za-z]*)$/.exec(text) ?? []
  const factor = UNITS.get(unit.toLowerCase())
  return digits === '' || factor === undefined
    ? { problem: `${quoted(text)} is not a size; write whole bytes, KiB or MiB, such as "16 MiB".` }
    : { value: Number(digits) * factor }
}

function readList(key: SettingKey, text: string): { value: string[] } | { problem: string } {
  let items: string[]
  if (text.startsWith('[')) {
    const parsed = jsonList(text)
    if (parsed === null) return { problem: `${quoted(text)} is not a JSON list of strings.` }
    items = parsed
  } else {
    items = text.split(',').map(trimSpaces)
  }
  if (items.includes('')) return { problem: 'one of the names is empty.' }
  const word = items.find((item) => NO_LIST_ITEMS.has(item.toLowerCase()))
  if (word !== undefined) {
    return { problem: `"${word}" would be taken as a name. To empty the list, use the action reset with key ${key}.` }
  }
  return { value: items }
}

function jsonList(text: string): string[] | null {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : null
  } catch {
    return null // not JSON: the caller reports it
  }
}

/** `isWellFormed`: of the form that the list holds, but not allowed in it. */
function itemProblem(key: SettingKey, isWellFormed: boolean): string {
  if (key === 'allowed_hosts') {
    return isWellFormed
      ? 'is a private name or address, which no program may reach'
      : 'is not the name of a host, without scheme, port and path'
  }
  return key === 'blocked_packages'
    ? 'is not the plain name of a package, without versions; to forbid all installing, turn auto_install off'
    : 'is not the plain name of a package, without versions'
}

function choices(key: SettingKey): string {
  const { form, range } = settingFacts(key)
  return form === 'list' ? `It takes names separated by commas, or ${range} in JSON.` : `It takes ${range}.`
}

export function notASetting(key: string): string {
  if (key === IMAGE_KEY) {
    return `${IMAGE_KEY} can only be viewed: the image is chosen when the server is deployed, and a local server runs programs without one.`
  }
  if (key === '') return `A key is missing. Settings: ${SETTING_KEYS.join(', ')}.`
  if (key.length > MAX_KEY_CHARS) {
    return `A key of ${key.length} characters is not a setting. Next: use one of ${SETTING_KEYS.join(', ')}.`
  }
  const meant = nearestKey(key)
  return `${quoted(key)} is not a setting.${meant ? ` Did you mean ${meant}?` : ''} Settings: ${SETTING_KEYS.join(', ')}.`
}

/** The key that this text means but for case, separators and slips, or is a part of. */
function nearestKey(text: string): string | undefined {
  const plain = text.toLowerCase().replaceAll(/[^a-z]+/g, '_')
  const near = SETTING_KEYS.map((key) => ({ key, distance: editDistance(plain, key, 3) })).toSorted(
    (a, b) => a.distance - b.distance,
  )[0]
  if (near && near.distance <= 3) return near.key
  const parts = plain.split('_').filter((part) => part.length > 3)
  return SETTING_KEYS.find((key) => parts.some((part) => key.includes(part)))
}

function jsonOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? typeof value)
}

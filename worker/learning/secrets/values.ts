/** Decides whether the value behind the name of a secret is one: not a variable, a placeholder, a type, a message about it. */
import type { SecretKind } from './names.ts'

/**
 * Position of a value: in quotes, without, as the argument behind its name, behind an option, in a sentence, or as the rest of an
 * Authorization header.
 */
export type ValuePosition = 'quoted' | 'bare' | 'pair' | 'option' | 'spoken' | 'header'

export interface Value {
  kind: SecretKind
  name: string
  value: string
  position: ValuePosition
  /** A few characters before the value, from its line's start, and after it, to its line's end. */
  before: string
  after: string
}

/** Words that describe a value instead of being one. */
const DESCRIPTIONS = new Set(
  `string str text bytes secretstr bool boolean integer int number float object array any null none nil undefined true false
  required optional missing invalid expired empty hidden unset default unknown disabled enabled include same-origin omit basic bearer
  digest oauth oauth2 redacted`.split(/\s+/),
)
/** Placeholders for a value: {name}, ${NAME}, $NAME, %s, %(name)s, <name>, ***, xxx, … */
const PLACEHOLDER =
  /\$?\{[^{}\n]{0,80}\}|\$\w{1,80}|%(?:\(\w{1,80}\))?[sdr]|<[^<>\n]{0,80}>|\*{3,80}|x{3,80}|\.{3}|…|\[redacted\]/gi
const SCHEME = /^(?:Bearer|Basic|Digest|Token|ApiKey)\b/i
const SENTENCE =
  /(?:^|\s)(?:is|are|was|has|must|may|can|cannot|should|not|no|too|the|for|to|of|and|or|required|invalid|missing|expected|field|please|blank)\b/i

/** `refresh_token`, `client-credentials`, `gen_ai.request.seed` */
const SNAKE_CASE = /^[a-z]+(?:[._-][a-z]+)+$/i

export function isSecretValue(found: Value): boolean {
  const { kind, value, position } = found
  const rest = value.replace(PLACEHOLDER, '').replace(SCHEME, '')
  if (!/[A-Za-z0-9]/.test(rest) || DESCRIPTIONS.has(value.toLowerCase())) return false
  if (/^https?:\/\//i.test(value) || isPath(value) || /^#[0-9a-f]{3,8}$/i.test(value)) return false
  switch (position) {
    case 'quoted':
      return isQuotedSecret(kind, value)
    case 'header':
      return looksMade(rest.trim().split(/\s/, 1)[0]!)
    case 'spoken':
      return isSpokenSecret(found)
    case 'pair':
      // Other words behind a name are names, too.
      return /^\S{6,}$/.test(value) && !SNAKE_CASE.test(value) && (value.length >= 12 || looksMade(value))
    case 'option':
      return isOptionValue(found)
    case 'bare':
      return isBareSecret(found)
  }
}

function isQuotedSecret(kind: SecretKind, value: string): boolean {
  if (value.includes(' ') && SENTENCE.test(value)) return false
  const made = value.replace(SCHEME, '').trim()
  switch (kind) {
    case 'password':
    case 'secret':
      return true
    case 'token':
      return /^[\w+/=.:~!*-]{6,}$/.test(made) && (made.length >= 16 || looksMade(made) || /\d/.test(made))
    case 'authorization':
      return looksMade(made)
    case 'auth':
      return isCoded(made)
  }
}

/** "the password is hunter22"; "token abc123def456 expired" only for values unlike any name. */
function isSpokenSecret({ kind, value, before }: Value): boolean {
  if (/(?:is|was)\s+$/.test(before)) return kind === 'password' && value.length >= 6 && /\d/.test(value)
  return /^[A-Za-z0-9+/=]{12,}$/.test(value) && looksMade(value) && /\d\D+\d/.test(value)
}

/** Returns whether a command's option is a value: neither the next word of a sentence nor the next option. */
function isOptionValue({ value, before, after }: Value): boolean {
  if (before.endsWith('=')) return value.length >= 2
  if (value.length < 4 || /^[-$<]/.test(value)) return false
  return !/^[a-z]+[.:]?$/.test(value) || !/^(?:\s+[a-z(]|\s*$)/.test(after)
}

function isBareSecret({ kind, name, value, before, after }: Value): boolean {
  // A call or an item; a variable; the next key, in the next line.
  if (/^[([]/.test(after) || /^[$@]/.test(value) || value.endsWith(':')) return false
  // In a shell or an .env file only text can stand there.
  const isEnvironment = /^[A-Z][A-Z0-9_]*$/.test(name) && /^(?:.*\s)?[A-Z0-9_]+=$/.test(before)
  if (/%3d$/i.test(before)) return value.length >= 3
  if (isEnvironment) return value.length >= 3 && !/^\d{1,3}$/.test(value)
  if (/^[\d.,_:-]+$/.test(value))
    return /^\d+$/.test(value) && value.length >= (kind === 'password' ? 4 : kind === 'secret' ? 8 : Infinity)
  const isAttribute = !name.includes('-') && /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$/.test(value)
  const isOfATest = /^pass$/i.test(name) && before.trimEnd().endsWith(':')
  if (value.length < 6 || isAttribute || isOfATest) return false
  if (kind === 'auth') return isCoded(value)
  if (/[\d!@#$^*~?+]/.test(value) || value.endsWith('=')) return true
  return (
    kind === 'password' && /^[a-z]+$/i.test(value) && isSetting(name, before, after) && !/pass|pwd|user/i.test(value)
  )
}

/** Returns whether it stands alone in its line, as in a file of settings, or in a row of settings: `host=x password=hunter`. */
function isSetting(name: string, before: string, after: string): boolean {
  const isAlone = before.trimStart().startsWith(name) && after === ''
  return isAlone || /^\s+\w{1,40}=\S/.test(after) || /\w=\S{1,40}\s+\w{1,40}=$/.test(before)
}

/** Returns whether a text has digits, padding, or more inner capitals than a name. */
function isCoded(text: string): boolean {
  return looksMade(text) && (/\d/.test(text) || text.endsWith('=') || (text.match(/[a-z][A-Z]/g) ?? []).length >= 2)
}

/** Returns whether a text has digits, inner capitals, or the padding of base64: then it is no word. */
function looksMade(text: string): boolean {
  return text.length >= 6 && (/\d/.test(text) || /[a-z][A-Z]/.test(text) || text.endsWith('=')) && !/^\d+$/.test(text)
}

function isPath(value: string): boolean {
  return /^(?:~|\.{0,2})\/[\w.-]+(?:\/|\.\w)/.test(value) || /^[A-Za-z]:\\/.test(value)
}

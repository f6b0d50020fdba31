/**
 * Values behind a name that marks them as secret: `DB_PASS=…`, `"api_key": "…"`, `--token …`; also in JSON within JSON or in a URL, and
 * with the value on the next line. Read from left to right: text that was taken is not looked at again.
 */
import { quotedAt } from './quoted-text.ts'
import { kindOf, type SecretKind } from './names.ts'
import { isSecretValue, type ValuePosition } from './values.ts'

/** Pieces of a text here: parts of URL-encoding, which end a name, and names. */
const WORD = /%[0-9A-Fa-f]{2}|[\w.$-]+/g
/** Characters at a name's end, and before it, that tell its kind. */
const NAME_END = 60
/** Characters around a value that tell whether it is a secret. */
const AROUND = 80

const QUOTE = String.raw`(?:\\{0,7}["'\x60]|%22|%27|&quot;|&#3[49];)`
/** Space, and a line's end where the next line goes on. */
const GAP = String.raw`[ \t]{0,40}(?:\\?\n[ \t]{0,80})?`
const SIGN = String.raw`(?::=|=>|:(?!:)|=(?![=~])|%3[AaDd])`

/** Text between a name and its value. */
const BETWEEN: readonly [ValuePosition, RegExp][] = [
  // {"name": "API_KEY", "value": "…"}, also as YAML and as an attribute
  ['bare', new RegExp(`${QUOTE}?,?[ \\t]{0,4}\\n?[ \\t]{0,40}${QUOTE}?\\bvalue${QUOTE}?[ \\t]{0,4}[:=]${GAP}`, 'yi')],
  // password: str = "…"
  ['bare', /[ \t]{0,4}:[ \t]{0,4}[A-Za-z][\w.|[\] ]{0,40}=(?!=)[ \t]{0,4}/y],
  // password="…", os.environ["KEY"] = "…", {"key": "…"}, key => "…", key%3D…
  ['bare', new RegExp(`${QUOTE}?[ \\t]{0,8}\\]?[ \\t]{0,8}${SIGN}${GAP}(?:\\(|[|>][-+]?(?=\\n))?${GAP}`, 'y')],
  // ("key", "…")
  ['pair', /["'`]\s{0,3},\s{0,8}(?=[rbfuRBFU]{0,2}["'`])/y],
  // <password>…
  ['bare', />[ \t]{0,8}/y],
  // the password is …, bad token …
  ['spoken', /[ \t]{1,4}(?:(?:is|was)[ \t]{1,4})?/y],
]
/** --password …, --password=…, -Password … */
const BETWEEN_OPTION: [ValuePosition, RegExp] = ['option', /(?:[ \t]{1,8}(?:\\\n[ \t]{0,80})?|=)/y]

/** Text before a name that is an argument. */
const ARGUMENT_START = /\(\s{0,3}[rbfuRBFU]{0,2}["'`]$/
/** The prefix of a text in Python. */
const PREFIX = /[rbfuRBFU]{0,2}(?=\\{0,7}["'`])/y
/**
 * Characters of a value without quotes: no space, delimiter, or line's end or quote that is written as `\n` or `\"`; in a URL not the next
 * parameter.
 */
const BARE = String.raw`(?:[^\s'"\x60,;&()[\]{}<>|\\%]|\\(?![nrt"'\\\n])|%(?!26|3[Bb]|2[027]|0[ADad]))`
/** The beginning of a value without quotes, or of a header, which tells whether it is a secret, and its rest. */
const BARE_START = new RegExp(`${BARE}{1,200}`, 'y')
const BARE_REST = new RegExp(`${BARE}{1,400}`, 'y')
const HEADER_START =
  /(?:Bearer|Basic|Digest|Negotiate|Token|ApiKey|\w{1,20}-HMAC-\w{1,20})[ \t]{1,8}[^\s'"`,\\]{1,200}/iy
const HEADER_REST = /[^\n'"`\\]{1,400}/y

interface Span {
  start: number
  end: number
}

export function redactNamed(text: string, replacement: string): string {
  let result = ''
  let done = 0
  for (const match of text.matchAll(WORD)) {
    if (match.index < done) continue
    const found = secretBehind(text, match[0], match.index)
    if (found === null) continue
    result += text.slice(done, found.start) + replacement
    done = found.end
  }
  return result + text.slice(done)
}

function secretBehind(text: string, word: string, at: number): Span | null {
  const name = word.slice(-NAME_END)
  const before = text.slice(Math.max(0, at - NAME_END), at)
  const kind = kindOf(name, before)
  if (kind === null) return null
  const end = at + word.length
  for (const [position, between] of word.startsWith('-') ? [BETWEEN_OPTION, ...BETWEEN] : BETWEEN) {
    // Two names in a list are no pair.
    if (position === 'pair' && !ARGUMENT_START.test(before)) continue
    const start = endOf(between, text, end)
    const found = start === null ? null : valueAt(text, start, { kind, name, position })
    if (found !== null) return found
  }
  return null
}

function valueAt(
  text: string,
  at: number,
  about: { kind: SecretKind; name: string; position: ValuePosition },
): Span | null {
  const isSecret = (value: string, position: ValuePosition, end: number) => {
    const before = lastLine(text.slice(Math.max(0, at - AROUND), at))
    const after = text.slice(end, end + AROUND).split('\n', 1)[0]!
    return isSecretValue({ ...about, value, position, before, after })
  }
  const start = endOf(PREFIX, text, at) ?? at
  const quoted = quotedAt(text, start)
  if (quoted !== null) {
    const position = about.position === 'pair' || about.position === 'spoken' ? about.position : 'quoted'
    return isSecret(text.slice(quoted.start, quoted.end), position, quoted.after) ? { start, end: quoted.after } : null
  }
  const header = about.kind === 'authorization' ? endOf(HEADER_START, text, at) : null
  const [position, rest]: [ValuePosition, RegExp] =
    header === null ? [about.position, BARE_REST] : ['header', HEADER_REST]
  let end = header ?? endOf(BARE_START, text, at)
  if (end === null || !isSecret(text.slice(at, end), position, end)) return null
  for (let more = endOf(rest, text, end); more !== null; more = endOf(rest, text, end)) end = more
  return { start: at, end }
}

/** End of a sticky pattern that begins here, or null. */
function endOf(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : null
}

function lastLine(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1)
}

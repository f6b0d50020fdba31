/**
 * Package names and requirement specifiers, taken apart: a strict part of PEP 508. The runner checks the same grammar again
 * (`container/runner/packages/specs.py`); all that passes here passes there.
 */
import { trimSpaces } from '../../text/trim.ts'

/** Specifiers of one installation, and characters of one specifier. The runner's limits are the same. */
const MAX_SPECS = 50
const MAX_SPEC_CHARS = 200

const NAME = '[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?'
const VERSION = '[A-Za-z0-9](?:[A-Za-z0-9.!+_-]*[A-Za-z0-9])?(?:\\.\\*)?'
const CLAUSE = `(?:===|==|!=|<=|>=|~=|<|>) ?${VERSION}`
const VARIABLE =
  '(?:python_version|python_full_version|os_name|sys_platform|platform_machine|platform_python_implementation|platform_release|platform_system|platform_version|implementation_name|implementation_version)'
const MARKER = `${VARIABLE} ?(?:==|!=|<=|>=|~=|<|>| in | not in ) ?(?:"[A-Za-z0-9._ -]{0,60}"|'[A-Za-z0-9._ -]{0,60}')`
const EXTRAS = ` ?\\[ ?${NAME}(?: ?, ?${NAME}){0,20} ?\\]`
const MARKERS = ` ?; ?${MARKER}(?: (?:and|or) ${MARKER}){0,5}`
const SPEC = new RegExp(`(${NAME})(?:${EXTRAS})?( ?${CLAUSE}(?: ?, ?${CLAUSE}){0,10})?(?:${MARKERS})?`, 'y')
const WHOLE_NAME = new RegExp(`^${NAME}$`)

/** A version by PEP 440, without forms for which the runner's stricter grammar has no characters. */
const PEP_440 =
  /^v?(?:\d+!)?\d+(?:\.\d+)*(?:[-_.]?(?:alpha|a|beta|b|preview|pre|c|rc)[-_.]?\d*)?(?:-\d+|[-_.]?(?:post|rev|r)[-_.]?\d*)?(?:[-_.]?dev[-_.]?\d*)?(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?$/i

/** Words of a command that models put before the specifiers. */
const COMMAND = /^[!%$]?\s*(?:python3?\s+-m\s+)?(?:uv\s+)?(?:pip3?|conda|mamba|poetry|uv)\s+(?:install|add)\b/i
/** Words that would become packages of their own in a list that is written as a sentence. */
const SENTENCE_WORDS = new Set(['and', 'or', 'plus', 'with', 'the', 'latest', 'version', 'install', 'pip', '&', '+'])

/** One requirement: its text as the installer gets it, and the name that policy is about. */
export interface Requirement {
  spec: string
  name: string
}

/** A distribution's name in its PEP 503 normal form: two names are the same package when these are equal. */
export function normalName(name: string): string {
  return name.replaceAll(/[-_.]+/g, '-').toLowerCase()
}

/** The name in a requirement specifier. */
export function nameOf(spec: string): string {
  return /^[A-Za-z0-9._-]*/.exec(spec)![0]
}

/** Returns whether a text is a name by PEP 508, of at most 100 characters. */
export function isPackageName(name: string): boolean {
  return WHOLE_NAME.test(name)
}

/**
 * The requirements in a text such as `pandas>=2,<3 httpx[http2,socks], numpy`: separated by commas or spaces. A comma belongs to a
 * requirement inside of brackets and before a comparison, else it separates; so nothing needs quoting. All or nothing: a text with anything
 * else is refused whole, with the reason.
 */
export function parseRequirements(text: string): { requirements: Requirement[] } | { refused: string } {
  const list = trimSpaces(text)
  if (list === '')
    return { refused: 'No package is named. Next: give at least one, such as "pandas" or "httpx[http2]>=0.27,<1".' }
  const command = COMMAND.exec(list)?.[0]
  if (command !== undefined) {
    return { refused: `Write only the packages, without ${quoted(command)}: for example "pandas>=2, numpy".` }
  }
  const odd = /[^\x20-\x7e]/u.exec(list)?.[0]
  if (odd !== undefined) return { refused: oddCharacter(odd, list) }

  const requirements: Requirement[] = []
  let at = 0
  for (;;) {
    SPEC.lastIndex = at
    const match = SPEC.exec(list)
    const [spec = '', name = '', versions = ''] = match ?? []
    const end = at + spec.length
    const separator = /^(?: *, *| +|$)/.exec(list.slice(end))
    if (match === null || separator === null) return { refused: notARequirement(list.slice(at)) }
    const problem = problemOf(spec, name, versions)
    if (problem !== null) return { refused: problem }
    requirements.push({ spec, name })
    at = end + separator[0].length
    if (end === list.length) break
  }
  if (requirements.length > MAX_SPECS) {
    return {
      refused: `${requirements.length} packages are more than one call takes (${MAX_SPECS}). Next: call several times.`,
    }
  }
  return { requirements }
}

/** The problem of a specifier that has the right form. */
function problemOf(spec: string, name: string, versions: string): string | null {
  if (spec.length > MAX_SPEC_CHARS) {
    return `${quoted(spec)} is longer than a specifier may be (${MAX_SPEC_CHARS} characters).`
  }
  if (SENTENCE_WORDS.has(name) && spec === name) {
    return `"${name}" would be taken as a package. Next: write only package names, separated by commas: "pandas, numpy".`
  }
  for (const [, operator = '', version = ''] of versions.matchAll(/([=!<>~]{1,3}) ?([^,\s]+)/g)) {
    if (operator === '===') continue
    const wildcard = version.endsWith('.*')
    if (wildcard && operator !== '==' && operator !== '!=') {
      return `${quoted(spec)}: ".*" goes with == and != only. Next: write ${name}${operator}${version.slice(0, -2)}.`
    }
    if (!PEP_440.test(wildcard ? version.slice(0, -2) : version)) {
      return `${quoted(spec)}: "${version}" is not a version. Next: write a number as in ${name}>=1.2, or the name alone for the newest.`
    }
    if (operator === '~=' && !version.includes('.')) {
      return `${quoted(spec)}: ~= needs at least two numbers. Next: write ${name}~=${version}.0.`
    }
  }
  return null
}

/** The reason why a text is no requirement, for texts that people and models really write. */
function notARequirement(rest: string): string {
  const shown = quoted(rest)
  if (rest.startsWith('-'))
    return `${shown}: options do not reach the installer. Next: give only names, extras and versions.`
  if (/^[A-Za-z0-9._-]*(?:\[[^\]]*\])? ?@|^(?:git\+)?[a-z]+:\/\/|^[a-z]+:\/|^git\+/i.test(rest)) {
    return `${shown}: addresses are not installed from, only packages by their name. Next: name the package, or download it with a program.`
  }
  if (/^[.~/\\]|^[\w.-]*[/\\]|\.(?:whl|zip|tar\.gz|txt)\b/i.test(rest)) {
    return `${shown}: files and folders are not installed from, only packages by their name. Next: name the package.`
  }
  if (/^["'[({]/.test(rest))
    return `${shown}: write the packages as plain text, without quotes or brackets around them: pandas>=2, numpy.`
  if (rest.startsWith(',')) return `${shown}: a package is missing before the comma.`
  if (/^[=!<>~]/.test(rest))
    return `${shown}: a comparison needs a name before it, and a comma after another one: "pandas>=2,<3".`
  if (/^[^A-Za-z0-9]|[`$&|<>\\*?!{}#%^]/.test(rest) && !/[=!<>~]=|[<>] ?\d/.test(rest)) {
    return `${shown} holds characters that no package name has. Next: write names as in "httpx[http2]>=0.27,<1".`
  }
  return `${shown} is not a plain requirement. Next: write name, extras and versions as in "httpx[http2]>=0.27,<1", several separated by commas.`
}

function oddCharacter(character: string, text: string): string {
  const code = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
  if (/[\n\r\t]/.test(character)) {
    return 'Line breaks and tabs do not separate packages. Next: separate them with commas: "pandas, numpy".'
  }
  const plain = asciiLookalike(text)
  const instead = plain !== text && parseRequirements(plain)
  const meant = instead && 'requirements' in instead ? ` Next: if you mean it, write ${quoted(plain)}.` : ''
  return `${quoted(text)} has the character ${code}, and package names are plain ASCII.${meant}`
}

/** Letters of other alphabets that look like Latin ones, and those Latin ones. */
const LOOKALIKE_LETTERS = new Map(
  [...'аa еe оo рp сc уy хx іi ѕs јj һh ԁd ӏl νv οo αa ρp υu κk ιi ɡg ⅼl ıi'.split(' ')].map((pair) => {
    const [from = '', to = ''] = pair
    return [from, to]
  }),
)

/** The text as it looks: accents, widths and invisible characters taken off, letters of other alphabets read as Latin. */
export function asciiLookalike(text: string): string {
  const plain = text.normalize('NFKD').replaceAll(/[\p{M}\p{Cf}]/gu, '')
  return plain.replaceAll(/\P{ASCII}/gu, (letter) => LOOKALIKE_LETTERS.get(letter.toLowerCase()) ?? letter)
}

const MAX_QUOTED_CHARS = 60

/** The beginning of a text, without characters that could garble a line. */
export function quoted(text: string): string {
  const shown = text.slice(0, MAX_QUOTED_CHARS).replaceAll(/[^\x20-\x7e\p{L}\p{N}]/gu, '\u{fffd}')
  return `"${shown}${text.length > MAX_QUOTED_CHARS ? '…' : ''}"`
}

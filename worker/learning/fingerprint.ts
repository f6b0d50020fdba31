/**
 * Common part of all occurrences of one error, as a readable line: `ValueError: invalid literal for int() with base #: '…'`. Paths,
 * addresses, ids and numbers are left out; quoted names stay where the error is about them.
 */
import { clean, cut } from '../text/clean.ts'

const MAX_FINGERPRINT = 200

export interface ErrorFacts {
  /** The exception's class, with its module unless it is built in. */
  type: string
  message: string
  /** Source lines, the failing one marked with `>`. */
  frame: string | null
}

/** Ends of programs that have as many causes as there are programs: they do not tell what to change. */
const WITHOUT_CAUSE = new Set([
  'Timeout',
  'MemoryLimit',
  'ProcessLimit',
  'WorkspaceQuota',
  'Signal',
  'SystemExit',
  'KeyboardInterrupt',
])
/** Errors whose quoted names tell the fault: the module, the attribute, the operand types, the key. */
const NAMING = new Set([
  'ModuleNotFoundError',
  'ImportError',
  'AttributeError',
  'NameError',
  'UnboundLocalError',
  'TypeError',
  'KeyError',
])
/** Messages that fit too many errors: the failing line tells them apart. */
const VAGUE = new Set(['', 'invalid syntax', 'unexpected indent', 'unexpected EOF while parsing', '#', "'…'", 'None'])

/** The fingerprint of an error; null when it has nothing that another one could share. */
export function fingerprint({ type, message, frame }: ErrorFacts): string | null {
  const parts = clean(type).trim().split('.')
  const name = parts.at(-1)
  if (name === undefined || name === '' || WITHOUT_CAUSE.has(name)) return null
  // The package and the class: in between, packages move their modules from version to version.
  const title = parts.length > 1 ? `${parts[0]}.${name}` : name
  const normalised = normalise(message, NAMING.has(name))
  if (!VAGUE.has(normalised)) return cut(`${title}: ${normalised}`, MAX_FINGERPRINT)
  const line = /^>\s*\d+ \| ?(.*)$/m.exec(frame ?? '')?.[1]
  if (line === undefined || line.trim() === '') return null
  return cut(`${normalised === '' ? title : `${title}: ${normalised}`} @ ${normalise(line, true)}`, MAX_FINGERPRINT)
}

/** The fingerprint of an error as somebody wrote it down, possibly a whole traceback; null for anything but `Type: message`. */
export function fingerprintOfText(text: string): string | null {
  // An error that is written as a pattern names no particular error. It is never run as a pattern.
  if (/\.[*+]|\\[dwsb.]|\(\?/.test(text)) return null
  const line = clean(text)
    .split('\n')
    .findLast((line) => /^\s*[A-Za-z_][\w.]{2,100}: \S/.test(line))
  if (line === undefined) return null
  const colon = line.indexOf(': ')
  const type = line.slice(0, colon).trim()
  if (!/(?:^|\.)[A-Z]\w*$/.test(type)) return null
  return fingerprint({ type, message: line.slice(colon + 2), frame: null })
}

const FILE_PART = /^[\\/][\w-]+\.\w{1,8}\b/

function normalise(message: string, keepNames: boolean): string {
  const line =
    clean(message)
      .split('\n')
      .find((line) => line.trim() !== '') ?? ''
  return (
    line
      .slice(0, 1000)
      .replace(/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s'"<>)]+/gi, '<url>')
      .replace(/(?<!\w)(?:'[^'"`]*'|"[^'"`]*"|`[^'"`]*`)(?!\w)/g, (match) =>
        keepNames && /^[A-Za-z_][\w.-]{0,60}$/.test(match.slice(1, -1)) ? match : `${match[0]}…${match[0]}`,
      )
      .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '<id>')
      .replace(/\b0x[0-9a-f]+\b/gi, '<hex>')
      .replace(/(?<!\w)[0-9a-f]{8,}(?!\w)/gi, (match) => (/\d/.test(match) && /[a-f]/i.test(match) ? '<hex>' : match))
      // Absolute paths, Windows ones too, then relative ones that end like a file.
      .replace(/(?<![\w.])(?:[A-Za-z]:|~|\.{1,2})?(?:[\\/][\w.@+~-]+){2,}[\\/]?/g, '<path>')
      .replace(/(?<![\w<-])[\w-]+(?:[\\/][\w.-]+)+/g, withoutFile)
      // Digits within a name (int64, utf8) are part of it.
      .replace(/(?<![A-Za-z_\d])[-+]?\d+(?:[._,:]\d+)*(?:e[-+]?\d+)?/gi, '#')
      .replace(/#(?:,\s*#)+/g, '#')
      .replace(/\s+/g, ' ')
      .trim()
  )
}

/** A relative path up to its last part that ends like a file; the text after it is kept, and all when no part ends so. */
function withoutFile(path: string): string {
  const parts = path.split(/(?=[\\/])/)
  const last = parts.findLastIndex((part) => FILE_PART.test(part))
  const rest = parts[last]?.replace(FILE_PART, '') ?? ''
  return last < 0 ? path : ['<path>', rest, ...parts.slice(last + 1)].join('')
}

/**
 * Reason why an installation failed, read from the output of pip or uv. Their last line is rarely the reason. Only checked pieces (names,
 * versions) are taken over: a package that is built prints any text.
 */
import type { InstallFailureKind } from '../contract/outcome.ts'
import { quote } from '../../text/quote.ts'
import { isKnownPackage } from './policy.ts'
import { nameOf } from './requirement.ts'

export interface InstallFailure {
  why: InstallFailureKind
  /** Completes "Installing … failed: …". */
  reason: string
  /** Beginning with "Next:". */
  next: string
}

/** Characters of an installer's output that are read, from its end. */
export const INSTALLER_CHARS = 32_000
/** Most versions that a reason names: the newest. */
const MAX_VERSIONS = 6

const UNREACHABLE = [
  ...['after connection broken by', 'error sending request', 'failed to fetch', 'request failed after', 'dns error'],
  ...[
    'max retries exceeded',
    'read timed out',
    'connection refused',
    'connection reset',
    'too many 50',
    'too many 429',
  ],
  ...['temporary failure in name resolution', 'http error 50', 'http error 429', 'tcp connect error'],
]
const BUILD = [
  ...['failed building wheel', 'could not build wheels', 'failed to build', 'metadata-generation-failed'],
  ...['subprocess-exited-with-error', 'build backend returned an error'],
]

/** `specs`: the requested ones; `output`: the installer's; `message`: the runner's words about it. */
export function installFailure(specs: readonly string[], output: string, message: string | null): InstallFailure {
  // The runner's message repeats the installer's last lines, or is the runner's own.
  const end = `${output.slice(-INSTALLER_CHARS)}\n${message ?? ''}`
  const text = end.replaceAll(/[\s│]+/g, ' ')
  const said = text.toLowerCase()
  const says = (words: readonly string[]) => words.some((each) => said.includes(each))
  if (says(BUILD)) return buildFailure(text, end)
  if (says(CONFLICT)) {
    const next = 'Next: name no versions, or ones that agree.'
    return { why: 'conflict', reason: `what is asked for does not go together${conflictIn(text)}`, next }
  }
  if (says(DAMAGED) || DAMAGED_FILE.some((pattern) => pattern.test(text))) {
    return { why: 'unreachable', reason: 'what the package index sent was cut off or is damaged', next: AGAIN }
  }
  const python = pythonIn(specs, text)
  const versions = versionsIn(text)
  if (versions.length > 0) {
    const why = python === undefined ? '' : ` (it needs Python ${python})`
    return {
      why: 'no_version',
      reason: `there is no such version for this Python${why}; there are ${versions.join(', ')}`,
      next: 'Next: pip_install one of these, or name no version.',
    }
  }
  if (python !== undefined) {
    const next = 'Next: pip_install an older version, or do without it.'
    return { why: 'python', reason: `it needs Python ${python}, which is not the one here`, next }
  }
  const status = statusIn(text)
  if (status !== undefined) return indexFailure(status)
  if (says(UNREACHABLE)) return { why: 'unreachable', reason: 'the package index could not be reached', next: AGAIN }
  if (says(NO_FILE)) return NO_WHEEL
  if (said.includes('was not found in the package registry')) return unknown(specs.map((spec) => nameOf(spec)))
  if (says(['from versions: none', 'no matching distribution'])) {
    const strange = specs.map((spec) => nameOf(spec)).filter((name) => !isKnownPackage(name))
    if (strange.length > 0) return unknown(strange)
    return specs.some((spec) => /[<>=~]/.test(spec)) ? NO_SUCH_FILE : NO_WHEEL
  }
  if (says(['there is no version of'])) return NO_SUCH_VERSION
  if (message === null) return { why: 'stopped', reason: 'it broke off', next: 'Next: call again.' }
  return { why: 'other', reason: withoutFolders(message).replace(/\.$/, ''), next: '' }
}

const AGAIN = 'Next: call again; if it stays so, do without the package.'

/** The HTTP status with which an index, or the server of its files, refused; of several the last. */
function statusIn(text: string): number | undefined {
  const found = STATUSES.flatMap((pattern) => [...text.matchAll(pattern)])
  return found.length === 0 ? undefined : Number(found.toSorted((a, b) => a.index - b.index).at(-1)![1])
}

const STATUSES = [
  // pip; isolated_pip.py makes its words about an index loud
  /: ([45]\d\d) (?:Client|Server) Error: /g,
  /\bHTTP error ([45]\d\d) while getting /g,
  /\btoo many ([45]\d\d) error responses/g,
  // uv
  /\bHTTP status (?:client|server) error \(([45]\d\d) /g,
  /\breturned a ([45]\d\d) /g,
  /\bauthentication credentials \(([45]\d\d) /g,
]

function indexFailure(status: number): InstallFailure {
  if (status >= 500 || status === 429 || status === 408) {
    return { why: 'unreachable', reason: `the package index answered with an error (HTTP ${status})`, next: AGAIN }
  }
  if (status === 404 || status === 410) {
    const reason = `the package index lists a file that it does not have (HTTP ${status})`
    return { why: 'unreachable', reason, next: 'Next: call again; if it stays so, pip_install another version.' }
  }
  const next =
    'Next: do without the package; whoever runs this server can see to the index and the credentials that it uses.'
  return { why: 'refused', reason: `the package index refused the request (HTTP ${status})`, next }
}

/** A message of an installer without the folders of this machine. */
function withoutFolders(message: string): string {
  const word = (each: string) => (/^["'(]?\//.test(each) ? each.replace(/^(["'(]?).*\//, '$1') : each)
  return message.split(' ').map(word).join(' ')
}

/** Messages of installers about an index page or a download that ended early, or about the half of a file that it left. */
const DAMAGED = [
  ...['incompleteread', 'invalidchunklength', 'not enough bytes were received', 'incomplete-download'],
  ...['error decoding response body', 'error reading a body', 'end of file before message length'],
  ...['failed to read from zip file', 'badzipfile', 'not a zip file'],
  ...['do not match the hashes', 'hash mismatch'],
]

const DAMAGED_FILE = [
  /\bWheel '[^']{1,200}' located at \S{1,390} is invalid\./,
  // A file only: an index page without any content could not be reached.
  /\.(?:whl|gz|zip)\) cause: client error \(SendRequest\) cause: connection closed before message completed/,
]

/** The reason why an installation failed, in words. */
export function installFailureWords(specs: readonly string[], { reason, next }: InstallFailure): string {
  return `Installing ${specs.join(', ')} failed: ${reason}. ${next}`.trimEnd()
}

/** Words on an installation that succeeded and broke others: `broken` lists packages that lack a need now. */
export function brokenNeedsWords(broken: string): string {
  return `What is installed does not go together: ${broken}. Next: pip_install versions of these that agree.`
}

const CONFLICT = ['resolutionimpossible', 'are incompatible', 'conflicting dependencies']
const NO_FILE = ['has no wheels with a matching', 'no usable wheels', 'not a supported wheel on this platform']

const NO_WHEEL: InstallFailure = {
  why: 'platform',
  reason: 'the package index has no file of it for this Python and system',
  next: 'Next: pip_install another version, or do without it.',
}
const NO_SUCH_FILE: InstallFailure = {
  why: 'no_version',
  reason: 'the package index has no such version with a file for this Python and system',
  next: 'Next: name no version, or another one.',
}
const NO_SUCH_VERSION: InstallFailure = {
  why: 'no_version',
  reason: 'there is no such version',
  next: 'Next: name no version, or another one.',
}

function unknown(names: string[]): InstallFailure {
  const quoted = names.map((name) => `"${name}"`).join(', ')
  return {
    why: 'unknown',
    reason: 'the package index has no package of this name',
    next: `Next: check the name ${quoted}: a package may be called otherwise than its module.`,
  }
}

/** The newest existing versions, by pip's "from versions: …", or the range that uv names. */
function versionsIn(text: string): string[] {
  const [, rest = ''] = text.split('(from versions: ', 2)
  const listed = rest.slice(0, Math.max(0, rest.indexOf(')'))).split(', ')
  const versions = listed.filter((version) => /^[0-9][0-9A-Za-z.!+_-]{0,40}$/.test(version))
  if (versions.length > 0) {
    const released = versions.filter((version) => /^[\d.]+$/.test(version))
    return (released.length > 0 ? released : versions).slice(-MAX_VERSIONS)
  }
  const range = /\bonly [\w.-]{1,80}?([<>=]{1,2}[0-9][0-9A-Za-z.!+_<>=,-]{0,80}) is available/.exec(text)
  return range?.[1] === undefined ? [] : [range[1]]
}

/** The Python that the requested version needs; of several the last. */
function pythonIn(specs: readonly string[], text: string): string | undefined {
  const ignored = [...text.matchAll(/\b([0-9][0-9A-Za-z.!+-]{0,30}) Requires-Python ([<>=!~0-9.,* ]{1,40})/g)]
  const asked = ignored.find(([, version]) => specs.some((spec) => spec.endsWith(`=${version}`)))
  const needed = asked?.[2] ?? /does not satisfy Python([<>=!~0-9.,*]{1,40})/.exec(text)?.[1] ?? undefined
  return needed?.trim()
}

/** `: a 1.0 needs x<2, b 2.0 needs x>=2`, as far as it can be read. */
function conflictIn(text: string): string {
  const needs = [
    ...text.matchAll(
      /([A-Za-z0-9][\w.-]{0,60}(?:==| )[0-9][\w.]{0,20}) depends on ([A-Za-z0-9][\w.-]{0,60}[<>=!~][<>=!~0-9\w.,*]{0,40})/g,
    ),
  ]
  const said = [...new Set(needs.map(([, one, other]) => `${one} needs ${other}`))].slice(0, 3)
  return said.length === 0 ? '' : `: ${said.join(', ')}`
}

function buildFailure(text: string, output: string): InstallFailure {
  const next = 'Next: pip_install a version that has a wheel (often a newer one), or use another package.'
  const lines = output
    .split('\n')
    .filter((line) => /^[\s│]*(?:[A-Z]\w{0,40}(?:Error|Exception)|Exception): /.test(line))
  const header = /fatal error: ([\w./+-]{1,80}): No such file/.exec(text)?.[1]
  const compiler = /(?:command|program|directory:) '(gcc|cc|g\+\+|c\+\+|clang|[\w-]{1,40}-gcc)'/.exec(text)?.[1]
  const program =
    /\b(pg_config|mysql_config|cmake|cargo|rustc|pkg-config|llvm-config|swig) (?:executable )?(?:was )?not found/i.exec(
      text,
    )?.[1]
  const missing = header ?? compiler ?? program
  const said = lines.at(-1)
  const cause =
    missing !== undefined
      ? `: it needs ${missing}, which is a part of the system`
      : said !== undefined
        ? `: ${quote(said.trim(), 160)}`
        : ''
  return {
    why: 'build',
    reason: `there is no wheel of it for this Python, and building it from source failed${cause}`,
    next,
  }
}

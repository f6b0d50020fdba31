/** Environment variables that a call gives its program: the names that it may choose, and the removal of their values from stored texts. */
import type { RunOutcome } from '../contract/outcome.ts'
import type { ProgramError } from '../contract/program-error.ts'

/** Names that a call may set; the runner checks them again (`container/runner/start/environment.py`). */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
const RESERVED = new Set(['PATH', 'HOME', 'TMPDIR'])
const RESERVED_BEGINNINGS = ['PYTHON', 'LD_', 'RUN_PACKAGE']
/** Bytes of all names and values together; the runner's limit is the same. */
const MAX_BYTES = 64 * 1024
const MAX_NAME_CHARS = 200
/** Least length of a value that is hidden: a shorter one is no secret, and is in every text. */
const MIN_VALUE_CHARS = 6

/** The reason why these variables cannot be set, or null. */
export function envProblem(env: Readonly<Record<string, string>>): string | null {
  let bytes = 0
  for (const [name, value] of Object.entries(env)) {
    if (name === '' || name.length > MAX_NAME_CHARS)
      return `a name has 1 to ${MAX_NAME_CHARS} characters. Next: give another one.`
    const shown = JSON.stringify(name.slice(0, 60))
    if (!NAME.test(name)) return `${shown} is not a variable's name. Next: use letters, digits and _.`
    if (RESERVED.has(name) || RESERVED_BEGINNINGS.some((each) => name.startsWith(each))) {
      return `${shown} is set by the server and decides how programs start. Next: leave it out; a program can set it for its own children.`
    }
    if (value.includes('\0')) return `${shown} has a NUL in its value, which no variable can have. Next: leave it out.`
    bytes += new TextEncoder().encode(name + value).length + 2
  }
  return bytes > MAX_BYTES ? `is longer than ${MAX_BYTES / 1024} KiB. Next: pass data in "files".` : null
}

/** Takes the values out of texts: `[value of API_KEY]` stands for each. */
export function hidingValues(env: Readonly<Record<string, string>> = {}): (text: string) => string {
  const values = Object.entries(env)
    .flatMap(([name, value]) => forms(value).map((form) => ({ name, form })))
    .toSorted((a, b) => b.form.length - a.form.length)
  return (text) => values.reduce((shown, { name, form }) => shown.replaceAll(form, () => `[value of ${name}]`), text)
}

/** A value as it is, and as `repr()` or JSON shows it. */
function forms(value: string): string[] {
  const trimmed = value.trim()
  return trimmed.length < MIN_VALUE_CHARS ? [] : [...new Set([trimmed, JSON.stringify(trimmed).slice(1, -1)])]
}

/** The outcome as it is stored. */
export function withoutValues(outcome: RunOutcome, hide: (text: string) => string): RunOutcome {
  return {
    ...outcome,
    stdout: hide(outcome.stdout),
    stderr: hide(outcome.stderr),
    hints: outcome.hints.map(hide),
    error: outcome.error && errorWithout(outcome.error, hide),
  }
}

/** A step as it is stored. */
export function stepWithoutValues<Step extends TextStep>(step: Step, hide: (text: string) => string): Step {
  return {
    ...step,
    ...(step.text !== undefined && { text: hide(step.text) }),
    ...(step.error && { error: errorWithout(step.error, hide) }),
  }
}

interface TextStep {
  type: string
  text?: string
  error?: ProgramError | undefined
}

function errorWithout<Shown extends Pick<ProgramError, 'message' | 'frame'>>(
  error: Shown,
  hide: (text: string) => string,
): Shown {
  return { ...error, message: hide(error.message), frame: error.frame && hide(error.frame) }
}

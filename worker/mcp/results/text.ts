/**
 * Text of a run for a model. Our words come first, and end with the line `Output:` (or `Stderr:`). Below it all text is the program's, and
 * only marks in brackets are ours: where the other stream begins, and counts of repeated or left out lines. So no output of a program can
 * pass for ours, a host that cuts the end of a long text cuts output, and the first line says how the run went. A program's texts above
 * that line (names, messages, source) are on one line, or marked.
 */
import { shownText } from '../../text/quote.ts'
import { byteWords, sizeWords } from '../../text/byte-words.ts'
import { isUnderWay, type ShownOutcome } from '../../run/contract/outcome.ts'
import type { Attachments } from './attachments.ts'
import { fileLines } from './files.ts'

/** Distributions that a result's text names. */
const MAX_INSTALLED_NAMES = 40
/** Least seconds for which the text gives processor time, and least bytes of memory that it mentions. */
const LONG_S = 5
const MUCH_BYTES = 512 * 1024 ** 2
/** Characters of an exception's name. */
const MAX_TYPE_CHARS = 100

export function outcomeText(outcome: ShownOutcome, attached: Attachments): string {
  const { installed_packages, learnings, hints } = outcome
  const ours = [
    `[${facts(outcome).join(' · ')}]`,
    ...(outcome.status === 'success' && learnings.length > 0 ? ['Before you take this as done:'] : []),
    ...learnings.map(({ id, text, origin }) => `Learning ${id} (${origin}): ${text}`),
    ...errorLines(outcome),
    ...new Set(hints.map(oneLine)),
    ...cutLines(outcome),
    ...attemptLines(outcome),
    ...(installed_packages.length > 0 ? [installedLine(installed_packages)] : []),
    ...fileLines(outcome, attached),
  ]
  return [...ours, ...outputLines(outcome)].join('\n')
}

/** The first distributions by name; the data has all. */
export function installedLine(installed: string[]): string {
  const more = installed.length > MAX_INSTALLED_NAMES ? ` and ${installed.length - MAX_INSTALLED_NAMES} more` : ''
  return `Installed: ${installed.slice(0, MAX_INSTALLED_NAMES).join(', ')}${more}`
}

/** `error · KeyError, line 3 · 0.53 s · r_…`. Expected facts are left out, such as the exit code 1 of an exception. */
function facts(outcome: ShownOutcome): string[] {
  const { run_id, status, exit_code, signal, usage, stdout, stderr } = outcome
  return [
    status,
    ...(outcome.error === null || !isInOutput(outcome, outcome.error) ? [] : [errorWords(outcome.error)]),
    ...(exit_code === null || exit_code === (outcome.error === null ? 0 : 1) ? [] : [`exit code ${exit_code}`]),
    // The signal that ends a program at its time-out, or for a cancellation, is ours.
    ...(signal === null || status !== 'error' ? [] : [signal]),
    ...(usage === null ? [] : usageFacts(status, usage)),
    // A run without an end may have printed anything, and a program that did not start printed nothing.
    ...(stdout === '' && stderr === '' && usage !== null ? ['no output'] : []),
    run_id,
  ]
}

type ShownError = NonNullable<ShownOutcome['error']>

/** `KeyError, line 3` */
function errorWords({ type, line }: ShownError): string {
  return `${typeWords(type)}${line === null ? '' : `, line ${line}`}`
}

/** Returns whether the output has the error. A traceback has all of it; `sys.exit` has only its code, or the text that it printed. */
function isInOutput({ stderr }: ShownOutcome, { type, message }: ShownError): boolean {
  if (type === 'SystemExit' && message.startsWith('sys.exit(')) return true
  return stderr.includes(type === 'SystemExit' ? message : message === '' ? type : `${type}: ${message}`)
}

type Usage = NonNullable<ShownOutcome['usage']>

function usageFacts(status: ShownOutcome['status'], { wall_ms, cpu_ms, max_rss_bytes }: Usage): string[] {
  return [
    `${(wall_ms / 1000).toFixed(2)} s`,
    ...(wall_ms < LONG_S * 1000 && status !== 'timeout' ? [] : [`CPU ${(cpu_ms / 1000).toFixed(2)} s`]),
    ...(max_rss_bytes < MUCH_BYTES ? [] : [`${sizeWords(max_rss_bytes)} of memory`]),
  ]
}

/** Facts about the error that the output lacks. The time-out's hint has its message. */
function errorLines(outcome: ShownOutcome): string[] {
  const { status, error } = outcome
  if (error === null || status === 'timeout' || isInOutput(outcome, error)) return []
  const { type, message, frame } = error
  const what = type === 'Signal' ? message : `${typeWords(type)}: ${message}`
  return [marked(what), ...(frame === null ? [] : frameLines(frame))]
}

function typeWords(type: string): string {
  return oneLine(shownText(type, MAX_TYPE_CHARS))
}

/** The way to the rest of the output. */
function cutLines({ run_id, status, bytes, left_out }: ShownOutcome): string[] {
  if (left_out === undefined) return []
  const { from_line, within_line, dropped_bytes } = left_out
  const printed = `Of ${byteWords(bytes.stdout + bytes.stderr)} of output, ${byteWords(dropped_bytes)} were dropped`
  const dropped = dropped_bytes === 0 ? '' : `${printed} (the setting max_output_bytes); a file has room for more. `
  if (isUnderWay(status)) return dropped === '' ? [] : [dropped.trimEnd()]
  if (within_line) return [`${dropped}Next: print the long line in parts, or save it to a file.`]
  const from = from_line === null ? '' : `, from_line ${from_line}`
  return [`${dropped}Next: for what is left out below, call runs with action "output", run_id "${run_id}"${from}.`]
}

/** `Attempts: r_1 error (ConnectionResetError); after 0.5 s r_2 success`. One attempt is the run itself. */
function attemptLines({ attempts = [] }: ShownOutcome): string[] {
  if (attempts.length < 2) return []
  const told = attempts.map(({ run_id, status, error, waited_ms }, index) => {
    const waited = index === 0 ? '' : `after ${(waited_ms / 1000).toFixed(1)} s `
    return `${waited}${run_id} ${status}${error === null ? '' : ` (${typeWords(error.type)})`}`
  })
  return [`Attempts: ${told.join('; ')}`]
}

/** Lines of both streams. A failure's error output stands first. */
function outputLines({ status, stdout, stderr }: ShownOutcome): string[] {
  const printed = { name: 'stdout', text: stdout.replace(/\n$/, '') }
  const errors = { name: 'stderr', text: stderr.replace(/\n$/, '') }
  const inOrder = status === 'error' ? [errors, printed] : [printed, errors]
  const [first, second] = inOrder.filter(({ text }) => text !== '')
  if (first === undefined) return []
  const mark = first.name === 'stdout' ? 'Output:' : 'Stderr:'
  return [mark, first.text, ...(second === undefined ? [] : [`[${second.name}]`, second.text])]
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

/** A program's message, marked: its further lines cannot be taken for ours. */
function marked(text: string): string {
  return linesOf(text.trimEnd()).join('\n  | ')
}

/** `> 3 | 1 / 0`: a program can write its own report, so lines of another form are marked. */
function frameLines(frame: string): string[] {
  return linesOf(frame).map((line) => (/^[> ] {0,9}\d{1,9} \|/.test(line) ? line : `  | ${line}`))
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n|[\r\u2028\u2029]/)
}

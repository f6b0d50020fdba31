/**
 * Would the same program, run once more, fail in the same way? Decided from the outcome alone, by the rules in `failure-rules.ts`.
 * What nothing is known about is deterministic: running a program again repeats all that it did.
 */
import type { FailureRule } from './failure-rule.ts'
import { FAILURE_RULES } from './failure-rules.ts'
import type { RunOutcome } from './outcome.ts'

export interface Classification {
  /**
   * `deterministic`: it would fail again. `transient`: it may pass by itself. `limit`: it met a bound that something has to be
   * changed for. `lost`: nobody knows how far it came.
   */
  kind: 'success' | 'deterministic' | 'transient' | 'limit' | 'cancelled' | 'lost'
  /** Completes the sentence "It failed because …". */
  reason: string
  /** How long the service asked to wait, when the message says so. Milliseconds. */
  retry_after_ms?: number
  /** What to do, beginning with "Next:"; empty for a success. */
  hint: string
}

/** What the decision rests on. */
type Failure = Pick<RunOutcome, 'status' | 'exit_code' | 'signal' | 'hints'> & {
  error: { type: string; message: string } | null
}

export function classify(outcome: Failure): Classification {
  switch (outcome.status) {
    case 'success':
      return { kind: 'success', reason: 'it ended by itself with exit code 0', hint: '' }
    case 'cancelled':
      return { kind: 'cancelled', reason: 'it was cancelled', hint: 'Next: call again when it is wanted after all.' }
    case 'lost':
      return {
        kind: 'lost',
        reason: 'the runner ended in the middle, and nobody knows how far the program had come',
        hint: 'Next: look at the files that it writes to see how far it came, then call again.',
      }
    case 'timeout':
      return {
        kind: 'limit',
        reason: 'it ran longer than it may, and would again',
        hint: 'Next: pass a larger timeout, or do less in one call; files that it wrote are kept.',
      }
    case 'error':
      return classifyError(outcome)
  }
}

function classifyError(outcome: Failure): Classification {
  const facts = factsOf(outcome)
  const rule = FAILURE_RULES.find((rule) => rule.types.includes(facts.type) && fits(rule, facts))
  if (rule === undefined) return facts.type === '' ? unexplained(outcome) : UNKNOWN
  const { kind, reason, hint } = rule
  const retry_after_ms = kind === 'transient' ? retryAfter(facts.message) : undefined
  return { kind, reason, hint, ...(retry_after_ms !== undefined && { retry_after_ms }) }
}

const UNKNOWN: Classification = {
  kind: 'deterministic',
  reason: 'nothing says that this failure passes by itself',
  hint: 'Next: read the error and the marked line, change the program, and call again.',
}

function unexplained({ exit_code, signal }: Failure): Classification {
  return {
    kind: 'deterministic',
    reason: signal === null ? `it ended with exit code ${exit_code} and no exception` : `it was ended by ${signal}`,
    hint: 'Next: its last lines of output may say why; let exceptions through instead of ending with a bare exit code.',
  }
}

/** What the conditions of rules look at. */
interface Facts {
  type: string
  message: string
  /** In lower case. */
  said: string
  errno: number | undefined
  status: number | undefined
  command: { name: string; exit: number | string } | undefined
  exit_code: number | null
  signal: string | null
  /** Sentences about installations that failed, in lower case. */
  installs: string[]
}

/** Packages that pip and others carry with them have the same classes below another name. */
const VENDORED = 'pip._vendor.'

function factsOf({ error, exit_code, signal, hints }: Failure): Facts {
  const type = error?.type ?? ''
  const message = error?.message ?? ''
  return {
    type: type.startsWith(VENDORED) ? type.slice(VENDORED.length) : type,
    message,
    said: message.toLowerCase(),
    errno: numberIn(message, /\[Errno (-?\d{1,5})\]/),
    status: STATUS.map((pattern) => numberIn(message, pattern)).find((status) => status !== undefined),
    command: commandIn(message),
    exit_code,
    signal,
    installs: hints.filter((hint) => hint.startsWith('Installing ')).map((hint) => hint.toLowerCase()),
  }
}

function fits(rule: FailureRule, facts: Facts): boolean {
  const { errno, status, says, install, command, exit_code, signals } = rule
  return (
    (errno === undefined || (facts.errno !== undefined && errno.includes(facts.errno))) &&
    (status === undefined || (facts.status !== undefined && status.includes(facts.status))) &&
    (says === undefined || says.some((words) => facts.said.includes(words))) &&
    (install === undefined || install.some((words) => facts.installs.some((sentence) => sentence.includes(words)))) &&
    (command === undefined || commandFits(command, facts.command)) &&
    (exit_code === undefined || exit_code === facts.exit_code) &&
    (signals === undefined || (facts.signal !== null && signals.includes(facts.signal)))
  )
}

function commandFits(wanted: NonNullable<FailureRule['command']>, found: Facts['command']): boolean {
  if (found === undefined || !wanted.exits.includes(found.exit)) return false
  return wanted.name === undefined || wanted.name === found.name
}

/** How the clients of HTTP begin their messages. Looked at for their classes only. */
const STATUS = [
  /^HTTP Error (\d{3})\b/, // urllib
  /^(\d{3})\b/, // requests, aiohttp, google, discord
  /^(?:Client|Server) error '(\d{3})\b/, // httpx
  /^Error code: (\d{3})\b/, // openai, anthropic
  /^<HttpError (\d{3})\b/, // googleapiclient
  /\btoo many (\d{3}) error responses\b/, // urllib3
  /\bHTTP (\d{3})\b/, // websockets
]

function numberIn(text: string, pattern: RegExp): number | undefined {
  const found = pattern.exec(text)?.[1]
  return found === undefined ? undefined : Number(found)
}

/** The command of a CalledProcessError, without its folder, and how it ended. */
function commandIn(message: string): Facts['command'] {
  const name = /^Command '(?:\[')?([^\s',\]]{1,200})/.exec(message)?.[1]
  const exit = /returned non-zero exit status (-?\d{1,10})\.$/.exec(message)?.[1]
  const signal = /died with <Signals\.(SIG[A-Z0-9]{1,10}): \d+>\.$/.exec(message)?.[1]
  if (name === undefined) return undefined
  const last = name.split('/').at(-1) ?? name
  if (exit !== undefined) return { name: last, exit: Number(exit) }
  return signal === undefined ? undefined : { name: last, exit: signal }
}

const UNITS_MS = new Map([
  ...['ms', 'millisecond', 'milliseconds'].map((unit) => [unit, 1] as const),
  ...['m', 'min', 'mins', 'minute', 'minutes'].map((unit) => [unit, 60_000] as const),
  ...['h', 'hour', 'hours'].map((unit) => [unit, 3_600_000] as const),
])

/** Seconds, unless the message names another unit. */
function retryAfter(message: string): number | undefined {
  const found =
    /\bretry[-_ ]?(?:after|delay)["']?[ :=]{0,3}["']?(\d{1,9}(?:\.\d{1,9})?) ?([a-z]{0,12})/i.exec(message) ??
    /\b(?:try again|retry|wait)(?: in| for)? (\d{1,9}(?:\.\d{1,9})?) ?([a-z]{0,12})/i.exec(message)
  if (found === null) return undefined
  const [, amount, unit = ''] = found
  return Math.round(Number(amount) * (UNITS_MS.get(unit.toLowerCase()) ?? 1000))
}

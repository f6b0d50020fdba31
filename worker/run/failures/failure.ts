/** A failure as rules see it, and the rule that fits it. */
import { FAILURE_RULES } from './rules.ts'
import type { FailureRule } from './rule.ts'
import type { InstallFailureKind, RunOutcome } from '../contract/outcome.ts'
import type { ProgramError } from '../contract/program-error.ts'

/** Parts of an outcome that decide. */
export type Failure = Pick<RunOutcome, 'exit_code' | 'signal' | 'stderr' | 'failed_installs'> & {
  error: Pick<ProgramError, 'type' | 'message' | 'facts'> | null
}

/** Facts of a program's exception, and of what surrounds it. */
export type KnownFacts = Readonly<Record<string, string | number | readonly string[]>>

/** Facts for the conditions of rules. */
interface Facts {
  type: string
  message: string
  /** The message in lower case. */
  said: string
  stderr: string
  errno: number | undefined
  status: number | undefined
  command: { name: string; exit: number | string } | undefined
  /** The program of the system that could not be started. */
  program: string | undefined
  exit_code: number | null
  signal: string | null
  installs: InstallFailureKind[]
  known: KnownFacts
}

/** The first rule that fits; `context`: facts that are not the program's. */
export function ruleFor(failure: Failure, context: KnownFacts = {}): { rule: FailureRule | undefined; facts: Facts } {
  const facts = factsOf(failure, context)
  return { rule: FAILURE_RULES.find((rule) => ruleFits(rule, facts)), facts }
}

/** Prefix of packages that pip and others carry with them: their classes are the same. */
const VENDORED = 'pip._vendor.'

function factsOf({ error, exit_code, signal, stderr, failed_installs }: Failure, context: KnownFacts): Facts {
  const type = error?.type ?? ''
  const message = error?.message ?? ''
  const known: KnownFacts = { ...error?.facts, ...context }
  const command = commandIn(message)
  const asked = known['command']
  // A shell ends with 127 for a command that it does not find; for one that Python does not find there is no exit code.
  const program = command === undefined ? asked : command.exit === 127 ? command.name : undefined
  const { http_status } = known
  return {
    type: type.startsWith(VENDORED) ? type.slice(VENDORED.length) : type,
    message,
    said: message.toLowerCase(),
    stderr,
    errno: numberIn(message, /\[Errno (-?\d{1,5})\]/),
    status:
      typeof http_status === 'number'
        ? http_status
        : STATUS.map((pattern) => numberIn(message, pattern)).find((status) => status !== undefined),
    command,
    program: typeof program === 'string' ? program : undefined,
    exit_code,
    signal,
    installs: (failed_installs ?? []).map(({ why }) => why),
    known: typeof program === 'string' ? { ...known, program } : known,
  }
}

function ruleFits(rule: FailureRule, facts: Facts): boolean {
  const { types, errno, status, says, stderr, install, command, program, knows, is, exit_code, signals } = rule
  return (
    (types === undefined || types.includes(facts.type)) &&
    (errno === undefined || (facts.errno !== undefined && errno.includes(facts.errno))) &&
    (status === undefined || (facts.status !== undefined && status.includes(facts.status))) &&
    (says === undefined || says.some((words) => facts.said.includes(words))) &&
    (stderr === undefined || stderr.some((words) => facts.stderr.includes(words))) &&
    (install === undefined || install.some((why) => facts.installs.includes(why))) &&
    (command === undefined || commandFits(command, facts.command)) &&
    (program === undefined || (facts.program !== undefined && program.includes(facts.program))) &&
    (knows === undefined || knows.every((name) => facts.known[name] !== undefined)) &&
    (is === undefined || Object.entries(is).every(([name, values]) => values.includes(textOf(facts.known[name])))) &&
    (exit_code === undefined || exit_code === facts.exit_code) &&
    (signals === undefined || (facts.signal !== null && signals.includes(facts.signal)))
  )
}

function textOf(fact: KnownFacts[string] | undefined): string {
  return typeof fact === 'string' ? fact : ''
}

function commandFits(wanted: NonNullable<FailureRule['command']>, found: Facts['command']): boolean {
  if (found === undefined || !wanted.exits.includes(found.exit)) return false
  return wanted.name === undefined || wanted.name === found.name
}

/** Beginnings of HTTP clients' messages. Looked at for their classes only. */
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

/** The command of a CalledProcessError, without its folder, and its end. */
function commandIn(message: string): Facts['command'] {
  const name = /^Command '(?:\[')?([^\s',\]]{1,200})/.exec(message)?.[1]
  const exit = /returned non-zero exit status (-?\d{1,10})\.$/.exec(message)?.[1]
  const signal = /died with <Signals\.(SIG[A-Z0-9]{1,10}): \d+>\.$/.exec(message)?.[1]
  if (name === undefined) return undefined
  const last = name.split('/').at(-1) ?? name
  if (exit !== undefined) return { name: last, exit: Number(exit) }
  return signal === undefined ? undefined : { name: last, exit: signal }
}

/** A run as a text from which a model can explain it without asking for more: its receipt, its program and its outcome. */
import { clean } from '../../text/clean.ts'
import { quote } from '../../text/quote.ts'
import { redact } from '../../learning/secrets/redact.ts'
import type { RunHistory } from '../../run/contract/history.ts'
import { isUnderWay, type ShownOutcome } from '../../run/contract/outcome.ts'
import { TextWindow } from '../../text/window.ts'
import type { ShownRun } from '../caller.ts'

/** Characters of each text; a longer one is cut to head and tail. */
const PROGRAM_CHARS = 16_000
const OUTPUT_CHARS = 6_000
const FRAME_CHARS = 2_000
const LINE_CHARS = 500
const NAME_CHARS = 100
/** Names on one line. */
const MAX_NAMES = 20

/** A run as a text. Words of a program or its caller are quoted or fenced: they cannot pass for a line of this text. */
export function runRecord(run: ShownRun, history: RunHistory | null): string {
  const { outcome } = run
  return [
    `Run ${run.id}: ${standing(run)}`,
    ...askedLines(run, history),
    ...checkedLines(history, outcome?.hints ?? []),
    ...programLines(history),
    ...(outcome === null ? ['What it came to cannot be read any more.'] : outcomeLines(outcome)),
  ].join('\n')
}

function standing({ status, outcome }: ShownRun): string {
  const { exit_code = null, signal = null, usage = null } = outcome ?? {}
  return [
    isUnderWay(status) ? `${status}, it has not ended` : status,
    ...(exit_code === null ? [] : [`exit code ${exit_code}`]),
    ...(signal === null ? [] : [signal]),
    ...(usage === null ? [] : [`${(usage.wall_ms / 1000).toFixed(2)} s`]),
  ].join(' · ')
}

function askedLines({ objective, created_at, ended_at }: ShownRun, history: RunHistory | null): string[] {
  const asked = history?.asked ?? null
  const description = history?.description || objective
  const by = asked === null ? '' : ` by ${quote(asked.client, NAME_CHARS)} through ${asked.tool}`
  const times = [
    `Accepted ${iso(created_at)}${by}`,
    ...(history?.started_at == null ? [] : [`started ${iso(history.started_at)}`]),
    ...(ended_at === null ? [] : [`ended ${iso(ended_at)}`]),
  ]
  return [
    ...(description === '' ? [] : [`Description: ${quote(description, LINE_CHARS)}`]),
    `${times.join(', ')}.`,
    ...(asked === null ? [] : [`Arguments: ${argumentWords(asked)}.`]),
  ]
}

function argumentWords(asked: NonNullable<RunHistory['asked']>): string {
  const { timeout_s, background, auto_install, show_last, files, more_files, stdin_bytes, env } = asked
  const named = files.slice(0, MAX_NAMES).map(({ path, bytes }) => `${quote(path, NAME_CHARS)} (${bytes} bytes)`)
  const more = files.length - named.length + more_files
  return [
    `timeout ${timeout_s} s`,
    `auto_install ${auto_install ? 'on' : 'off'}`,
    ...(background ? ['background'] : []),
    ...(show_last === null ? [] : [`show_last ${show_last ? 'on' : 'off'}`]),
    ...(stdin_bytes === null ? [] : [`stdin of ${stdin_bytes} bytes`]),
    ...(env.length === 0 ? [] : [`variables ${env.slice(0, MAX_NAMES).join(', ')}`]),
    ...(named.length === 0 ? [] : [`files ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`]),
  ].join(', ')
}

/** Findings of the check, without those that a hint repeats. */
function checkedLines(history: RunHistory | null, hints: string[]): string[] {
  if (history?.checked == null) return []
  const { imports, refused } = history.checked
  const found = [
    ['installed', imports.installed],
    ['files beside it', imports.local],
    ['missing', imports.missing],
    ['missing, but guarded by the program', imports.optional],
  ] as const
  const words = found.flatMap(([what, names]) => (names.length === 0 ? [] : [`${what}: ${list(names)}`]))
  return [
    ...(words.length === 0 ? [] : [`Imports beyond the standard library: ${words.join('; ')}.`]),
    ...refused
      .filter((reason) => !hints.some((hint) => hint.startsWith(reason)))
      .map((reason) => `Not installed: ${oneLine(reason)}`),
  ]
}

function programLines(history: RunHistory | null): string[] {
  const program = history?.program ?? null
  if (program === null) return ['The program is not kept any more.']
  const { text, chars } = program
  return [
    `Program, ${chars.toLocaleString('en-US')} characters (here and below, secrets are taken out):`,
    fenced(text, PROGRAM_CHARS),
  ]
}

function outcomeLines(outcome: ShownOutcome): string[] {
  const { stdout, stderr, error, installed_packages, files, refused_hosts = [], hints } = outcome
  return [
    ...(stdout === '' ? ['It printed nothing on stdout.'] : ['Output:', fenced(stdout, OUTPUT_CHARS)]),
    ...(stderr === '' ? [] : ['Error output:', fenced(stderr, OUTPUT_CHARS)]),
    ...(error === null ? [] : [`Error: ${quote(redact(`${error.type}: ${error.message}`), LINE_CHARS)}`]),
    ...(error?.frame == null ? [] : ['Where:', fenced(error.frame, FRAME_CHARS)]),
    ...(installed_packages.length === 0 ? [] : [`Installed for it: ${list(installed_packages)}.`]),
    ...(files.length === 0
      ? []
      : [`Files: ${list(files.map(({ change, path }) => `${change} ${quote(path, NAME_CHARS)}`))}.`]),
    ...(refused_hosts.length === 0 ? [] : [`Hosts that were refused: ${list(refused_hosts.map(({ host }) => host))}.`]),
    ...hints.slice(0, MAX_NAMES).map((hint) => `Hint: ${oneLine(hint)}`),
  ]
}

function list(names: readonly string[]): string {
  const more = names.length - MAX_NAMES
  return names.slice(0, MAX_NAMES).map(oneLine).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

function oneLine(text: string): string {
  return clean(text).replaceAll(/\s+/g, ' ').slice(0, LINE_CHARS)
}

/** The text between fences that are longer than any in it. */
function fenced(text: string, max: number): string {
  const window = new TextWindow(max)
  window.add(clean(text))
  const shown = redact(window.toString())
  const longest = Math.max(2, ...Array.from(shown.matchAll(/`{3,}/g), ([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}\n${shown}${shown.endsWith('\n') ? '' : '\n'}${fence}`
}

function iso(time: number): string {
  return new Date(time).toISOString()
}

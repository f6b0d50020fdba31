/** What an outcome says to its caller beside the program's output: what may help, each with the next step. */
import { quote } from '../../text/quote.ts'
import { MAX_TIMEOUT_S } from '../contract/bounds.ts'
import { explain } from '../failures/explain.ts'
import type { KnownFacts } from '../failures/failure.ts'
import type { NetworkPolicy, RefusedHost } from '../network/policy.ts'
import { refusedHostsHints } from '../network/words.ts'
import type { ExecutorName, RunOutcome } from '../contract/outcome.ts'
import { shownHints } from '../output/shown-hints.ts'
import { installFailure } from '../packages/installer-output.ts'
import { unknownPackage } from '../packages/optional-dependency.ts'
import { isKeptFrom } from '../program/check-notes.ts'
import { looksLikeWords, nothingWords } from '../program/reading-words.ts'
import type { CheckNote, ExitEvent, Reading } from '../contract/protocol.ts'
import { quotaHint } from './workspace.ts'

/** What is known of a run beside its outcome. */
export interface HintContext {
  /** Sentences that every outcome has: about the workspace, and about packages that were installed. */
  notes: readonly string[]
  /** Why packages that it imports were not installed before it started. */
  not_installed: readonly string[]
  /** What came of the packages that it turned out to need when it failed. */
  late_installs: readonly string[]
  /** What it was kept from while it ran. */
  refused_hosts: readonly RefusedHost[]
  /** What reading the program told. */
  check_notes: readonly CheckNote[]
  network: NetworkPolicy
  /** Null: not known any more. */
  has_stdin: boolean | null
  timeout_s: number
  over_quota: ExitEvent['over_quota']
  /** Pictures that were printed as base64. */
  pictures_as_text: number
  /** How the program's text was read, when that is known. */
  reading?: Reading | undefined
  /** Every file was looked at after the run. */
  sawAllFiles: boolean
}

/** What may help the caller after this outcome; empty for a plain success. A failure is explained once. */
export function hintsFor(outcome: RunOutcome, context: HintContext): string[] {
  const hints = [...context.notes]
  if (context.over_quota !== undefined) hints.push(quotaHint(context.over_quota))
  hints.push(...shownHints(outcome))
  if (context.pictures_as_text > 0) hints.push(PICTURES_AS_TEXT)
  if (outcome.status !== 'timeout' && outcome.left !== undefined) hints.push(leftHint(outcome.left))
  return [...hints, ...reasons(outcome, context)]
}

/** Why it ended as it did, from the first source that knows. */
function reasons(outcome: RunOutcome, context: HintContext): string[] {
  const refused = refusedHostsHints(context.refused_hosts)
  switch (outcome.status) {
    case 'success':
      return showsNothing(outcome, context) ? [...refused, nothingWords(context.reading, context.sawAllFiles)] : refused
    case 'cancelled':
      return refused
    case 'timeout':
      return [...refused, explain(outcome, factsAround(outcome, context)) ?? timeoutHint(context.timeout_s)]
    case 'lost':
      return [`${lossOf(outcome)} ${FILES_OF_A_LOST_RUN[outcome.executor]} Next: call again.`]
    case 'error': {
      if (refused.length > 0) return refused
      if (context.over_quota !== undefined && outcome.error?.type === 'WorkspaceQuota') return []
      const otherwise = NO_PROGRAM.has(outcome.error?.type ?? '') ? looksLikeWords(context.reading) : []
      if (otherwise.length > 0) return otherwise
      const before = endedForAnImport(outcome) ? context.not_installed : []
      const packages = new Set([...before, ...context.late_installs])
      if (packages.size > 0) return [...packages]
      const explained = explain(outcome, factsAround(outcome, context))
      return explained === null ? [] : [explained]
    }
  }
}

/** Whether a success leaves its caller wondering: a cell that installs packages does not, nor does one that has made room. */
function showsNothing({ bytes, files }: RunOutcome, { reading, over_quota }: HintContext): boolean {
  const isSilent = bytes.stdout === 0 && bytes.stderr === 0 && files.length === 0
  return isSilent && over_quota === undefined && (reading?.specs ?? []).length === 0
}

const PICTURES_AS_TEXT =
  'A picture that is printed as base64 shows you nothing. Next: save it to a file, which comes back as a picture.'

/** How a text ends that is none of Python. */
const NO_PROGRAM = new Set(['SyntaxError', 'IndentationError', 'NameError'])

/** An error of another kind has nothing to do with a package that is not there. */
function endedForAnImport({ error }: RunOutcome): boolean {
  return error?.type === 'ModuleNotFoundError' || error?.facts?.['missing_module'] !== undefined
}

/** What the platform knows beside the exception. */
function factsAround({ executor, stdout, stderr, error }: RunOutcome, context: HintContext): KnownFacts {
  const { check_notes, network, has_stdin } = context
  const asks = check_notes.some(({ kind, what }) => kind === 'host' && what !== undefined && isKeptFrom(what, network))
  const installs = error?.facts?.['installs']
  const said = error?.facts?.['said']
  const output = typeof said === 'string' ? said : `${stdout}\n${stderr}`
  const wanted = error === null ? null : unknownPackage(error)
  return {
    executor,
    ...(wanted !== null && { wanted_package: wanted }),
    network: network.network,
    ...(has_stdin !== null && { stdin: has_stdin ? 'given' : 'none' }),
    ...(asks && { asked_host: 'public' }),
    ...(Array.isArray(installs) && { installer: installFailure(installs, output, 'it does not say why').reason }),
  }
}

function leftHint(left: NonNullable<RunOutcome['left']>): string {
  const named = left.map(({ name, port }) => (port === null ? quote(name, 60) : `${quote(name, 60)} (port ${port})`))
  const [it, was] = left.length === 1 ? ['it', 'was'] : ['they', 'were']
  return `${named.join(', ')} ${was} still running when the program ended, so ${it} ended as well: nothing outlives the program that starts it. Next: do what needs ${it === 'it' ? 'it' : 'them'} in the same program, or keep that program waiting and pass background: true.`
}

/** How a run was lost: a runner that has been told to end still says what its runs have used. */
function lossOf({ usage, executor }: RunOutcome): string {
  if (usage === null) return 'The runner ended in the middle of the run, so its result is unknown.'
  const stopped = executor === 'sandbox' ? 'The sandbox was stopped by the platform' : 'The server was stopped'
  return `${stopped} in the middle of the run, which was ended with it.`
}

const FILES_OF_A_LOST_RUN: Record<ExecutorName, string> = {
  local: 'Files that it had written are kept.',
  // Where its whole container ended, the disk went with it.
  sandbox: 'Files that were not saved yet may be gone, list them first.',
}

function timeoutHint(timeout_s: number): string {
  const longer = timeout_s < MAX_TIMEOUT_S ? `pass a larger timeout (at most ${MAX_TIMEOUT_S}), or ` : ''
  return `The program was stopped after ${timeout_s} s with everything it had started. Next: ${longer}do less in one call; files that it wrote are kept.`
}

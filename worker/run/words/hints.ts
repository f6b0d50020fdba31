/** Hints to the caller beside the program's output, each with the next step. */
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
import type { ExitEvent } from '../contract/protocol.ts'
import type { CheckNote, Reading } from '../contract/check.ts'
import { quotaHint } from './workspace.ts'

/** Facts about a run beside its outcome. */
export interface HintContext {
  /** Sentences for every outcome: about the workspace, and about installed packages. */
  notes: readonly string[]
  /** Reasons why packages that it imports were not installed before it started. */
  not_installed: readonly string[]
  /** Results of installing packages that it needed when it failed. */
  late_installs: readonly string[]
  /** Hosts that it was refused while it ran. */
  refused_hosts: readonly RefusedHost[]
  /** Notes from reading the program. */
  check_notes: readonly CheckNote[]
  network: NetworkPolicy
  /** Null: no longer known. */
  has_stdin: boolean | null
  timeout_s: number
  over_quota: ExitEvent['over_quota']
  /** Number of pictures that were printed as base64. */
  pictures_as_text: number
  /** The reading of the program's text, when it is known. */
  reading?: Reading | undefined
  /** Set when every file was looked at after the run. */
  sawAllFiles: boolean
}

/** Hints for the caller after this outcome; none for a plain success. A failure is explained once. */
export function hintsFor(outcome: RunOutcome, context: HintContext): string[] {
  const hints = [...context.notes]
  if (context.over_quota !== undefined) hints.push(quotaHint(context.over_quota))
  hints.push(...shownHints(outcome))
  if (context.pictures_as_text > 0) hints.push(PICTURES_AS_TEXT)
  if (outcome.status !== 'timeout' && outcome.left !== undefined) hints.push(leftHint(outcome.left))
  return [...hints, ...reasons(outcome, context)]
}

/** Reasons for its end, from the first source that knows. */
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

/** Returns whether a success leaves its caller wondering: a cell that installs packages does not, nor does one that has made room. */
function showsNothing({ bytes, files }: RunOutcome, { reading, over_quota }: HintContext): boolean {
  const isSilent = bytes.stdout === 0 && bytes.stderr === 0 && files.length === 0
  return isSilent && over_quota === undefined && (reading?.specs ?? []).length === 0
}

const PICTURES_AS_TEXT =
  'A picture that is printed as base64 shows you nothing. Next: save it to a file, which comes back as a picture.'

/** Errors of a text that is no Python. */
const NO_PROGRAM = new Set(['SyntaxError', 'IndentationError', 'NameError'])

/** Returns whether it ended for an import: an error of another kind has nothing to do with a missing package. */
function endedForAnImport({ error }: RunOutcome): boolean {
  return error?.type === 'ModuleNotFoundError' || error?.facts?.['missing_module'] !== undefined
}

/** The platform's facts beside the exception. */
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

/** Words on how a run was lost: a runner that has been told to end still reports what its runs have used. */
function lossOf({ usage, executor }: RunOutcome): string {
  if (usage === null) return 'The runner ended in the middle of the run, so its result is unknown.'
  const stopped = executor === 'sandbox' ? 'The sandbox was stopped by the platform' : 'The server was stopped'
  return `${stopped} in the middle of the run, which was ended with it.`
}

const FILES_OF_A_LOST_RUN: Record<ExecutorName, string> = {
  local: 'Files that it had written are kept.',
  // The disk went with the container.
  sandbox: 'Files that were not saved yet may be gone, list them first.',
}

function timeoutHint(timeout_s: number): string {
  const longer = timeout_s < MAX_TIMEOUT_S ? `pass a larger timeout (at most ${MAX_TIMEOUT_S}), or ` : ''
  return `The program was stopped after ${timeout_s} s with everything it had started. Next: ${longer}do less in one call; files that it wrote are kept.`
}

/**
 * One run, from program to outcome: read (and, where the runner can, start what lacks nothing) → install what is missing → execute →
 * decide. Only the order stands here: the runner does the work, `decide.ts` the deciding, and readers see every step as it happens.
 */
import { attempts, formerAttempts, readAndRun } from './attempts.ts'
import { RunnerError } from '../contract/errors.ts'
import { type HintContext, hintsFor } from '../words/hints.ts'
import type { NetworkPolicy, RefusedHost } from '../network/policy.ts'
import type { ExecutorName, RunOutcome } from '../contract/outcome.ts'
import { OutcomeFold } from './outcome-fold.ts'
import { EVERYTHING } from '../packages/policy.ts'
import type { PackagePolicy, RunDeps, RunInput, RunMarks, RunStep } from '../contract/step.ts'
import { type Preparation, prepare, wake } from './preparation.ts'
import { checkNotes } from '../program/check-notes.ts'
import { findingsOf } from '../contract/findings.ts'
import { elsewhereNote } from '../program/elsewhere.ts'
import { showsLast } from '../program/reading-words.ts'
import type { RunRequest } from '../contract/protocol.ts'
import { RunReport } from './report.ts'
import { NEVER_STARTED } from '../words/platform.ts'
import { workspaceNotes } from '../words/workspace.ts'

const UNMARKED: RunMarks = { sent: () => {}, read: () => {}, held: () => {} }

/**
 * Runs a program. Throws RunnerError when the platform fails before the program started; a failing program is an outcome.
 */
export async function* run(input: RunInput, deps: RunDeps, marks: RunMarks = UNMARKED): AsyncGenerator<RunStep> {
  yield* wake(deps)
  if (deps.signal.aborted) return yield cancelledBeforeStart(input.id, deps.executor)
  const startedAt = deps.now()
  const report = new RunReport()
  const first = yield* readAndRun(requestOf(input), report, deps, marks)
  if (first === null) return yield cancelledBeforeStart(input.id, deps.executor)
  // A program that has run lacks nothing: this only adds the notes on it.
  const prepared = yield* prepare(first.check, input, report, deps)
  if (first.fold === null && deps.signal.aborted) return yield cancelledBeforeStart(input.id, deps.executor)

  const { check } = prepared
  const begin = () => {
    marks.sent(report.installed)
    marks.read(findingsOf(check, report.notInstalled))
  }
  const fold = yield* attempts(requestOf(input, prepared), { check, input, report, deps }, begin, first.fold)
  if (fold === null) return yield cancelledBeforeStart(input.id, deps.executor)

  const refused_hosts = await refusedHosts(startedAt, deps)
  yield { type: 'outcome', outcome: outcomeOf(input, prepared, fold, report, refused_hosts, deps.executor) }
}

/** Facts that are kept of a run which a former life of the session object started. */
interface FormerRun {
  id: string
  timeout_s: number
  installed_packages: string[]
  created_at: number
}

/** Hint context of such a run: these facts are not kept. */
const FORGOTTEN = {
  notes: [],
  not_installed: [],
  late_installs: [],
  check_notes: [],
  network: { network: 'open', allowed_hosts: [] },
  has_stdin: null,
} as const satisfies Partial<HintContext>

/** Takes up a run that another life of the session object started: all its events again, then live, then the outcome. */
export async function* resume(
  { id, timeout_s, installed_packages, created_at }: FormerRun,
  deps: RunDeps,
): AsyncGenerator<RunStep> {
  const fold = yield* formerAttempts(id, deps)
  const refused_hosts = await refusedHosts(created_at, deps)
  const folded = fold.outcome(id, deps.executor)
  const outcome = {
    ...folded,
    installed_packages: [...installed_packages, ...folded.installed_packages],
    ...hostsPart(refused_hosts),
  }
  const hints = hintsFor(outcome, { ...FORGOTTEN, ...knownFrom(fold), timeout_s, refused_hosts })
  yield { type: 'outcome', outcome: { ...outcome, hints } }
}

/** The end of a run that another life of the session object did not get to start: its program is not kept as it was sent. */
export async function* neverStarted(
  id: string,
  executor: ExecutorName,
  stage: keyof typeof NEVER_STARTED,
): AsyncGenerator<RunStep> {
  yield { type: 'outcome', outcome: { ...new OutcomeFold().outcome(id, executor), hints: [NEVER_STARTED[stage]] } }
}

/** The runner's request for a run; `read` is known of a program that was read before. */
function requestOf(input: RunInput, read?: Preparation): RunRequest {
  const { id, code, files = {}, stdin, timeout_s, orphan_grace_s, max_output_bytes, packages } = input
  const show_last = input.show_last ?? ((read && showsLast(read.check)) || undefined)
  return {
    id,
    code: read?.reading?.program ?? code,
    files,
    ...(stdin !== undefined && { stdin }),
    ...environment(input),
    ...(show_last !== undefined && { show_last }),
    timeout_s,
    orphan_grace_s,
    limits: { output_bytes: max_output_bytes },
    ...packageLists(packages),
  }
}

/** The caller's environment variables, and the time zone, unless they set one. */
function environment({ env, time_zone }: RunInput): Pick<RunRequest, 'env'> {
  if (env === undefined && time_zone === undefined) return {}
  return { env: { ...(time_zone !== undefined && { TZ: time_zone }), ...env } }
}

function packageLists({ allowed_packages, blocked_packages }: PackagePolicy): Pick<RunRequest, 'package_lists'> {
  const allowed = allowed_packages.includes(EVERYTHING) ? [] : [...allowed_packages]
  const any = allowed.length > 0 || blocked_packages.length > 0
  return any ? { package_lists: { allowed, blocked: [...blocked_packages] } } : {}
}

/** The outcome of the last attempt, with the work that the run did for the program and the hints for its caller. */
function outcomeOf(
  input: RunInput,
  { check, reading }: Preparation,
  fold: OutcomeFold,
  { installed, failedInstalls, notes, notInstalled, lateInstalls, news }: RunReport,
  refused_hosts: RefusedHost[],
  executor: ExecutorName,
): RunOutcome {
  const has_stdin = input.stdin !== undefined && input.stdin !== ''
  const network: NetworkPolicy = { network: input.packages.network, allowed_hosts: input.allowed_hosts ?? [] }
  const checked = checkNotes(check.notes, network, has_stdin)
  const folded = fold.outcome(input.id, executor)
  const outcome = {
    ...folded,
    installed_packages: [...installed, ...folded.installed_packages],
    ...(input.env !== undefined && { env: Object.keys(input.env) }),
    ...(failedInstalls.length > 0 && { failed_installs: failedInstalls }),
    ...(checked.length > 0 && { check: { notes: checked } }),
    ...hostsPart(refused_hosts),
    ...(news.restored_from !== null && { restored_from: news.restored_from }),
  }
  const elsewhere = elsewhereNote(check, folded)
  const hints = hintsFor(outcome, {
    notes: [...workspaceNotes(news), ...notes, ...(elsewhere === null ? [] : [elsewhere])],
    not_installed: notInstalled,
    late_installs: lateInstalls,
    refused_hosts,
    check_notes: check.notes,
    network,
    has_stdin,
    timeout_s: input.timeout_s,
    reading,
    ...knownFrom(fold),
  })
  return { ...outcome, hints }
}

/** Facts for the hints from the events of a run. */
function knownFrom({ exit, picturesAsText }: OutcomeFold) {
  return {
    over_quota: exit?.over_quota,
    pictures_as_text: picturesAsText,
    sawAllFiles: exit?.files_cut !== true,
  } satisfies Partial<HintContext>
}

/** Hosts that programs were refused since a time. Asked for by their age: the sandbox has a clock of its own. */
async function refusedHosts(since: number, { runner, now }: RunDeps): Promise<RefusedHost[]> {
  try {
    return await runner.refusedHosts(now() - since)
  } catch (error) {
    // The run has ended even without this answer.
    if (error instanceof RunnerError) return []
    throw error
  }
}

function hostsPart(refused_hosts: RefusedHost[]): Pick<RunOutcome, 'refused_hosts'> {
  return refused_hosts.length > 0 ? { refused_hosts } : {}
}

function cancelledBeforeStart(id: string, executor: ExecutorName): RunStep {
  return { type: 'outcome', outcome: { ...new OutcomeFold().outcome(id, executor), status: 'cancelled' } }
}

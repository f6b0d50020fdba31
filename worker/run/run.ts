/**
 * One run, from program to outcome: check → install what is missing → execute → decide. It owns the order of things and nothing
 * else: the runner does the work, `decide.ts` the deciding, and whoever iterates sees every step as it happens.
 */
import { type Checked, checkedOf } from './program/checked.ts'
import { checkNotes } from './program/check-notes.ts'
import { lateInstall, notesAbout, planAsked, planInstall } from './decide.ts'
import { type ExecutorName, OutcomeFold, type RunOutcome } from './outcome.ts'
import { planDeclared } from './packages/declared.ts'
import { elsewhereNote } from './program/elsewhere.ts'
import type { RefusedHost } from './network/policy.ts'
import { EVERYTHING, type PackagePolicy } from './packages/policy.ts'
import type { RunEvent, RunRequest } from './protocol.ts'
import { type Refusal, refusalWords } from './packages/refusal.ts'
import { NO_NEWS, type Runner, type WorkspaceNews } from './runner.ts'
import { RunnerError } from './errors.ts'
import { showsLast, takenWords } from './program/taken.ts'
import {
  brokenNeedsWords,
  INSTALLER_CHARS,
  installFailure,
  type InstallFailure,
  installFailureWords,
} from './packages/installer-output.ts'
import { NEVER_STARTED, STARTING_SANDBOX } from './words.ts'
import { type HintContext, hintsFor } from './hints.ts'
import { workspaceNotes } from './workspace-words.ts'
import { orAborted } from '../waiting.ts'

/** What a run is asked to do. `id` is unique in the session. */
export interface RunInput {
  id: string
  code: string
  files?: RunRequest['files']
  stdin?: string | undefined
  /** Of the program; undefined: the runner's. */
  time_zone?: string
  /** Environment variables. Their values are stored nowhere. */
  env?: Record<string, string> | undefined
  /** Whether the value of the last expression is shown; unset: when nothing else is. */
  show_last?: boolean | undefined
  timeout_s: number
  packages: PackagePolicy
  /** Of the network policy. */
  allowed_hosts?: readonly string[]
  max_output_bytes: number
  orphan_grace_s: number
  install_timeout_s: number
}

/** A step of a run as readers see it. `status`: what the platform does meanwhile. `install`: the installer's output. `outcome` comes once, last. */
export type RunStep = RunEvent | { type: 'status' | 'install'; text: string } | { type: 'outcome'; outcome: RunOutcome }

export interface RunDeps {
  runner: Runner
  executor: ExecutorName
  /** Aborting cancels the run: its processes end, its output so far is kept. */
  signal: AbortSignal
  /** Milliseconds. */
  wait: (ms: number) => Promise<void>
  /** Milliseconds since 1970. */
  now: () => number
  /** Told how long an installation took, or an attempt at the program whose outcome is dropped: the outcome's own usage lacks both. */
  spent: (ms: number) => void
}

/** Times a broken connection to a run is taken up again without any progress before the run counts as lost. */
const MAX_REATTACHMENTS = 3
/** Times a program is started at most: once, and after each late installation. */
const MAX_ATTEMPTS = 4
/** Times a start that was not answered is cancelled, a second apart, until the runner knows the run. */
const MAX_TAKE_BACKS = 5

/**
 * Runs a program. `starting` is told, before the program is sent to the runner, which packages were installed for it until then, and what was found in it. Throws
 * RunnerError when the platform fails before the program started; a failing program is an outcome.
 */
export async function* run(
  input: RunInput,
  deps: RunDeps,
  starting: (installed: string[], found: Checked) => void = () => {},
): AsyncGenerator<RunStep> {
  const { runner, executor, signal } = deps
  if (!signal.aborted && (await runner.asleep())) {
    yield { type: 'status', text: STARTING_SANDBOX }
    await orAborted(runner.wake(), signal)
  }
  if (signal.aborted) {
    yield cancelledBeforeStart(input.id, executor)
    return
  }
  const startedAt = deps.now()
  const files = input.files ?? {}
  let check = await runner.check(input.code, Object.keys(files))
  const { reading } = check
  const installed: string[] = []
  const asked = planAsked(check, input.packages)
  const declared = planDeclared(check, input.packages)
  const wordsOf = (refusal: Refusal) => refusalWords(refusal, input.packages.allowed_packages)
  const notes = [...takenWords(reading, asked), ...declared.notes]
  notes.push(...asked.unclear, ...asked.refused.map((refusal) => wordsOf(refusal)))
  const explanations = [...declared.explanations]
  const failed_installs: NonNullable<RunOutcome['failed_installs']> = []
  const failed = (packages: string[], failure: InstallFailure) => {
    failed_installs.push({ packages, why: failure.why })
    return installFailureWords(packages, failure)
  }
  for (const packages of [...asked.install, ...(declared.install.length > 0 ? [declared.install] : [])]) {
    if (signal.aborted) break
    const failure = yield* install(packages, input.install_timeout_s, installed, notes, deps)
    // What they brought is missing no more, whatever its packages are called.
    if (failure === null) check = await runner.check(input.code, Object.keys(files))
    else notes.push(failed(packages, failure))
  }
  const plan = planInstall(check, input.packages)
  explanations.push(...plan.refused.map((refusal) => wordsOf(refusal)))

  for (const packages of plan.install) {
    if (signal.aborted) break
    const failure = yield* install(packages, input.install_timeout_s, installed, notes, deps)
    if (failure === null) notes.push(...notesAbout(packages))
    else explanations.push(failed(packages, failure))
  }

  let fold = new OutcomeFold()
  if (signal.aborted) {
    yield cancelledBeforeStart(input.id, executor)
    return
  }

  const showLast = input.show_last ?? (showsLast(check) || undefined)
  const request: RunRequest = {
    id: input.id,
    code: reading?.program ?? input.code,
    files,
    ...(input.stdin !== undefined && { stdin: input.stdin }),
    ...environment(input),
    ...(showLast !== undefined && { show_last: showLast }),
    timeout_s: input.timeout_s,
    orphan_grace_s: input.orphan_grace_s,
    limits: { output_bytes: input.max_output_bytes },
    ...packageLists(input.packages),
  }
  starting(installed, checkedOf(check, explanations))
  let news = NO_NEWS
  // What a further attempt is told is newer, but what the first was told no run has said yet.
  const told = ({ restored_from, emptied, unsaved }: WorkspaceNews) => {
    news = { restored_from: restored_from ?? news.restored_from, emptied: emptied || news.emptied, unsaved }
  }
  if (!(yield* execute(request, fold, deps, told))) {
    yield cancelledBeforeStart(input.id, executor)
    return
  }

  let late: string[] = []
  const tried = new Set<string>()
  for (let attempt = 2; ; attempt++) {
    const plan = fold.exit && lateInstall(fold.exit, check, input.packages)
    late = (plan?.refused ?? []).map((refusal) => wordsOf(refusal))
    const [packages] = plan?.install ?? []
    // What is wanted again was of no use.
    if (packages === undefined || signal.aborted || packages.every((name) => tried.has(name))) break
    for (const name of packages) tried.add(name)
    const clean = !fold.printedOrChangedAnything
    const failure = yield* install(packages, input.install_timeout_s, installed, notes, deps)
    const names = packages.join(', ')
    if (failure !== null) late.push(failed(packages, failure))
    else notes.push(...notesAbout(packages))
    if (failure !== null || signal.aborted) break
    if (!clean || attempt > MAX_ATTEMPTS) {
      late.push(`Installed ${names} after the import failed. Next: call again with the same program.`)
      break
    }
    deps.spent(fold.exit?.usage.wall_ms ?? 0)
    fold = new OutcomeFold()
    const text = `Installed ${names}; running the program again, as it had printed and changed nothing.`
    yield { type: 'status', text }
    starting(installed, checkedOf(check, explanations))
    if (!(yield* execute({ ...request, id: attemptId(input.id, attempt) }, fold, deps, told))) {
      yield cancelledBeforeStart(input.id, executor)
      return
    }
  }

  const restored = news.restored_from === null ? {} : { restored_from: news.restored_from }
  const refused_hosts = await refusedHosts(startedAt, deps)
  const has_stdin = input.stdin !== undefined && input.stdin !== ''
  const network = { network: input.packages.network, allowed_hosts: input.allowed_hosts ?? [] }
  const read = checkNotes(check.notes, network, has_stdin)
  const folded = fold.outcome(input.id, executor)
  const said = {
    installed_packages: [...installed, ...folded.installed_packages],
    ...(input.env !== undefined && { env: Object.keys(input.env) }),
    ...(failed_installs.length > 0 && { failed_installs }),
    ...(read.length > 0 && { check: { notes: read } }),
    ...refusals(refused_hosts),
    ...restored,
  }
  const outcome = { ...folded, ...said }
  const elsewhere = elsewhereNote(check, folded)
  if (elsewhere !== null) notes.push(elsewhere)
  const context = {
    refused_hosts,
    explanations,
    late,
    about: [...workspaceNotes(news), ...notes],
    notes: check.notes,
    network,
    has_stdin,
    timeout_s: input.timeout_s,
    over_quota: fold.exit?.over_quota,
    pictures_as_text: fold.picturesAsText,
    reading,
    sawAllFiles: fold.exit?.files_cut !== true,
  }
  yield { type: 'outcome', outcome: { ...outcome, hints: hintsFor(outcome, context) } }
}

/** What a former life of the session object knew of a run that it started. */
interface FormerRun {
  id: string
  timeout_s: number
  installed_packages: string[]
  created_at: number
}

/** What is not kept of it. */
const FORGOTTEN = {
  explanations: [],
  late: [],
  about: [],
  notes: [],
  network: { network: 'open', allowed_hosts: [] },
  has_stdin: null,
} as const satisfies Partial<HintContext>

/** Takes up a run that another life of the session object started: all its events again, then live, then the outcome. */
export async function* resume(
  { id, timeout_s, installed_packages, created_at }: FormerRun,
  deps: RunDeps,
): AsyncGenerator<RunStep> {
  let fold = new OutcomeFold()
  yield* follow(id, () => deps.runner.attach(id, 0), fold, deps, false)
  for (let attempt = 2; fold.exit !== undefined && attempt <= MAX_ATTEMPTS; attempt++) {
    const again = new OutcomeFold()
    const next = attemptId(id, attempt)
    yield* follow(next, () => deps.runner.attach(next, 0), again, deps, false)
    if (again.exit === undefined) break
    fold = again
  }
  const refused_hosts = await refusedHosts(created_at, deps)
  const folded = fold.outcome(id, deps.executor)
  const said = {
    installed_packages: [...installed_packages, ...folded.installed_packages],
    ...refusals(refused_hosts),
  }
  const outcome = { ...folded, ...said }
  const over_quota = fold.exit?.over_quota
  const sawAllFiles = fold.exit?.files_cut !== true
  const { picturesAsText: pictures_as_text } = fold
  const known = { timeout_s, over_quota, refused_hosts, pictures_as_text, sawAllFiles }
  const hints = hintsFor(outcome, { ...FORGOTTEN, ...known })
  yield { type: 'outcome', outcome: { ...outcome, hints } }
}

/** The end of a run that another life of the session object had not come to start: its program is not kept as it was sent. */
export async function* neverStarted(
  id: string,
  executor: ExecutorName,
  stage: keyof typeof NEVER_STARTED,
): AsyncGenerator<RunStep> {
  yield { type: 'outcome', outcome: { ...new OutcomeFold().outcome(id, executor), hints: [NEVER_STARTED[stage]] } }
}

/** By their age, not by a time: the sandbox has a clock of its own. */
async function refusedHosts(since: number, { runner, now }: RunDeps): Promise<RefusedHost[]> {
  try {
    return await runner.refusedHosts(now() - since)
  } catch (error) {
    // The run has ended all the same.
    if (error instanceof RunnerError) return []
    throw error
  }
}

/** What the caller gives the program, and the time zone, unless it names one. */
function environment({ env, time_zone }: RunInput): Pick<RunRequest, 'env'> {
  if (env === undefined && time_zone === undefined) return {}
  return { env: { ...(time_zone !== undefined && { TZ: time_zone }), ...env } }
}

function packageLists({ allowed_packages, blocked_packages }: PackagePolicy): Pick<RunRequest, 'package_lists'> {
  const allowed = allowed_packages.includes(EVERYTHING) ? [] : [...allowed_packages]
  const any = allowed.length > 0 || blocked_packages.length > 0
  return any ? { package_lists: { allowed, blocked: [...blocked_packages] } } : {}
}

function refusals(refused_hosts: RefusedHost[]): Pick<RunOutcome, 'refused_hosts'> {
  return refused_hosts.length > 0 ? { refused_hosts } : {}
}

function cancelledBeforeStart(id: string, executor: ExecutorName): RunStep {
  return { type: 'outcome', outcome: { ...new OutcomeFold().outcome(id, executor), status: 'cancelled' } }
}

/** The runner's run id of an attempt: each late installation may cause a repetition. */
export function attemptId(id: string, attempt: number): string {
  return attempt === 1 ? id : `${id}-${attempt}`
}

/** Installs packages, adding `name==version` of each to `installed`, and what that breaks to `notes`. Returns why it failed, or null. */
async function* install(
  specs: string[],
  timeoutS: number,
  installed: string[],
  notes: string[],
  deps: RunDeps,
): AsyncGenerator<RunStep, InstallFailure | null> {
  yield { type: 'status', text: `Installing ${specs.join(', ')} …` }
  const began = deps.now()
  let output = ''
  try {
    for await (const event of deps.runner.install(specs, timeoutS, deps.signal)) {
      if (event.type === 'output') {
        output = (output + event.text).slice(-INSTALLER_CHARS)
        yield { type: 'install', text: event.text }
      } else if (event.type === 'heartbeat') yield event
      else {
        installed.push(...event.installed)
        if (event.status === 'error') return installFailure(specs, output, event.message)
        if (event.message !== null) notes.push(brokenNeedsWords(event.message))
        return null
      }
    }
  } finally {
    deps.spent(deps.now() - began)
  }
  return deps.signal.aborted
    ? { why: 'stopped', reason: 'it was cancelled', next: '' }
    : installFailure(specs, output, null)
}

/** Returns false when it was cancelled before it could begin. */
async function* execute(
  request: RunRequest,
  fold: OutcomeFold,
  deps: RunDeps,
  told: (news: WorkspaceNews) => void,
): AsyncGenerator<RunStep, boolean> {
  const start = () => deps.runner.start(request, told)
  try {
    yield* follow(request.id, start, fold, deps)
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error
    if (error.code === 'unreachable' || error.code === 'sandbox_unreachable') void takeBack(request.id, deps)
    // `not_started` promises that nothing of the program ran, nor ever will: starting once more is safe.
    if (error.code !== 'not_started') throw error
    if (deps.signal.aborted) return false
    yield* follow(request.id, start, fold, deps)
  }
  return true
}

/** A runner that did not answer may still get to the request, and would then run what the caller was told is not run. */
async function takeBack(id: string, { runner, wait }: RunDeps): Promise<void> {
  for (let attempt = 1; attempt <= MAX_TAKE_BACKS; attempt++) {
    try {
      if (await runner.cancel(id)) return
    } catch (error) {
      if (!(error instanceof RunnerError)) throw error // still away
    }
    await wait(1000)
  }
}

/**
 * A run's events until its exit, through broken connections. Ends without an exit in `fold` when the run is lost. Throws only
 * before the first event, and only when `source` starts the run: then nothing of the program is known to have run.
 */
async function* follow(
  id: string,
  source: () => AsyncGenerator<RunEvent>,
  fold: OutcomeFold,
  { runner, signal, wait }: RunDeps,
  starting = true,
): AsyncGenerator<RunStep> {
  const cancel = () => {
    runner.cancel(id).catch(() => {
      // Not reachable: then neither are its events, and the run ends as lost by the loop below.
    })
  }
  signal.addEventListener('abort', cancel)
  let after = 0
  try {
    for (let broken = 0; broken <= MAX_REATTACHMENTS; broken++) {
      if (broken > 0) await wait(100 * broken ** 2)
      try {
        for await (const event of source()) {
          if (event.type === 'heartbeat') {
            yield event
            continue
          }
          // The abort may have come before the runner knew the run.
          if (event.type === 'started' && signal.aborted) cancel()
          after = event.n
          broken = 0
          fold.add(event)
          yield event
          if (event.type === 'exit') return
        }
      } catch (error) {
        if (!(error instanceof RunnerError) || (starting && after === 0)) throw error
        if (error.code === 'not_found') return
      }
      starting = false
      source = () => runner.attach(id, after)
    }
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

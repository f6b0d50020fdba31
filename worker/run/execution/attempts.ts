/** A program's attempts: its run, which may begin with the request that reads it, and another one after each late installation. */
import { lateInstall, notesAbout } from './decide.ts'
import { RunnerError } from '../contract/errors.ts'
import { findingsOf } from '../contract/findings.ts'
import { follow } from './follow.ts'
import { install } from './install.ts'
import { OutcomeFold } from './outcome-fold.ts'
import { packageRefusalWords } from '../packages/refusal.ts'
import type { CheckedEvent, RunEvent, RunRequest } from '../contract/protocol.ts'
import type { CheckResult } from '../contract/check.ts'
import type { WorkspaceNews } from '../contract/runner.ts'
import type { RunReport } from './report.ts'
import type { RunDeps, RunInput, RunMarks, RunStep } from '../contract/step.ts'

/** Most starts of a program: once, and after each late installation. */
const MAX_ATTEMPTS = 4
/** Most times that an unanswered start is cancelled, a second apart, until the runner knows the run. */
const MAX_TAKE_BACKS = 5

/** The runner's run id of an attempt: each late installation may cause a repetition. */
export function attemptId(id: string, attempt: number): string {
  return attempt === 1 ? id : `${id}-${attempt}`
}

/** A program that was read. `fold`: its first attempt, if nothing had to be done before that. */
export interface ReadProgram {
  check: CheckResult
  fold: OutcomeFold | null
}

/**
 * Has a program read, and run at once if it lacks nothing and the runner can do both with one request. Null when it was cancelled before it
 * could begin.
 */
export async function* readAndRun(
  request: RunRequest,
  report: RunReport,
  deps: RunDeps,
  marks: RunMarks,
): AsyncGenerator<RunStep, ReadProgram | null> {
  const { runner } = deps
  const { checkAndStart } = runner
  const readOnly = async () => ({
    check: await runner.check(request.code, Object.keys(request.files ?? {})),
    fold: null,
  })
  if (checkAndStart === undefined) return readOnly()
  const fold = new OutcomeFold()
  let event: CheckedEvent | undefined
  marks.sent([])
  try {
    const began = yield* execute(
      request.id,
      (told) => checkAndStart(request, told),
      fold,
      report,
      deps,
      (checked) => {
        event = checked
        if (checked.starts) marks.read(findingsOf(checked.check, []))
        else marks.held()
      },
    )
    if (!began) return null
  } catch (error) {
    if (!(error instanceof RunnerError && error.code === 'bad_request')) throw error
    // It may be older than this field. What else is wrong with the request it will say again.
    marks.held()
    return readOnly()
  }
  return { check: event?.check ?? UNREAD, fold: event?.starts === false ? null : fold }
}

/** Check of a program that may have begun, though the connection broke before it said how the program reads. */
const UNREAD: CheckResult = { syntax_error: null, imports: [], notes: [] }

/**
 * Runs the program until an attempt stands; `first` is one that was made already. `starting` is called before each. Null when it
 * was cancelled before it could begin.
 */
export async function* attempts(
  request: RunRequest,
  late: LateInstallation,
  starting: () => void,
  first: OutcomeFold | null,
): AsyncGenerator<RunStep, OutcomeFold | null> {
  const { report, deps } = late
  const tried = new Set<string>()
  for (let attempt = 1; ; attempt++) {
    let fold = attempt === 1 ? first : null
    if (fold === null) {
      fold = new OutcomeFold()
      starting()
      const next = { ...request, id: attemptId(request.id, attempt) }
      if (!(yield* execute(next.id, (told) => deps.runner.start(next, told), fold, report, deps))) return null
    }
    const again = yield* installLate(fold, tried, attempt < MAX_ATTEMPTS, late)
    if (!again) return fold
    deps.spent(fold.exit?.usage.wall_ms ?? 0)
  }
}

/** Input of an installation for a program that has failed. */
interface LateInstallation {
  check: CheckResult
  input: RunInput
  report: RunReport
  deps: RunDeps
}

/** Installs the missing packages of a failed attempt, unless they were `tried` before. Returns whether the program is to be run again. */
async function* installLate(
  fold: OutcomeFold,
  tried: Set<string>,
  mayRepeat: boolean,
  { check, input, report, deps }: LateInstallation,
): AsyncGenerator<RunStep, boolean> {
  const plan = fold.exit && lateInstall(fold.exit, check, input.packages)
  const { allowed_packages } = input.packages
  report.lateInstalls = (plan?.refused ?? []).map((refusal) => packageRefusalWords(refusal, allowed_packages))
  const [packages] = plan?.install ?? []
  // A package that is wanted again was of no use.
  if (packages === undefined || deps.signal.aborted || packages.every((name) => tried.has(name))) return false
  for (const name of packages) tried.add(name)
  const failure = yield* install(packages, input.install_timeout_s, report, deps)
  if (failure !== null) {
    report.lateInstalls.push(report.addFailure(packages, failure))
    return false
  }
  report.notes.push(...notesAbout(packages))
  if (deps.signal.aborted) return false
  const names = packages.join(', ')
  if (fold.didAnything || !mayRepeat) {
    // A model that calls again without a thought pays twice.
    const next = fold.didAnything
      ? 'The program was not run again, as it had printed, changed or sent something. Next: call again, if that may happen twice.'
      : 'Next: call again with the same program.'
    report.lateInstalls.push(`Installed ${names} after the import failed. ${next}`)
    return false
  }
  const text = `Installed ${names}; running the program again, as it had printed, changed and sent nothing.`
  yield { type: 'status', text }
  return true
}

/** The attempts of a run that another life of the session object started: the events of each from the first on, then live. */
export async function* formerAttempts(id: string, deps: RunDeps): AsyncGenerator<RunStep, OutcomeFold> {
  let fold = new OutcomeFold()
  yield* follow(id, () => deps.runner.attach(id, 0), fold, deps, false)
  for (let attempt = 2; fold.exit !== undefined && attempt <= MAX_ATTEMPTS; attempt++) {
    const again = new OutcomeFold()
    const next = attemptId(id, attempt)
    yield* follow(next, () => deps.runner.attach(next, 0), again, deps, false)
    if (again.exit === undefined) break
    fold = again
  }
  return fold
}

/** Follows the run that `begin` starts. Returns false when it was cancelled before it could begin. */
async function* execute(
  id: string,
  begin: (told: (news: WorkspaceNews) => void) => AsyncGenerator<RunEvent | CheckedEvent>,
  fold: OutcomeFold,
  report: RunReport,
  deps: RunDeps,
  checked?: (event: CheckedEvent) => void,
): AsyncGenerator<RunStep, boolean> {
  const start = () => begin((news) => report.addNews(news))
  try {
    yield* follow(id, start, fold, deps, true, checked)
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error
    if (error.code === 'unreachable' || error.code === 'sandbox_unreachable') void takeBack(id, deps)
    // `not_started` promises that nothing of the program ran, nor ever will: starting once more is safe.
    if (error.code !== 'not_started') throw error
    if (deps.signal.aborted) return false
    yield* follow(id, start, fold, deps, true, checked)
  }
  return true
}

/** Cancels an unanswered start: the runner may still get it, and would then run a program that counts as not run. */
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

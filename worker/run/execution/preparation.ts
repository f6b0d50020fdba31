/** Steps before a program starts: wake the sandbox, install what is missing. */
import { notesAbout, planCell, planInstall } from './decide.ts'
import { install } from './install.ts'
import { planScript } from '../packages/script.ts'
import { packageRefusalWords } from '../packages/refusal.ts'
import { readingWords } from '../program/reading-words.ts'
import type { CheckResult, Reading } from '../contract/check.ts'
import type { RunReport } from './report.ts'
import type { RunDeps, RunInput, RunStep } from '../contract/step.ts'
import { orAborted } from '../../waiting.ts'
import { STARTING_SANDBOX } from '../words/platform.ts'

/** A program that is ready to start. */
export interface Preparation {
  /** The check of the program after its requirements are installed. */
  check: CheckResult
  /** The first reading of its text. */
  reading: Reading | undefined
}

/** Starts the runner's container, where it sleeps. */
export async function* wake({ runner, signal }: RunDeps): AsyncGenerator<RunStep> {
  if (signal.aborted || !(await runner.asleep())) return
  yield { type: 'status', text: STARTING_SANDBOX }
  await orAborted(runner.wake(), signal)
}

/** Installs the requirements of a program that was read, then the packages of its missing imports. */
export async function* prepare(
  first: CheckResult,
  input: RunInput,
  report: RunReport,
  deps: RunDeps,
): AsyncGenerator<RunStep, Preparation> {
  const check = yield* installAsked(first, input, report, deps)
  yield* installMissing(check, input, report, deps)
  return { check, reading: first.reading }
}

/** Installs the requirements in a notebook cell's lines and a PEP 723 block. Returns the check after that. */
async function* installAsked(
  first: CheckResult,
  { code, files = {}, packages: policy, install_timeout_s }: RunInput,
  report: RunReport,
  deps: RunDeps,
): AsyncGenerator<RunStep, CheckResult> {
  const cell = planCell(first, policy)
  const script = planScript(first, policy)
  report.notes.push(...readingWords(first.reading, cell), ...script.notes, ...cell.unclear)
  report.notes.push(...cell.refused.map((refusal) => packageRefusalWords(refusal, policy.allowed_packages)))
  report.notInstalled.push(...script.explanations)
  let check = first
  for (const packages of [...cell.install, ...(script.install.length > 0 ? [script.install] : [])]) {
    if (deps.signal.aborted) break
    const failure = yield* install(packages, install_timeout_s, report, deps)
    // Modules that the packages brought are missing no more, whatever the packages are called.
    if (failure === null) check = await deps.runner.check(code, Object.keys(files))
    else report.notes.push(report.addFailure(packages, failure))
  }
  return check
}

/** Installs the packages of missing imports. */
async function* installMissing(
  check: CheckResult,
  { packages: policy, install_timeout_s }: RunInput,
  report: RunReport,
  deps: RunDeps,
): AsyncGenerator<RunStep> {
  const plan = planInstall(check, policy)
  report.notInstalled.push(...plan.refused.map((refusal) => packageRefusalWords(refusal, policy.allowed_packages)))
  for (const packages of plan.install) {
    if (deps.signal.aborted) break
    const failure = yield* install(packages, install_timeout_s, report, deps)
    if (failure === null) report.notes.push(...notesAbout(packages))
    else report.notInstalled.push(report.addFailure(packages, failure))
  }
}

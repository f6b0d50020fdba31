/** The installations that a run makes for its program. */
import { INSTALLER_CHARS, brokenNeedsWords, type InstallFailure, installFailure } from '../packages/installer-output.ts'
import type { RunReport } from './report.ts'
import type { RunDeps, RunStep } from '../contract/step.ts'

/** Installs packages, and adds them to the report, with the packages that they break. Returns the reason why it failed, or null. */
export async function* install(
  specs: string[],
  timeoutS: number,
  report: RunReport,
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
        report.installed.push(...event.installed)
        if (event.status === 'error') return installFailure(specs, output, event.message)
        if (event.message !== null) report.notes.push(brokenNeedsWords(event.message))
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

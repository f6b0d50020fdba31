/** Facts about a run beside the program's events. Every step adds to it; the outcome is made of it and the events. */
import type { RunOutcome } from '../contract/outcome.ts'
import { type InstallFailure, installFailureWords } from '../packages/installer-output.ts'
import { NO_NEWS, type WorkspaceNews } from '../contract/runner.ts'

export class RunReport {
  /** `name==version` of each package that was installed for the program. */
  readonly installed: string[] = []
  readonly failedInstalls: NonNullable<RunOutcome['failed_installs']> = []
  /** Sentences for every outcome. */
  readonly notes: string[] = []
  /** Reasons why packages that the program imports were not installed before it started. */
  readonly notInstalled: string[] = []
  /** Results of installing packages that the program needed when it failed; of the last attempt. */
  lateInstalls: string[] = []
  #news = NO_NEWS

  /** Notes a failed installation. Returns its reason in words. */
  addFailure(packages: string[], failure: InstallFailure): string {
    this.failedInstalls.push({ packages, why: failure.why })
    return installFailureWords(packages, failure)
  }

  /** Adds the news of an attempt. The newest counts, but news of the first that no run has reported yet stays. */
  addNews({ restored_from, emptied, unsaved }: WorkspaceNews): void {
    const { restored_from: before, emptied: wasEmptied } = this.#news
    this.#news = { restored_from: restored_from ?? before, emptied: emptied || wasEmptied, unsaved }
  }

  get news(): WorkspaceNews {
    return this.#news
  }
}

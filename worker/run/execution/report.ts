/** What a run comes to know beside the program's events. Every step adds to it; the outcome is made of it and the events. */
import type { RunOutcome } from '../contract/outcome.ts'
import { type InstallFailure, installFailureWords } from '../packages/installer-output.ts'
import { NO_NEWS, type WorkspaceNews } from '../contract/runner.ts'

export class RunReport {
  /** `name==version` of each package that was installed for the program. */
  readonly installed: string[] = []
  readonly failedInstalls: NonNullable<RunOutcome['failed_installs']> = []
  /** Sentences that every outcome has. */
  readonly notes: string[] = []
  /** Why packages that the program imports were not installed before it started. */
  readonly notInstalled: string[] = []
  /** What came of the packages that it turned out to need when it failed; of the last attempt. */
  lateInstalls: string[] = []
  #news = NO_NEWS

  /** An installation failed. Returns why, in words. */
  addFailure(packages: string[], failure: InstallFailure): string {
    this.failedInstalls.push({ packages, why: failure.why })
    return installFailureWords(packages, failure)
  }

  /** What a further attempt is told is newer, but what the first was told no run has said yet. */
  addNews({ restored_from, emptied, unsaved }: WorkspaceNews): void {
    const { restored_from: before, emptied: wasEmptied } = this.#news
    this.#news = { restored_from: restored_from ?? before, emptied: emptied || wasEmptied, unsaved }
  }

  get news(): WorkspaceNews {
    return this.#news
  }
}

/** A session's running work: programs and installations, which share the user's places, and the sandbox that is started for them. */
import type { InstallEvent } from '../../run/contract/protocol.ts'
import type { RunOutcome } from '../../run/contract/outcome.ts'
import { NoExecutor } from '../../run/contract/errors.ts'
import type { Runner } from '../../run/contract/runner.ts'
import { install } from './installations.ts'
import { keepAliveIfLong } from './keep-alive.ts'
import { LiveRuns, type LiveRunsDeps } from './live-runs.ts'
import { Places } from './places.ts'
import { WarmStart } from './warm-start.ts'

export interface ProgramsDeps extends Omit<LiveRunsDeps, 'places' | 'wait'> {
  kv: SyncKvStorage
  /** Most programs and installations at once. */
  places: () => number
}

export class Programs {
  readonly runs: LiveRuns
  readonly #deps: ProgramsDeps
  readonly #places: Places
  readonly #warmStart: WarmStart
  /** Ends the installations under way when the workspace is deleted. */
  #erasing = new AbortController()

  constructor(deps: ProgramsDeps) {
    this.#deps = deps
    this.#places = new Places(deps.places)
    this.#warmStart = new WarmStart({ kv: deps.kv, runner: () => this.#runner(), now: deps.now })
    this.runs = new LiveRuns({
      ...deps,
      places: this.#places,
      keepAliveWhile: (work) => keepAliveIfLong(work, (longWork) => deps.keepAliveWhile(longWork)),
      wait: (ms) => scheduler.wait(ms),
      changed: (id, outcome) => this.#changed(id, outcome),
    })
  }

  /** Starts the sandbox when a client that may run programs has come, so that its first program need not wait. Never rejects. */
  clientCame(): Promise<void> {
    return this.#warmStart.clientCame()
  }

  /** Installs when there is a place. Throws as `checkStart` does, and Busy when too many wait already. */
  install(specs: string[], timeoutS: number, signal: AbortSignal): AsyncGenerator<InstallEvent> {
    this.#deps.checkStart()
    return install(specs, timeoutS, AbortSignal.any([signal, this.#erasing.signal]), {
      places: this.#places,
      runner: this.#runner(),
      spent: this.#deps.spent,
      now: this.#deps.now,
    })
  }

  /** Lets waiting work in: there may be more places now. */
  admit(): void {
    this.#places.admit()
  }

  /** Ends everything and deletes the workspace. Throws RunnerError when the runner cannot be reached. */
  async erase(): Promise<void> {
    // Waiting work would otherwise get the place of a run that ends here, and bring something back.
    this.#erasing.abort()
    this.#erasing = new AbortController()
    await this.runs.cancelAll()
    try {
      await this.#runner().wipe()
    } catch (error) {
      // Without any runner there is no workspace.
      if (!(error instanceof NoExecutor)) throw error
    }
  }

  #changed(id: string, outcome?: RunOutcome): void {
    this.#deps.spent(outcome?.usage?.wall_ms ?? 0)
    this.#warmStart.ran()
    this.#deps.changed(id, outcome)
  }

  #runner(): Runner {
    return this.#deps.executor().runner
  }
}

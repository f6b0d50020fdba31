/** Tells clients about changes: resources that read differently, and a changed list of resources. */
import type { RunOutcome } from '../../run/contract/outcome.ts'
import type { Lane2025 } from './lane-2025.ts'
import type { Lane2026 } from './lane-2026.ts'

export interface ChangesDeps {
  lane2025: Lane2025
  lane2026: Lane2026
  /** Keeps the object in memory until the work is done. */
  waitUntil: (work: Promise<void>) => void
}

export class Changes {
  readonly #deps: ChangesDeps

  constructor(deps: ChangesDeps) {
    this.#deps = deps
  }

  /** Tells that these resources read differently. */
  updated(uris: string[]): void {
    this.#deps.lane2026.resourcesUpdated(uris)
    this.#deps.lane2025.resourcesUpdated(uris)
  }

  /** Tells that there are other resources. */
  listChanged(): void {
    this.#deps.waitUntil(this.#deps.lane2026.resourcesListChanged())
  }

  /** Tells that a run was accepted, or has ended with this outcome. */
  run(id: string, outcome?: RunOutcome): void {
    const files = (outcome?.files ?? []).map(({ uri }) => uri)
    const learnings = outcome === undefined ? [] : ['codemode://learnings']
    this.updated(['codemode://runs', `codemode://runs/${id}`, 'codemode://context', ...learnings, ...files])
    // A run is listed from its start, and a file until it is deleted.
    if (outcome === undefined || outcome.files.some(({ change }) => change !== 'changed')) this.listChanged()
  }

  /** Tells that the file at this path of an address was written or deleted. */
  file(pathname: string): void {
    this.updated([`codemode:/${pathname}`, 'codemode://context'])
    this.listChanged()
  }

  /** Tells that a learning was changed or deleted; null: several at once. */
  learning(id: string | null): void {
    this.updated(['codemode://learnings', ...(id === null ? [] : [`codemode://learnings/${id}`])])
    this.listChanged()
  }

  settings(): void {
    this.updated(['codemode://config', 'codemode://context'])
  }
}

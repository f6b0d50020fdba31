/** A run's steps as they come, asked for again and again: a host passes no progress of a call on to its view. */
import type { RunPaths } from '../../../run/contract/protocol.ts'
import type { Status } from '../../data/run-data.ts'
import type { Step } from '../log/log-line.ts'
import { textOf, type ToolResult } from './results.ts'

/** Time for which the server may wait for a step. */
const WAIT_MS = 12_000
/** Pause after each answer: lines of the meantime come together. */
const PAUSE_MS = 80
/** Pause where a program prints all the time: its user has other requests to make, and may have a second view. */
const LONG_PAUSE_MS = 300
/** Short pauses that may come at once, and those that each second brings back. */
const SHORT_PAUSES = 200
const SHORT_PAUSES_PER_S = 3
/** Pause where the host refuses calls beside the one that runs the program. */
const REFUSED_MS = 1_000

/** An answer of the tool `run_log`; without a run when there is none yet. */
type Page =
  | { run_id: null }
  | { run_id: string; status: Status; steps: Step[]; after: string; more: boolean; paths?: RunPaths }

export interface Follower {
  call: (tool: string, args: object) => Promise<ToolResult>
  /** There may be more to come, and somebody looks. */
  isWanted: () => boolean
  /** `paths`: of the run, with its first steps. */
  steps: (runId: string, status: Status, steps: Step[], paths?: RunPaths) => void
  /** Every step of this run has been told. */
  ended: (runId: string) => void
  /** A call was refused; it is made again. */
  failed: () => void
  /** The run is not there. */
  lost: () => void
}

export class Follow {
  readonly #follower: Follower
  #isGoing = false
  /** Number of the runs that were followed: an answer about an earlier one is too late. */
  #turn = 0
  #waitMs = WAIT_MS
  #shortPauses = SHORT_PAUSES
  #askedAt = 0
  #after: string | null = null
  #ended = false
  runId: string | null = null
  /** Key of the program, as long as the run is not known. */
  program = ''

  constructor(follower: Follower) {
    this.#follower = follower
  }

  /** Goes on with a run, from its beginning when it is another one; null: with the next of the program. */
  of(runId: string | null): void {
    if (runId === this.runId && runId !== null) return
    this.runId = runId
    this.#after = null
    this.#ended = false
    // The answer that is waited for may take its time.
    this.#turn++
    this.#isGoing = false
  }

  /** Asks for as long as it is wanted. */
  async go(): Promise<void> {
    if (this.#isGoing) return
    this.#isGoing = true
    const { isWanted } = this.#follower
    const turn = this.#turn
    while (turn === this.#turn && !this.#ended && isWanted()) await pause(await this.#ask(turn))
    if (turn === this.#turn) this.#isGoing = false
  }

  /** Takes one answer. Resolves to the pause after it. */
  async #ask(turn: number): Promise<number> {
    const { runId, program } = this
    const of = runId === null ? { program } : { run_id: runId, ...(this.#after !== null && { after: this.#after }) }
    let page: Page
    try {
      const { content = [], isError = false } = await this.#follower.call('run_log', { ...of, wait_ms: this.#waitMs })
      if (turn !== this.#turn) return 0
      if (isError) return this.#lose()
      page = JSON.parse(textOf(content[0]?.text))
    } catch {
      if (turn !== this.#turn) return 0
      this.#waitMs = 0
      this.#follower.failed()
      return REFUSED_MS
    }
    if (page.run_id !== null) this.#take(page)
    return this.#waitMs === 0 ? REFUSED_MS : this.#pause()
  }

  #pause(): number {
    const now = performance.now()
    const regained = ((now - this.#askedAt) / 1000) * SHORT_PAUSES_PER_S
    this.#askedAt = now
    this.#shortPauses = Math.min(SHORT_PAUSES, this.#shortPauses + regained) - 1
    return this.#shortPauses > 0 ? PAUSE_MS : LONG_PAUSE_MS
  }

  #take({ run_id, status, steps, after, more, paths }: Exclude<Page, { run_id: null }>): void {
    this.runId = run_id
    this.#after = after
    this.#follower.steps(run_id, status, steps, paths)
    if (more || status === 'queued' || status === 'running') return
    this.#ended = true
    this.#follower.ended(run_id)
  }

  #lose(): number {
    this.#ended = true
    this.#follower.lost()
    return 0
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

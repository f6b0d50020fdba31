/** Facts about runs beside their outcomes: of each in a list, which tell it apart, and of one. */
import type * as z from 'zod'
import type { CallArguments } from './call.ts'
import type { Findings } from './findings.ts'
import { shownOutcome } from './outcome.ts'

export const runStatus = shownOutcome.shape.status
export type RunStatus = z.infer<typeof runStatus>

/** Longest text of a search, in characters. */
export const MAX_RUN_SEARCH_CHARS = 200

export const RUN_ID = /^r_[0-9a-f]{16}$/

export interface RunQuery {
  limit: number
  /** Id of the only run to list. */
  id?: string | undefined
  /** The id of a run: only older ones. */
  before?: string | undefined
  status?: RunStatus | undefined
  /** Accepted from `since` on, and before `until`. Milliseconds since 1970. */
  since?: number | undefined
  until?: number | undefined
  /** Words that all have to occur in description, program or error, whatever their case. */
  search?: string | undefined
  /** Names of the client that asked, and of its tool, as the list has them. */
  client?: string | undefined
  tool?: string | undefined
}

/** Times are milliseconds since 1970. */
export interface RunSummary {
  id: string
  status: RunStatus
  objective: string
  created_at: number
  ended_at: number | null
}

/** Texts are redacted; a missing text is empty. Times are milliseconds since 1970. */
export interface ListedRun extends RunSummary {
  description: string
  /** The most telling line of the program, and of its output. */
  headline: string
  said: string
  error: { type: string; message: string } | null
  /** Null for a run from before this was kept. */
  client: string | null
  tool: string | null
  started_at: number | null
  /** Milliseconds that the program took; null until its end, and when it was not started. */
  wall_ms: number | null
  /** Paths of at most three pictures that it made. Some may be gone since. */
  pictures: string[]
}

/** Newest first; `more`: there are older ones. */
export interface RunPage {
  runs: ListedRun[]
  more: boolean
  /** Number of runs in the whole history that are left out, as the id in their row cannot be read. */
  unreadable?: number
}

export interface RunHistory {
  /** The caller's words, redacted. */
  description: string
  /** Null for a run from before this was kept. */
  asked: CallArguments | null
  /** Null until the program is started. */
  checked: Findings | null
  /** Time at which the program was sent to the runner; null when it was not. */
  started_at: number | null
  /** The program, redacted, and cut to its beginning; null when it is no longer kept. `chars`: length as sent. */
  program: { text: string; chars: number } | null
}

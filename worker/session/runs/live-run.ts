/** A live run as its readers see it. */
import type { ShownOutcome } from '../../run/contract/outcome.ts'
import type { ReadableRun, ReadStep } from '../../run/contract/readable-run.ts'
import type { EventId } from '../store/event-id.ts'
import type { NumberedItem } from '../store/run-logs.ts'

/** A run that has not ended, or has just ended and is still being read. */
export interface LiveRun extends ReadableRun {
  readonly createdAt: number
  /** Its program's key; null for a run of the object's former life. */
  programKey(): string | null
  status: 'queued' | 'running'
  /** The outcome so far. */
  soFar(): ShownOutcome
  /** Its steps after a step, with ids; `missed` where the log has a gap. */
  events(after: EventId): AsyncGenerator<NumberedItem>
  /** The kept steps after a step; waits for one, but at most so many milliseconds. */
  next(after: EventId, ms: number): Promise<NumberedItem[]>
  /** Every step that is kept at this moment. */
  kept(): ReadStep[]
}

/** A live run as its readers see it. */
import type { ShownOutcome } from '../../run/contract/outcome.ts'
import type { ReadableRun, ReadStep } from '../../run/contract/readable-run.ts'
import type { EventId } from '../store/event-id.ts'
import type { NumberedItem } from '../store/run-logs.ts'

/** A run that has not ended, or has just ended and is still being read. */
export interface LiveRun extends ReadableRun {
  readonly createdAt: number
  status: 'queued' | 'running'
  /** The outcome so far. */
  soFar(): ShownOutcome
  /** Its steps after a step, with ids; `missed` where the log has a gap. */
  events(after: EventId): AsyncGenerator<NumberedItem>
  /** Every step that is kept at this moment. */
  kept(): ReadStep[]
}

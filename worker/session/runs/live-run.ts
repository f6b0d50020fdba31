/** A run that goes on, as its readers see it. */
import type { ShownOutcome } from '../../run/contract/outcome.ts'
import type { ReadableRun, ReadStep } from '../../run/contract/readable-run.ts'
import type { EventId } from '../store/event-id.ts'
import type { NumberedItem } from '../store/run-logs.ts'

/** A run that has not ended, or has just ended and is still being read. */
export interface LiveRun extends ReadableRun {
  readonly createdAt: number
  status: 'queued' | 'running'
  /** What it has come to until now. */
  soFar(): ShownOutcome
  /** Its steps after a step, with ids; `missed` where the log has a gap. */
  events(after: EventId): AsyncGenerator<NumberedItem>
  /** Every step that is there at this moment. */
  kept(): ReadStep[]
}

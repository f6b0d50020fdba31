/** A run as its readers see it, of one attempt or several, whoever drives it. */
import type { RunOutcome } from './outcome.ts'
import type { RunStep } from './step.ts'

/** A step, or the number of characters that this reader has missed, and of the line ends that the program printed in them. */
export type ReadStep = RunStep | { type: 'missed'; chars: number; lines?: number | undefined }

export interface ReadableRun {
  /** The run's id; with several attempts that of the current one, or the last. */
  readonly id: string
  /** Every step from the first, then live. */
  read(): AsyncGenerator<ReadStep>
  /** Rejects only when the platform failed before the program started. */
  readonly outcome: Promise<RunOutcome>
  /** Ends the run's processes; its outcome follows. */
  cancel(): void
}

/**
 * A run's events for one reader, from every source: the live log, the kept log of an ended run, and, where those have a gap, the runner's
 * own log, which is whole until ten minutes after the run's end. Nothing is read before the reader asks for it.
 */
import type { RunOutcome } from '../../run/contract/outcome.ts'
import type { RunEvent } from '../../run/contract/protocol.ts'
import { attemptId } from '../../run/execution/attempts.ts'
import { type EventId, follows, idAfter, isAfter } from '../store/event-id.ts'
import type { NumberedItem, KeptItem } from '../store/run-logs.ts'

export interface EventSources {
  /** The kept events of the run after an event; `missed` where some are left out. Live until its end. */
  kept: (after: EventId) => AsyncGenerator<NumberedItem> | Generator<NumberedItem>
  /** The runner's events of an attempt after a number; ends at once when the runner has forgotten it. */
  replay: (attempt: string, after: number) => AsyncGenerator<RunEvent>
}

/** Every event of a run after `after`, to its outcome. `gone` ends the reading of a silent run. */
export async function* runEvents(
  runId: string,
  after: EventId,
  { kept, replay }: EventSources,
  gone: () => boolean,
): AsyncGenerator<NumberedItem> {
  let last = after
  for (let filled = true; filled;) {
    filled = false
    for await (const numbered of kept(last)) {
      if (numbered.item.type === 'missed') {
        for await (const event of replay(attemptId(runId, last.attempt), last.n)) {
          if (gone()) return
          if (event.type === 'heartbeat') continue
          filled = true
          last = idAfter(last, event)
          yield { id: last, item: event }
        }
        // The kept log may be whole from here on.
        if (filled) break
      } else {
        last = numbered.id
      }
      yield numbered
    }
  }
}

/** The log of an ended run after an event, with the outcome at its place. */
export function* keptEvents(
  items: Iterable<KeptItem>,
  outcome: RunOutcome | null,
  after: EventId,
): Generator<NumberedItem> {
  let gap: NumberedItem | undefined
  let last = after
  let hasOutcome = false
  for (const { id, item } of items) {
    if (isAfter(id, last)) last = id
    hasOutcome ||= item.type === 'outcome'
    if (item.type === 'missed') {
      gap = { id, item }
      continue
    }
    if (isAfter(id, after)) {
      if (gap !== undefined && !follows(id, after)) yield gap
      if (item.type !== 'outcome') yield { id, item }
      else if (outcome !== null) yield { id, item: { type: 'outcome', outcome } }
    }
    gap = undefined
  }
  if (hasOutcome || outcome === null) return
  // The end of the log cannot be read: its reader waits for the outcome all the same.
  yield gap ?? { id: last, item: { type: 'missed', chars: 0 } }
  yield { id: { ...last, extra: last.extra + 1 }, item: { type: 'outcome', outcome } }
}

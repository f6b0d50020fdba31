/** Some steps of a run at once: few enough for one answer to a view. */
import { jsonBytes } from '../../mcp/results/size.ts'
import type { StepsPage } from '../../mcp/caller.ts'
import { type EventId, eventIdText } from '../store/event-id.ts'
import type { NumberedItem } from '../store/run-logs.ts'

const MAX_STEPS = 500
/** Bytes of the steps in an answer, where their JSON is a text of the answer's JSON. */
const MAX_BYTES = 200_000

/** The first of some steps; `after`: the position before them. */
export function stepsPage(items: Iterable<NumberedItem>, after: EventId): StepsPage {
  const steps: StepsPage['steps'] = []
  let [last, room] = [after, MAX_BYTES]
  for (const { id, item } of items) {
    // Its outcome is in the result of the run, whole.
    const bytes = item.type === 'outcome' ? 0 : jsonBytes(JSON.stringify(item))
    room -= bytes
    const isFull = steps.length >= MAX_STEPS || (room < 0 && steps.length > 0)
    // A gap has the position before it, so a page does not end with one: it would be told again.
    if (isFull && steps.at(-1)?.type !== 'missed') return { steps, after: eventIdText(last), more: true }
    steps.push(item)
    last = id
  }
  return { steps, after: eventIdText(last), more: false }
}

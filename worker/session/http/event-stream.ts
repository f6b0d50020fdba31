/** A run's events as server-sent events. */
import { eventIdText } from '../store/event-id.ts'
import { serverSent } from './server-sent.ts'
import type { NumberedItem } from '../store/run-logs.ts'

/** `gone` tells `events` that its reader has left. `opened`: as of `serverSent`. */
export function eventStream(
  events: (gone: () => boolean) => AsyncGenerator<NumberedItem>,
  {
    status = 200,
    location,
    opened,
  }: { status?: number; location?: string; opened?: (end: () => void) => () => void } = {},
): Response {
  let left = false
  const items = events(() => left)
  const leave = () => {
    left = true
    // Not awaited: a reader of a silent run ends with the run's next event.
    void items.return(undefined)
  }
  const response = serverSent(items, frame, { leave, opened, status })
  if (location !== undefined) response.headers.set('location', location)
  return response
}

/** A `missed` event has no id: a reader who comes back is told again, or gets the missing part. */
function frame({ id, item }: NumberedItem): string {
  const idLine = item.type === 'missed' ? '' : `id: ${eventIdText(id)}\n`
  return `event: ${item.type}\n${idLine}data: ${JSON.stringify(item)}\n\n`
}

/** A run's events as server-sent events: read as the client takes them, with a comment for each second of silence. */
import { within } from '../../waiting.ts'
import { eventIdText } from '../store/event-id.ts'
import { KEEP_ALIVE_MS } from './keep-alive.ts'
import type { NumberedItem } from '../store/run-logs.ts'

/** `gone` tells `events` that its reader has left. */
export function eventStream(
  events: (gone: () => boolean) => AsyncGenerator<NumberedItem>,
  { status = 200, location }: { status?: number; location?: string } = {},
): Response {
  let left = false
  const items = events(() => left)
  const encoder = new TextEncoder()
  let next: Promise<IteratorResult<NumberedItem>> | undefined
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      next ??= items.next()
      const result = await within(next, KEEP_ALIVE_MS)
      if (result === undefined) return controller.enqueue(encoder.encode(': keepalive\n\n'))
      next = undefined
      if (result.done === true) controller.close()
      else controller.enqueue(encoder.encode(frame(result.value)))
    },
    cancel() {
      left = true
      // Not awaited: a reader of a silent run ends with the run's next event.
      void items.return(undefined)
    },
  })
  const headers = new Headers({ 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform' })
  if (location !== undefined) headers.set('location', location)
  return new Response(body, { status, headers })
}

/** A `missed` event has no id: a reader who comes back is told again, or gets the missing part. */
function frame({ id, item }: NumberedItem): string {
  const idLine = item.type === 'missed' ? '' : `id: ${eventIdText(id)}\n`
  return `event: ${item.type}\n${idLine}data: ${JSON.stringify(item)}\n\n`
}

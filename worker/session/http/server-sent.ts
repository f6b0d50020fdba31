/** Server-sent events, read as the client takes them, with a comment for each second of silence. */
import { within } from '../../waiting.ts'
import { KEEP_ALIVE_MS } from './keep-alive.ts'

/** `frame`: an item as text, with the empty line behind it. `leave` is called when the reader has left before the end. */
export function serverSent<T>(
  items: AsyncGenerator<T>,
  frame: (item: T) => string,
  leave: () => void,
  status = 200,
): Response {
  const encoder = new TextEncoder()
  let next: Promise<IteratorResult<T>> | undefined
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      next ??= items.next()
      const result = await within(next, KEEP_ALIVE_MS)
      if (result === undefined) return controller.enqueue(encoder.encode(': keepalive\n\n'))
      next = undefined
      if (result.done === true) controller.close()
      else controller.enqueue(encoder.encode(frame(result.value)))
    },
    cancel: leave,
  })
  const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform' }
  return new Response(body, { status, headers })
}

/** Server-sent events, read as the client takes them, with a comment for each second of silence. */
import { within } from '../../waiting.ts'
import { KEEP_ALIVE_MS } from './keep-alive.ts'

interface Reading {
  /** Called when the reader has left before the end, or was sent away. */
  leave: () => void
  /** Told how to end the stream from here; returns what to call when it has ended. */
  opened?: ((end: () => void) => () => void) | undefined
  status?: number
}

/** `frame`: an item as text, with the empty line behind it. */
export function serverSent<T>(
  items: AsyncGenerator<T>,
  frame: (item: T) => string,
  { leave, opened, status = 200 }: Reading,
): Response {
  const encoder = new TextEncoder()
  let next: Promise<IteratorResult<T>> | undefined
  let isOpen = true
  let closed: (() => void) | undefined
  const close = () => {
    isOpen = false
    closed?.()
  }
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      closed = opened?.(() => {
        close()
        leave()
        controller.close()
      })
    },
    async pull(controller) {
      next ??= items.next()
      try {
        const result = await within(next, KEEP_ALIVE_MS)
        if (!isOpen) return
        if (result === undefined) return controller.enqueue(encoder.encode(': keepalive\n\n'))
        next = undefined
        if (result.done !== true) return controller.enqueue(encoder.encode(frame(result.value)))
        close()
        controller.close()
      } catch (error) {
        close()
        throw error
      }
    },
    cancel() {
      close()
      leave()
    },
  })
  const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform' }
  return new Response(body, { status, headers })
}

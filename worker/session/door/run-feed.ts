/** `/runs/live`: the user's runs as they are accepted, begin and end, for who has a list of them open. */
import { listedRun } from '../../mcp/results/receipt.ts'
import type { ListedRun } from '../../run/contract/history.ts'
import { KEEP_ALIVE_MS } from '../http/keep-alive.ts'

/** Readers at once: each is a connection that stays open. The oldest has to leave, and asks again if it is still there. */
const MAX_READERS = 50
/** Messages that wait for a reader. */
const MAX_BEHIND = 100

export class RunFeed {
  readonly #find: (id: string) => ListedRun | undefined
  readonly #readers = new Map<ReadableStreamDefaultController<Uint8Array>, () => void>()

  /** `find`: a run as the list has it. */
  constructor(find: (id: string) => ListedRun | undefined) {
    this.#find = find
  }

  /** This run is there, or stands differently now. */
  changed(id: string): void {
    if (this.#readers.size === 0) return
    const run = this.#find(id)
    if (run !== undefined) this.#send(`event: run\ndata: ${JSON.stringify(listedRun(run))}\n\n`)
  }

  /** An MCP client came that had not come for a while, or ever. */
  clientCame(): void {
    this.#send('event: client\ndata: {}\n\n')
  }

  /** A stream without an end: `open` at once, so that its reader looks at the list as it is now, then each change. */
  read(): Response {
    let own: ReadableStreamDefaultController<Uint8Array>
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        own = controller
        const timer = setInterval(() => this.#send(': keepalive\n\n', controller), KEEP_ALIVE_MS)
        this.#readers.set(controller, () => clearInterval(timer))
        this.#send('retry: 500\nevent: open\ndata: {}\n\n', controller)
        for (const oldest of [...this.#readers.keys()].slice(0, -MAX_READERS)) this.#leave(oldest)
      },
      cancel: () => this.#forget(own),
    })
    return new Response(body, {
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform' },
    })
  }

  /** Ends every stream: who may still read asks again. */
  end(): void {
    for (const reader of [...this.#readers.keys()]) this.#leave(reader)
  }

  #send(text: string, ...only: ReadableStreamDefaultController<Uint8Array>[]): void {
    const bytes = new TextEncoder().encode(text)
    for (const reader of only.length > 0 ? only : this.#readers.keys()) {
      // Who takes nothing is let go rather than waited for: it asks for the list again when it comes back.
      if ((reader.desiredSize ?? 0) < -MAX_BEHIND) this.#leave(reader)
      else reader.enqueue(bytes)
    }
  }

  #leave(reader: ReadableStreamDefaultController<Uint8Array>): void {
    this.#forget(reader)
    reader.close()
  }

  #forget(reader: ReadableStreamDefaultController<Uint8Array>): void {
    this.#readers.get(reader)?.()
    this.#readers.delete(reader)
  }
}

/**
 * The 2025 lane's answer to GET with Last-Event-ID: the stored events of a stream from there on, and those still to come. It reads rows,
 * not the transport, so it does not matter in which life of the object they were written.
 */
import { Bell } from '../../waiting.ts'
import { jsonRpcError } from './json-rpc-error.ts'
import { KEEP_ALIVE_MS } from '../http/keep-alive.ts'
import type { Sql } from '../store/sql.ts'
import { eventsAfter, findStream, isStreamDone } from '../store/transport.ts'

/** Events that one read takes. */
const REPLAY_BATCH = 50

export class Resumption {
  readonly #sql: Sql
  /** Rings when an event was stored, or a stream has ended. */
  readonly changed = new Bell()

  constructor(sql: Sql) {
    this.#sql = sql
  }

  /** The rest of a stream from an event on, with events still to come. Reads on only as the client takes it. */
  resume(sessionId: string, lastEventId: string): Response {
    const sql = this.#sql
    let after = Number(lastEventId)
    const stream = Number.isSafeInteger(after) ? findStream(sql, sessionId, after) : null
    if (stream === null) return jsonRpcError(400, -32000, 'Unknown or expired event id: call the tool again')
    const encoder = new TextEncoder()
    let gone = false
    const body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        while (!gone) {
          const done = isStreamDone(sql, stream.id)
          const events = eventsAfter(sql, stream.id, after, REPLAY_BATCH)
          for (const { seq, message } of events) {
            after = seq
            // The priming event that opens a stream is an empty message: nothing to repeat.
            if (message !== '{}') controller.enqueue(encoder.encode(`event: message\nid: ${seq}\ndata: ${message}\n\n`))
          }
          if (done && events.length < REPLAY_BATCH) return controller.close()
          if (events.length > 0) return
          if (!(await this.changed.nextWithin(KEEP_ALIVE_MS)))
            return controller.enqueue(encoder.encode(': keepalive\n\n'))
        }
      },
      cancel: () => {
        gone = true
      },
    })
    return new Response(body, {
      headers: {
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache, no-transform',
        'mcp-session-id': sessionId,
      },
    })
  }
}

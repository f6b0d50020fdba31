/**
 * Counts the bytes that a client has been sent and not yet taken. The MCP SDK's streams accept everything at once, so a large sender asks
 * here first.
 */
import * as z from 'zod'
import { Bell, within } from '../../waiting.ts'
import { messageOf } from './event-blocks.ts'

/** Most bytes that a slow client may owe. */
const MAX_OUTSTANDING_BYTES = 1024 * 1024
/** Longest time that headers wait for the first frame. A refusal needs no tool to run, so it is there at once. */
const FIRST_FRAME_MS = 50
/** JSON-RPC code of 2026-07-28: the call needs a capability that the client has not declared. */
const MISSING_CLIENT_CAPABILITY = -32021
const refusal = z.object({ error: z.object({ code: z.literal(MISSING_CLIENT_CAPABILITY) }) })

export class ResponseMeter {
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined
  /** Rings when the client has taken something, or has gone. */
  readonly #taken = new Bell()

  /**
   * The response with a counted body. `opened` is told how to end it before its time, and returns what to call at its end: what the client
   * had asked for goes on, unheard. An answer that only names a capability which the client lacks becomes a 400, as the specification
   * wants; the SDK finds that out when its stream is already open.
   */
  async measure(response: Response, opened: (end: () => void) => () => void): Promise<Response> {
    if (response.body === null) return response
    const source = response.body.getReader()
    const first = source.read()
    const refused = await within(first.then(missingCapability), FIRST_FRAME_MS)
    if (refused != null) return Response.json(refused, { status: 400 })
    let isOpen = true
    let closed: (() => void) | undefined
    const close = () => {
      isOpen = false
      closed?.()
      this.#release()
    }
    const pump = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
      try {
        for (let frame = await first; !frame.done; frame = await source.read()) {
          if (isOpen) controller.enqueue(frame.value)
        }
        if (isOpen) controller.close()
      } catch (error) {
        if (isOpen) controller.error(error)
      } finally {
        close()
      }
    }
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller
          closed = opened(() => {
            close()
            controller.close()
          })
          void pump(controller)
        },
        pull: () => this.#taken.ring(),
        cancel: async (reason) => {
          close()
          await source.cancel(reason)
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MAX_OUTSTANDING_BYTES }),
    )
    return new Response(body, response)
  }

  /** Resolves when the client owes less than 1 MiB, or has gone. */
  async ready(): Promise<void> {
    while (this.#controller !== undefined && (this.#controller.desiredSize ?? 1) <= 0) {
      await this.#taken.next()
    }
  }

  #release(): void {
    this.#controller = undefined
    this.#taken.ring()
  }
}

/** The JSON-RPC error of a first frame with nothing but a missing client capability. */
function missingCapability({ value }: ReadableStreamReadResult<Uint8Array>): unknown {
  const data = messageOf(new TextDecoder().decode(value))
  if (data === null || !data.includes(String(MISSING_CLIENT_CAPABILITY))) return null
  const message: unknown = JSON.parse(data)
  return refusal.safeParse(message).success ? message : null
}

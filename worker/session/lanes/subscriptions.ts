/**
 * Resources that a 2025 client has subscribed to. It has no standing stream here, so an update waits for the answer stream of the client's
 * next request; several updates of one resource are told once.
 */
import type { RequestId } from '@modelcontextprotocol/server'

/** Most resources that one transport session may subscribe to. */
export const MAX_SUBSCRIPTIONS = 100

export class Subscriptions {
  readonly #uris: Set<string>
  readonly #pending = new Set<string>()
  /** Requests that are being answered. */
  readonly #open = new Set<RequestId>()
  readonly #tell: (uri: string, on: RequestId) => void

  /** `tell` sends an update on the stream of a request that is open. */
  constructor(uris: Iterable<string>, tell: (uri: string, on: RequestId) => void) {
    this.#uris = new Set(uris)
    this.#tell = tell
  }

  get size(): number {
    return this.#uris.size
  }

  add(uri: string): void {
    this.#uris.add(uri)
  }

  delete(uri: string): void {
    this.#uris.delete(uri)
    this.#pending.delete(uri)
  }

  /** Notes a new request: waiting updates go out with its answer. */
  opened(request: RequestId): void {
    this.#open.add(request)
    for (const uri of this.#pending) this.#tell(uri, request)
    this.#pending.clear()
  }

  answered(request: RequestId): void {
    this.#open.delete(request)
  }

  updated(uris: Iterable<string>): void {
    const [on] = this.#open
    for (const uri of uris) {
      if (!this.#uris.has(uri)) continue
      if (on === undefined) this.#pending.add(uri)
      else this.#tell(uri, on)
    }
  }
}

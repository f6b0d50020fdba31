/** The MCP clients that have come, by the names that they give themselves: when first, when last, and by which grant. */
import * as z from 'zod'
import type { VerifiedCaller } from '../../auth/caller.ts'
import { isStorageFull } from '../../run/contract/errors.ts'
import { orElse, readStored, storedTime } from '../../stored.ts'

const KEY = 'seen_clients'
/** Most clients that are remembered; the one that was away longest is forgotten. */
const MAX_CLIENTS = 50
/** Precision of the last time: a write for each request would cost more than it tells. Milliseconds. */
const PRECISION_MS = 60_000
/** Most lives of clients whose last request is in memory. */
const MAX_RECENT = 500

const seenClient = z.object({
  /** As the client calls itself. Null: it gives no name. */
  name: z.string().nullable(),
  /** OAuth grant of its token; null for a token of another kind. */
  grantId: z.string().nullable(),
  /** Milliseconds since 1970. */
  firstAt: storedTime,
  lastAt: storedTime,
})
export type SeenClient = z.infer<typeof seenClient>

export interface SeenClientsDeps {
  kv: SyncKvStorage
  now: () => number
  /** A client came that had not come for a while, or ever. */
  changed: (client: SeenClient) => void
}

export class SeenClients {
  readonly #deps: SeenClientsDeps
  /** When each was noted last, by what is known without reading anything. */
  readonly #recent = new Map<string, number>()
  #kept: SeenClient[] | null = null

  constructor(deps: SeenClientsDeps) {
    this.#deps = deps
  }

  /** Notes a request. `life`: something that stays the same from one request of a client to the next; `name` is asked for when it matters. */
  note(caller: VerifiedCaller, life: string, name: () => string | null): void {
    const { now, changed } = this.#deps
    const grantId = caller.grantId ?? null
    const at = now()
    const key = `${grantId} ${life}`
    if (at - (this.#recent.get(key) ?? -Infinity) < PRECISION_MS) return
    if (this.#recent.size >= MAX_RECENT) this.#recent.clear()
    this.#recent.set(key, at)
    const called = name()
    const known = this.list()
    const before = known.find((each) => each.name === called && each.grantId === grantId)
    const client = { name: called, grantId, firstAt: before?.firstAt ?? at, lastAt: at }
    this.#keep([client, ...known.filter((each) => each !== before)].slice(0, MAX_CLIENTS))
    changed(client)
  }

  /** The one that came last stands first. */
  list(): SeenClient[] {
    const { kv } = this.#deps
    return (this.#kept ??= orElse(readStored(z.array(seenClient), kv.get(KEY) ?? []), []))
  }

  /** Forgets the clients of an ended grant; without one, all. */
  forget(grantId?: string): void {
    this.#recent.clear()
    const left = grantId === undefined ? [] : this.list().filter((each) => each.grantId !== grantId)
    if (left.length < this.list().length) this.#keep(left)
  }

  #keep(clients: SeenClient[]): void {
    this.#kept = clients
    try {
      this.#deps.kv.put(KEY, clients)
    } catch (error) {
      // The request is served all the same; memory has it for as long as the object lives.
      if (!isStorageFull(error)) throw error
    }
  }
}

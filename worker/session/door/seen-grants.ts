/** When OAuth grants were used last on the paths beside /mcp, whose clients are remembered by name (`lanes/seen-clients.ts`). */
import * as z from 'zod'
import type { VerifiedCaller } from '../../auth/caller.ts'
import { isStorageFull } from '../../run/contract/errors.ts'
import { orElse, readStored, storedTime } from '../../stored.ts'

const KEY = 'seen_grants'
/** Most grants that are remembered; the one that was away longest is forgotten. */
const MAX_GRANTS = 100
/** Time between two writes for one grant. Milliseconds. The object's memory has each time exactly. */
const BETWEEN_WRITES_MS = 5 * 60_000

/** Milliseconds since 1970, by grant. */
const seenGrants = z.record(z.string(), storedTime)

export interface SeenGrantsDeps {
  kv: SyncKvStorage
  /** Set when there is no room to store anything. */
  isReadOnly: () => boolean
  now: () => number
}

export class SeenGrants {
  readonly #deps: SeenGrantsDeps
  #times: Map<string, number> | null = null
  readonly #written = new Map<string, number>()

  constructor(deps: SeenGrantsDeps) {
    this.#deps = deps
  }

  /** Notes a request that was let in. */
  note({ grantId }: VerifiedCaller): void {
    if (grantId === undefined) return
    const at = this.#deps.now()
    const times = this.#known()
    // The last one stands at the end.
    times.delete(grantId)
    times.set(grantId, at)
    for (const oldest of [...times.keys()].slice(0, -MAX_GRANTS)) this.#drop(oldest)
    if (at - (this.#written.get(grantId) ?? -Infinity) < BETWEEN_WRITES_MS) return
    this.#written.set(grantId, at)
    this.#write()
  }

  /** Milliseconds since 1970, by grant. */
  list(): Record<string, number> {
    return Object.fromEntries(this.#known())
  }

  /** Forgets an ended grant; without one, all. */
  forget(grantId?: string): void {
    const times = this.#known()
    const ended = [...times.keys()].filter((each) => grantId === undefined || each === grantId)
    for (const each of ended) this.#drop(each)
    if (ended.length > 0) this.#write()
  }

  #known(): Map<string, number> {
    return (this.#times ??= new Map(
      Object.entries(orElse(readStored(seenGrants, this.#deps.kv.get(KEY) ?? {}), {})).toSorted(
        ([, a], [, b]) => a - b,
      ),
    ))
  }

  #drop(grantId: string): void {
    this.#known().delete(grantId)
    this.#written.delete(grantId)
  }

  #write(): void {
    const { kv, isReadOnly } = this.#deps
    if (isReadOnly()) return
    try {
      kv.put(KEY, this.list())
    } catch (error) {
      // The request is served all the same; memory has it for as long as the object lives.
      if (!isStorageFull(error)) throw error
    }
  }
}

/** Links by which anybody may look at a run: an entry for each in the session's KV, and what it shows. Without its entry a link is nothing. */
import * as z from 'zod'
import { pictureFacts } from '../../files/picture.ts'
import { orElse, readStored, storedTime, UNREADABLE } from '../../stored.ts'
import { hasEnded, type SharedRun, sharedRun, type SnapshotSource, takeSnapshot } from './snapshot.ts'

const INDEX = 'shares'
const CONTENT = 'share:'
/** Links of one user at once. */
export const MAX_SHARES = 20
/** Lives that may be chosen. Days. */
export const SHARE_DAYS = [1, 7, 30] as const
export type ShareDays = (typeof SHARE_DAYS)[number]
const DAY_MS = 24 * 60 * 60_000

const share = z.object({
  /** 32 hex digits. */
  id: z.string(),
  runId: z.string(),
  title: z.string(),
  pictures: z.number(),
  /** Milliseconds since 1970. */
  createdAt: storedTime,
  expiresAt: storedTime,
})
export type Share = z.infer<typeof share>

/** `unknown`: no such run. `running`: it has not ended. `full`: there are MAX_SHARES. */
export type NotShared = 'unknown' | 'running' | 'full'

export interface SharesDeps {
  kv: SyncKvStorage
  transaction: <T>(work: () => T) => T
  source: () => SnapshotSource
  now: () => number
}

export class Shares {
  readonly #deps: SharesDeps

  constructor(deps: SharesDeps) {
    this.#deps = deps
  }

  /** The links that show something, newest first. */
  list(): Share[] {
    const { kv, now } = this.#deps
    const kept = orElse(readStored(z.array(share), kv.get(INDEX) ?? []), [])
    return kept.filter(({ expiresAt }) => expiresAt > now())
  }

  /** Why no link can be made to a run; null where one can. */
  refusal(runId: string): NotShared | null {
    const run = this.#deps.source().findRun(runId)
    if (run === null) return 'unknown'
    if (!hasEnded(run)) return 'running'
    return this.list().length >= MAX_SHARES ? 'full' : null
  }

  /** Makes a link to a run that has ended. */
  async make(runId: string, days: ShareDays): Promise<Share | NotShared> {
    const { kv, transaction, source, now } = this.#deps
    const refusal = this.refusal(runId)
    if (refusal !== null) return refusal
    const taken = await takeSnapshot(source(), runId)
    if (taken === null) return 'running'
    const { run, pictures } = taken
    const id = crypto.randomUUID().replaceAll('-', '')
    const made: Share = {
      id,
      runId,
      title: run.description || (run.program ?? '').trimStart().split('\n', 1)[0]!.slice(0, 200) || runId,
      pictures: pictures.length,
      createdAt: now(),
      expiresAt: now() + days * DAY_MS,
    }
    return transaction(() => {
      const others = this.#withoutExpired()
      if (others.length >= MAX_SHARES) return 'full' // another request was faster
      kv.put(`${CONTENT}${id}`, run)
      pictures.forEach((body, at) => kv.put(`${CONTENT}${id}:${at}`, body))
      kv.put(INDEX, [made, ...others])
      return made
    })
  }

  /** Ends a link, with what it showed; without an id, all. */
  end(id?: string): void {
    const { kv, transaction } = this.#deps
    if (kv.get(INDEX) === undefined) return
    transaction(() => {
      const all = this.#withoutExpired()
      for (const each of all) if (id === undefined || each.id === id) this.#remove(each)
      kv.put(INDEX, id === undefined ? [] : all.filter((each) => each.id !== id))
    })
  }

  /** What a link shows; null when it shows nothing, for whatever reason. */
  read(id: string): (SharedRun & { expiresAt: number }) | null {
    const entry = this.#entry(id)
    const run = entry && readStored(sharedRun, this.#deps.kv.get(`${CONTENT}${id}`))
    return entry === null || run === null || run === UNREADABLE ? null : { ...run, expiresAt: entry.expiresAt }
  }

  /** A picture of a link, by its number; null as above. */
  picture(id: string, at: number): { body: ArrayBuffer; mime: string } | null {
    const body = this.#entry(id) && this.#deps.kv.get(`${CONTENT}${id}:${at}`)
    if (!(body instanceof ArrayBuffer)) return null
    const facts = pictureFacts(new Uint8Array(body))
    return facts && { body, mime: facts.mime }
  }

  #entry(id: string): Share | null {
    return this.list().find((each) => each.id === id) ?? null
  }

  /** The entries, after what expired ones showed was removed. */
  #withoutExpired(): Share[] {
    const { kv } = this.#deps
    const living = this.list()
    const kept = orElse(readStored(z.array(share), kv.get(INDEX) ?? []), [])
    for (const each of kept) if (!living.some(({ id }) => id === each.id)) this.#remove(each)
    return living
  }

  #remove({ id, pictures }: Share): void {
    const { kv } = this.#deps
    kv.delete(`${CONTENT}${id}`)
    for (let at = 0; at < pictures; at++) kv.delete(`${CONTENT}${id}:${at}`)
  }
}

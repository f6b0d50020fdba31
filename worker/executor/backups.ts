/**
 * Backups of a user's files and packages in R2, from which the next container is filled: a container's disk ends with it. The archives come
 * from the runner and return to it; nothing here looks inside.
 */
import * as z from 'zod'
import { errorAnswer } from '../run/contract/protocol.ts'
import { pieces } from '../runner/body.ts'
import { orElse, readStored } from '../stored.ts'

/** Packages change seldom, files often: each part is stored only when it has changed. */
const PARTS = ['files', 'packages'] as const
type Part = (typeof PARTS)[number]

/** Bytes of each piece of an object that is stored in pieces; R2 takes no less than 5 MiB. */
const PIECE_BYTES = 8 * 1024 ** 2
/** Key of the sandbox object's record of the backup. */
const RECORD_KEY = 'backup'

const record = z.object({
  /** Time at which the stored parts last equalled the container's disk. ISO 8601, UTC. */
  saved_at: z.string(),
  /** Entity tags of the stored objects. */
  tags: z.record(z.string(), z.string()),
})
type Record = z.infer<typeof record>

/** Sends the runner a request about its workspace: method, path below the workspace, headers, body. */
export type AskRunner = (
  method: string,
  path: string,
  init?: Pick<RequestInit, 'headers' | 'body'>,
) => Promise<Response>

/** A request to the runner, or to R2, that failed. */
class BackupFailed extends Error {
  override readonly name = 'BackupFailed'
}

/** An archive larger than the whole workspace may be. */
export class BackupTooLarge extends Error {
  override readonly name = 'BackupTooLarge'
}

export class Backups {
  readonly #bucket: R2Bucket
  readonly #workspace: string
  readonly #kv: SyncKvStorage
  readonly #ask: AskRunner

  constructor(bucket: R2Bucket, workspace: string, kv: SyncKvStorage, ask: AskRunner) {
    this.#bucket = bucket
    this.#workspace = workspace
    this.#kv = kv
    this.#ask = ask
  }

  /** Stores the parts that are not stored yet, `maxBytes` compressed at most. `python`: the container's version, such as `3.11`. */
  async save(python: string, maxBytes: number): Promise<void> {
    const saved_at = new Date().toISOString()
    let { tags } = this.#record()
    for (const part of PARTS) {
      const key = this.#key(part, python)
      // A part that is gone is stored again: the operator may have emptied the bucket, or given another one.
      const isStored = tags[key] !== undefined && (await this.#bucket.head(key)) !== null
      const known = { 'if-none-match': isStored ? tags[key]! : '' }
      const response = await this.#ask('GET', `/archives/${part}`, { headers: known })
      const tag = response.headers.get('etag')
      if (response.status === 304) continue
      if (response.status === 204) {
        if (tags[key] !== undefined) await this.#bucket.delete(key)
        const { [key]: _, ...others } = tags
        tags = others
      } else {
        if (!response.ok || tag === null) throw await failure(response, `the runner gave no archive of the ${part}`)
        await store(this.#bucket, key, response, maxBytes)
        tags = { ...tags, [key]: tag }
      }
      this.#keep({ saved_at: this.#record().saved_at, tags })
    }
    this.#keep({ saved_at, tags })
  }

  /** Puts the stored parts into the container. Returns the backup's time, or null when there is none. */
  async restore(python: string): Promise<string | null> {
    let restored = false
    for (const part of PARTS) {
      const object = await this.#bucket.get(this.#key(part, python))
      if (object === null) continue
      const response = await this.#ask('PUT', `/archives/${part}`, { body: object.body })
      if (!response.ok) {
        const error = await failure(response, `the runner did not take the archive of the ${part}`)
        if (part === 'files' || response.status !== 400) throw error
        // A broken archive of packages must not keep users from their files: packages are installed again when a program imports them.
        console.error(JSON.stringify({ event: 'packages_not_restored', error: String(error) }))
        continue
      }
      await response.body?.cancel()
      restored = true
    }
    return restored ? this.#record().saved_at : null
  }

  /** Deletes everything that is stored of the workspace. */
  async delete(): Promise<void> {
    for (;;) {
      const { objects, truncated } = await this.#bucket.list({ prefix: `${this.#workspace}/` })
      if (objects.length > 0) await this.#bucket.delete(objects.map(({ key }) => key))
      if (!truncated) break
    }
    this.#kv.delete(RECORD_KEY)
  }

  /** Packages belong to one Python: under another they would not load, and are installed again when a program imports them. */
  #key(part: Part, python: string): string {
    return part === 'packages' ? `${this.#workspace}/packages-${python}.tar.gz` : `${this.#workspace}/files.tar.gz`
  }

  #record(): Record {
    return orElse(readStored(record, this.#kv.get(RECORD_KEY)), { saved_at: '', tags: {} })
  }

  #keep(kept: Record): void {
    this.#kv.put(RECORD_KEY, kept)
  }
}

/** Stores a body of unknown length. The object stored under this key stays until the whole body has come. */
async function store(bucket: R2Bucket, key: string, response: Response, maxBytes: number): Promise<void> {
  const piece = new Uint8Array(PIECE_BYTES)
  const uploaded: R2UploadedPart[] = []
  let filled = 0
  let total = 0
  let upload: R2MultipartUpload | undefined
  const send = async () => {
    upload ??= await bucket.createMultipartUpload(key)
    uploaded.push(await upload.uploadPart(uploaded.length + 1, piece.subarray(0, filled)))
    filled = 0
  }
  try {
    for await (const bytes of pieces(response)) {
      total += bytes.length
      if (total > maxBytes) throw new BackupTooLarge(`more than ${maxBytes} bytes`)
      for (let from = 0; from < bytes.length;) {
        if (filled === PIECE_BYTES) await send()
        const some = bytes.subarray(from, from + PIECE_BYTES - filled)
        piece.set(some, filled)
        filled += some.length
        from += some.length
      }
    }
    if (upload === undefined) {
      await bucket.put(key, piece.subarray(0, filled))
    } else {
      await send()
      await upload.complete(uploaded)
    }
  } catch (error) {
    await upload?.abort().catch(() => {
      // R2 removes it by itself after a week
    })
    throw error
  }
}

async function failure(response: Response, what: string): Promise<Error> {
  const said = errorAnswer.safeParse(await response.json().catch(() => null)).data?.error
  if (said?.code === 'too_large') return new BackupTooLarge(said.message)
  return new BackupFailed(`${what}: ${response.status} ${said?.message ?? ''}`)
}

/** Uploads of files: whole in one request, or in pieces, each in a request of its own. */
import * as z from 'zod'
import type { Runner } from '../../run/contract/runner.ts'
import { RunnerError } from '../../run/contract/errors.ts'
import { within } from '../../waiting.ts'
import { BadRequest } from './body.ts'
import { MAX_WAIT_MS } from './discard-body.ts'
import { readQuery } from './query.ts'
import { refusal } from './refusal.ts'
import type { RoutedRequest } from './router.ts'

/** Longest body: the platform's limit for one request. Bytes. */
const MAX_UPLOAD_BYTES = 100 * 1000 ** 2
/** Bytes of an upload that are read at once. */
const READ_BYTES = 256 * 1024

const UPLOAD_QUERY = {
  upload: z.string().regex(/^[A-Za-z0-9_-]{8,64}$/, 'it is not valid. Next: give 8 to 64 of A-Z a-z 0-9 _ -.'),
}

interface UploadsDeps {
  runner: () => Runner
  /** Called when the file at this path of an address has changed. */
  changed: (pathname: string) => void
  /** Called when the file at this path was written: it is no run's any more. */
  replaced: (path: string) => void
}

/** The upload that an address is about; null when it is about the file. */
export function uploadOf(url: URL): string | null {
  // A signed link is about a file.
  if (!url.searchParams.has('upload') || url.searchParams.has('signature')) return null
  return readQuery(url, UPLOAD_QUERY).upload
}

/** Answers a request about an upload in pieces. */
export async function aboutUpload(
  routed: RoutedRequest,
  path: string,
  id: string,
  deps: UploadsDeps,
): Promise<Response> {
  const { method } = routed.request
  if (method === 'PUT') return pieceWritten(routed, path, id, deps)
  const state = await deps.runner().upload(path, id)
  if (method !== 'DELETE') return Response.json(state ?? { path, upload: id, received: 0, done: false })
  if (state !== null && (await deps.runner().dropUpload(path, id))) return Response.json({ dropped: id })
  return refusal(
    404,
    'There is nothing of this upload: it was never begun, has ended, or nothing came for 24 hours. Next: list the files with GET /files.',
  )
}

function tellChanged({ pathname }: URL, path: string, { changed, replaced }: UploadsDeps): void {
  replaced(path)
  changed(pathname)
}

/** Writes the body as the file in one step; a body that is too long changes nothing. */
export async function written({ request, url }: RoutedRequest, path: string, deps: UploadsDeps): Promise<Response> {
  if (request.headers.has('content-range')) {
    throw new BadRequest(
      400,
      'A piece needs the name of its upload. Next: add ?upload=ID, one of your own for each file.',
    )
  }
  const size = lengthOf(request, 'Next: send it in pieces, see docs/http.md.')
  const { body, brokeOff, refused } = counted(request.body, size)
  try {
    await deps.runner().writeFile(path, body)
  } catch (error) {
    await refused()
    if (!brokeOff()) throw error
    const words = `The upload broke off before all of its ${size} bytes were here, so the file is as it was. Next: send it again.`
    throw new BadRequest(400, words)
  }
  tellChanged(url, path, deps)
  return Response.json({ path, bytes: size })
}

/** Writes the body as a piece. 202 while others have to come. */
async function pieceWritten(
  { request, url }: RoutedRequest,
  path: string,
  upload: string,
  deps: UploadsDeps,
): Promise<Response> {
  const { from, bytes, size } = rangeOf(request)
  const sha256 = digestOf(request)
  const { body, brokeOff, refused } = counted(request.body, size)
  try {
    const state = await deps.runner().writePiece(path, { upload, from, bytes, ...(sha256 && { sha256 }) }, body)
    if (!state.done) return Response.json(state, { status: 202 })
    tellChanged(url, path, deps)
    return Response.json({ path, bytes })
  } catch (error) {
    await refused()
    const ask = `Next: ask with GET how much is here, and go on from there.`
    if (brokeOff()) throw new BadRequest(400, `The piece broke off. What had come of it is kept. ${ask}`)
    if (!(error instanceof RunnerError && error.code === 'conflict')) throw error
    const received = (await deps.runner().upload(path, upload))?.received ?? 0
    return Response.json({ error: `Not this piece: ${error.message}. ${ask}`, received }, { status: 409 })
  }
}

function lengthOf(request: Request, next: string): number {
  const length = request.headers.get('content-length')
  if (length === null) throw new BadRequest(411, 'The length of the file is needed. Next: send content-length.')
  if (Number(length) > MAX_UPLOAD_BYTES) {
    throw new BadRequest(413, `One request takes at most ${MAX_UPLOAD_BYTES} bytes. ${next}`)
  }
  return Number(length)
}

/** Place and size of a piece, by `Content-Range: bytes FIRST-LAST/ALL`. */
function rangeOf(request: Request): { from: number; bytes: number; size: number } {
  const size = lengthOf(request, 'Next: send smaller pieces.')
  const range = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(request.headers.get('content-range') ?? '')
  const [from, last, bytes] = (range?.slice(1) ?? []).map(Number)
  if (from === undefined || last === undefined || bytes === undefined || last >= bytes || last - from + 1 !== size) {
    const words = 'A piece needs the header content-range: bytes FIRST-LAST/ALL, which has as many bytes as the body.'
    throw new BadRequest(400, `${words} Next: send it.`)
  }
  return { from, bytes, size }
}

/** The SHA-256 of the whole file, in hex digits, where the client gives it (RFC 9530). */
function digestOf(request: Request): string | null {
  const said = request.headers.get('repr-digest')
  if (said === null) return null
  const digest = /^sha-256=:([A-Za-z0-9+/]{43}=):$/.exec(said)?.[1]
  if (digest !== undefined) return Buffer.from(digest, 'base64').toString('hex')
  throw new BadRequest(400, 'The header repr-digest is not valid. Next: send sha-256=:BASE64:, or leave it out.')
}

/**
 * A body of this many bytes, which fails when there are fewer; then `brokeOff` is set. `refused`: lets go of what the client sends, when
 * nobody takes it, so that the rest can be read to its end (`discard-body.ts`).
 */
function counted(source: ReadableStream<Uint8Array> | null, size: number) {
  const { readable, writable } = new FixedLengthStream(size)
  const writer = writable.getWriter()
  let left = size
  let hasEnded = false
  async function pass(): Promise<void> {
    const reader = source?.getReader({ mode: 'byob' })
    try {
      for (;;) {
        const next = await reader?.read(new Uint8Array(READ_BYTES)).catch(() => undefined)
        hasEnded = next === undefined || next.done
        if (next?.value === undefined || next.done) break
        left -= next.value.byteLength
        await writer.write(next.value)
      }
      await writer.close()
    } finally {
      reader?.releaseLock()
    }
  }
  const ignored = () => {
    // the reader of the other end fails as well
  }
  const passed = pass().catch(ignored)
  const refused = async () => {
    writer.abort().catch(ignored)
    await within(passed, MAX_WAIT_MS)
  }
  return { body: readable, brokeOff: () => hasEnded && left > 0, refused }
}

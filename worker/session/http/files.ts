/** `/files`: the files of the working folder over HTTP. The owner lists, reads, writes and deletes; a signed link reads one file. */
import { z } from 'zod'
import { fileHeaders, isValidLink, pathOf } from '../../files/download.ts'
import { goneWords } from '../../files/outputs.ts'
import type { Runner } from '../../run/runner.ts'
import { isSandboxFailure, RunnerError, type RunnerErrorCode } from '../../run/errors.ts'
import { requestErrorWords, sandboxFailureWords } from '../../run/words.ts'
import { inTime } from '../../runner/body.ts'
import { BadRequest } from './body.ts'
import { readQuery } from './query.ts'

/** Longest upload: what the platform takes in one request. Bytes. */
const MAX_UPLOAD_BYTES = 100 * 1000 ** 2
/** What is read of an upload at once. */
const PIECE_BYTES = 256 * 1024

/** What `isValidLink` reads. */
const LINK_QUERY = Object.fromEntries(
  ['user', 'expires', 'gate', 'signature'].map((name) => [name, z.string().optional()]),
)

export interface FilesHttpDeps {
  runner: () => Runner
  /** Bytes that the workspace may keep on disk. */
  quota: () => number
  /** Whether the Worker verified who calls. Without, only a signed link is answered. */
  isOwner: boolean
  userId: string
  key: () => Uint8Array<ArrayBuffer>
  downloadUrl: (path: string) => Promise<string | null>
  now: () => number
}

/** By method: a runner that goes on may still do it. */
const UNKNOWN: Record<string, string> = {
  PUT: 'Whether the file was written is not known.',
  DELETE: 'Whether the file was deleted is not known.',
}

/** What a refusal of the runner's is over HTTP; the others are failures behind this server. */
const STATUS: Partial<Record<RunnerErrorCode, number>> = {
  bad_request: 400,
  not_found: 404,
  too_large: 413,
  quota: 507,
}

/** Answers every request below /files. */
export async function handleFiles(request: Request, url: URL, deps: FilesHttpDeps): Promise<Response> {
  try {
    return await route(request, url, deps)
  } catch (error) {
    if (error instanceof BadRequest) return refusal(error.status, error.message)
    if (!(error instanceof RunnerError)) throw error
    const { code } = error
    if (isSandboxFailure(code)) return refusal(503, sandboxFailureWords(code))
    if (code === 'unreachable')
      return refusal(503, requestErrorWords(error, UNKNOWN[request.method] ?? 'Nothing was read.'))
    return refusal(STATUS[code] ?? 502, error.message)
  }
}

async function route(request: Request, url: URL, deps: FilesHttpDeps): Promise<Response> {
  const { method } = request
  const reads = method === 'GET' || method === 'HEAD'
  const isList = /^\/files\/?$/.test(url.pathname)
  const path = isList ? null : pathOf(url)
  if (!deps.isOwner) {
    const valid = reads && path !== null && (await isValidLink(url, path, deps.userId, deps.key(), deps.now()))
    if (!valid)
      return refusal(403, 'The link is not valid, or has expired. Next: read the run or the file again for a new one.')
  }
  // A link works for its owner as well, however old it is.
  readQuery(url, reads && url.searchParams.has('signature') ? LINK_QUERY : {})
  if (isList) return reads ? list(deps) : notAllowed(method, 'GET')
  if (path === null)
    return refusal(400, 'This is no path below the working folder. Next: list the files with GET /files.')
  switch (method) {
    case 'GET':
    case 'HEAD':
      return read(path, method, deps)
    case 'PUT':
      return written(request, path, deps)
    case 'DELETE':
      return (await deps.runner().deleteFile(path)) ? Response.json({ deleted: path }) : notFound(path)
    default:
      return notAllowed(method, 'GET, PUT, DELETE')
  }
}

async function list({ runner, quota, downloadUrl }: FilesHttpDeps): Promise<Response> {
  const { files, cut, use } = await runner().listFiles()
  const linked = await Promise.all(files.map(async (file) => ({ ...file, download_url: await downloadUrl(file.path) })))
  return Response.json(
    { files: linked, cut, use: { ...use, limit_bytes: quota() } },
    { headers: { 'cache-control': 'no-store' } },
  )
}

async function read(path: string, method: string, { runner }: FilesHttpDeps): Promise<Response> {
  const found = await runner().readFile(path)
  if (found === null) return notFound(path)
  const headers = new Headers(fileHeaders(path, found.headers.get('content-type') ?? 'application/octet-stream'))
  const length = found.headers.get('content-length')
  if (method === 'HEAD') {
    await found.body?.cancel()
    return new Response(null, { headers })
  }
  if (length === null || found.body === null) return new Response(found.body, { headers })
  // With its length known, a file that breaks off is seen to; and one that stalls is broken off.
  const body = inTime(found).pipeThrough(new FixedLengthStream(Number(length)))
  return new Response(body, { headers })
}

/** The body becomes the file in one step; one that is too long changes nothing. */
async function written(request: Request, path: string, { runner }: FilesHttpDeps): Promise<Response> {
  const length = request.headers.get('content-length')
  if (length === null) return refusal(411, 'The length of the file is needed. Next: send content-length.')
  if (Number(length) > MAX_UPLOAD_BYTES)
    return refusal(
      413,
      `The file has more than ${MAX_UPLOAD_BYTES} bytes. Next: send it in parts, and put them together with a program.`,
    )
  const size = Number(length)
  const { body, brokeOff } = counted(request.body, size)
  try {
    await runner().writeFile(path, body)
  } catch (error) {
    if (!brokeOff()) throw error
    const words = `The upload broke off before all of its ${size} bytes were here, so the file is as it was. Next: send it again.`
    return refusal(400, words)
  }
  return Response.json({ path, bytes: size })
}

/** A body of this many bytes, which fails when there are fewer; `brokeOff`: there were. */
function counted(source: ReadableStream<Uint8Array> | null, size: number) {
  const { readable, writable } = new FixedLengthStream(size)
  let left = size
  let hasEnded = false
  async function pass(): Promise<void> {
    const reader = source?.getReader({ mode: 'byob' })
    const writer = writable.getWriter()
    try {
      for (;;) {
        const next = await reader?.read(new Uint8Array(PIECE_BYTES)).catch(() => undefined)
        hasEnded = next === undefined || next.done
        if (next?.value === undefined || next.done) break
        left -= next.value.byteLength
        await writer.write(next.value)
      }
      await writer.close()
    } finally {
      await reader?.cancel()
    }
  }
  pass().catch(() => {
    // whoever reads the other end fails as well
  })
  return { body: readable, brokeOff: () => hasEnded && left > 0 }
}

function notFound(path: string): Response {
  const gone = goneWords(path)
  return gone === null ? refusal(404, 'There is no such file. Next: list them with GET /files.') : refusal(410, gone)
}

function notAllowed(method: string, allow: string): Response {
  return refusal(405, `${method} is not possible here. Next: use ${allow}.`, { allow })
}

function refusal(status: number, error: string, headers: Record<string, string> = {}): Response {
  return Response.json({ error }, { status, headers: { 'cache-control': 'no-store', ...headers } })
}

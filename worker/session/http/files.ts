/** `/files`: the files of the working folder over HTTP. The owner lists, reads, writes and deletes; a signed link reads one file. */
import * as z from 'zod'
import { fileHeaders, isValidLink, pathOf } from '../../files/download.ts'
import { goneWords } from '../../files/outputs.ts'
import type { Runner } from '../../run/contract/runner.ts'
import { isSandboxFailure, RunnerError, type RunnerErrorCode } from '../../run/contract/errors.ts'
import { requestErrorWords, sandboxFailureWords } from '../../run/words/platform.ts'
import { parsedJson } from '../../text/parsed-json.ts'
import { pieces } from '../../runner/body.ts'
import { BadRequest } from './body.ts'
import { readQuery } from './query.ts'
import { endable, type OpenStreams } from './open-streams.ts'
import { refusal } from './refusal.ts'
import { aboutUpload, uploadOf, written } from './uploads.ts'
import type { Handler, RoutedRequest, Router } from './router.ts'

/** The query of a signed link, which `isValidLink` reads. */
const LINK_QUERY = Object.fromEntries(
  ['user', 'expires', 'gate', 'signature'].map((name) => [name, z.string().optional()]),
)

const ASLEEP = 'The sandbox sleeps, so its files were not read. Next: leave "start" out, which starts it.'

const NO_STORE = { 'cache-control': 'no-store' }

/** The query of several files as one. `paths`: a list as JSON; without it all. `below`: a folder that they are in there. */
const ARCHIVE_QUERY = {
  archive: z.literal('tar.gz', 'it is not valid. Next: give tar.gz.'),
  paths: z
    .string()
    .default('[]')
    .transform((text) => parsedJson(text))
    .pipe(z.array(z.string()).max(1000)),
  below: z
    .string()
    .max(100)
    .regex(
      /^[a-z0-9-]+(?:\/[a-z0-9-]+)*$/,
      'it is not valid. Next: give a folder such as "all/files", of a-z, 0-9 and -.',
    )
    .optional(),
}

export interface FilesDeps {
  runner: () => Runner
  /** Most bytes that the workspace may keep on disk. */
  quota: () => number
  userId: () => string
  key: () => Uint8Array<ArrayBuffer>
  downloadUrl: (path: string, origin: string) => Promise<string | null>
  now: () => number
  /** Called when the file at this path of an address has changed, or is gone. */
  changed: (pathname: string) => void
  /** Called when the file at this path was written: it is no run's any more. */
  replaced: (path: string) => void
  /** As `OpenStreams.add`, of what is downloaded. */
  opened: OpenStreams['add']
}

type Reader = RoutedRequest['caller']

/** Words for each method: a runner that goes on may still do it. */
const UNKNOWN: Record<string, string> = {
  PUT: 'Whether the file was written is not known.',
  DELETE: 'Whether the file was deleted is not known.',
}

/** HTTP status of a runner's refusal; other refusals are failures behind this server. */
const STATUS: Partial<Record<RunnerErrorCode, number>> = {
  bad_request: 400,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  quota: 507,
}

export function filesRouter(deps: FilesDeps): Router<'/files'> {
  const isLeftAsleep = async (url: URL) => !checkQuery(url, true) && (await deps.runner().asleep())
  const listed: Handler = async ({ url, caller }) => {
    if (url.searchParams.has('archive')) return several(url, caller, deps)
    return (await isLeftAsleep(url)) ? refusal(503, ASLEEP, NO_STORE) : list(url, deps)
  }
  const read: Handler = async ({ url, request, caller }) => {
    const path = pathFrom(url)
    return (await isLeftAsleep(url)) ? refusal(503, ASLEEP, NO_STORE) : fileAt(path, request.method, caller, deps)
  }
  /** The handler of an address that may name an upload of the file instead. */
  const orUpload = (handler: Handler): Handler => {
    return (routed) => {
      const id = uploadOf(routed.url)
      return id === null ? handler(routed) : aboutUpload(routed, pathFrom(routed.url), id, deps)
    }
  }
  return {
    handlers: {
      '/files': { GET: listed, HEAD: listed },
      '/files/{path}': {
        GET: orUpload(read),
        HEAD: read,
        PUT: orUpload(one((path, routed) => written(routed, path, deps))),
        DELETE: orUpload((routed) =>
          routed.url.searchParams.has('folder')
            ? folderDeleted(routed.url, deps)
            : one((path, { url }) => deleted(url, path, deps))(routed),
        ),
      },
    },
    headers: NO_STORE,
    refused,
    linkProblem: async (url) => {
      const path = pathOf(url)
      const valid = path !== null && (await isValidLink(url, path, deps.userId(), deps.key(), deps.now()))
      const words = 'The link is not valid, or has expired. Next: read the run or the file again for a new one.'
      return valid ? null : refusal(403, words, NO_STORE)
    },
  }
}

/** The handler of an address that names one file, which it changes. */
function one(answer: (path: string, routed: RoutedRequest) => Promise<Response>): Handler {
  return (routed) => {
    checkQuery(routed.url, false)
    return answer(pathFrom(routed.url), routed)
  }
}

function pathFrom(url: URL): string {
  const path = pathOf(url)
  if (path !== null) return path
  throw new BadRequest(400, 'This is no path below the working folder. Next: list the files with GET /files.')
}

/** Returns whether a sandbox that sleeps may be started. The owner may use a link as well, however old it is. */
function checkQuery(url: URL, reads: boolean): boolean {
  if (reads && url.searchParams.has('start')) {
    readQuery(url, { start: z.literal('false', 'it is not valid. Next: give false, or leave it out.') })
    return false
  }
  readQuery(url, reads && url.searchParams.has('signature') ? LINK_QUERY : {})
  return true
}

function refused(error: unknown, method: string): Response | null {
  if (!(error instanceof RunnerError)) return null
  const { code } = error
  if (isSandboxFailure(code)) return refusal(503, sandboxFailureWords(code), NO_STORE)
  if (code === 'unreachable') {
    return refusal(503, requestErrorWords(error, UNKNOWN[method] ?? 'Nothing was read.'), NO_STORE)
  }
  return refusal(STATUS[code] ?? 502, error.message, NO_STORE)
}

async function list({ origin }: URL, { runner, quota, downloadUrl }: FilesDeps): Promise<Response> {
  const { files, cut, uploads, use } = await runner().listFiles()
  const linked = await Promise.all(
    files.map(async (file) => ({ ...file, download_url: await downloadUrl(file.path, origin) })),
  )
  return Response.json({ files: linked, cut, uploads, use: { ...use, limit_bytes: quota() } }, { headers: NO_STORE })
}

/** Several files and folders as one: a compressed tar, made while it is read. */
async function several(url: URL, caller: Reader, { runner, opened }: FilesDeps): Promise<Response> {
  const { paths, below } = readQuery(url, ARCHIVE_QUERY)
  const found = await runner().readSeveral(paths, below)
  if (found === null) return refusal(404, 'One of these is not there. Next: list the files with GET /files.', NO_STORE)
  const name = paths.length === 1 ? paths[0] : 'files'
  const body = endable(pieces(found), (end) => opened(caller, end))
  return new Response(body, { headers: fileHeaders(`${name}.tar.gz`, 'application/gzip') })
}

async function folderDeleted(url: URL, { runner, changed }: FilesDeps): Promise<Response> {
  readQuery(url, { folder: z.literal('true', 'it is not valid. Next: give true, or leave it out.') })
  const path = pathFrom(url)
  const files = await runner().deleteFolder(path)
  if (files === null) return refusal(404, 'There is no such folder. Next: list the files with GET /files.', NO_STORE)
  changed(url.pathname)
  return Response.json({ deleted: path, files })
}

async function fileAt(path: string, method: string, caller: Reader, { runner, opened }: FilesDeps): Promise<Response> {
  const found = await runner().readFile(path)
  if (found === null) return notFound(path)
  const headers = new Headers(fileHeaders(path, found.headers.get('content-type') ?? 'application/octet-stream'))
  const length = found.headers.get('content-length')
  if (method === 'HEAD') {
    await found.body?.cancel()
    return new Response(null, { headers })
  }
  if (found.body === null) return new Response(null, { headers })
  const body = endable(pieces(found), (end) => opened(caller, end))
  // A stream of known length notices a file that breaks off, and a stalled one is broken off.
  return new Response(length === null ? body : body.pipeThrough(new FixedLengthStream(Number(length))), { headers })
}

async function deleted(url: URL, path: string, { runner, changed }: FilesDeps): Promise<Response> {
  if (!(await runner().deleteFile(path))) return notFound(path)
  changed(url.pathname)
  return Response.json({ deleted: path })
}

function notFound(path: string): Response {
  const gone = goneWords(path)
  return gone === null
    ? refusal(404, 'There is no such file. Next: list them with GET /files.', NO_STORE)
    : refusal(410, gone, NO_STORE)
}

/** The runner over a fetch function: requests out, NDJSON in. Knows HTTP and the schemas, nothing of sessions or MCP. */
import type * as z from 'zod'
import {
  DEFAULT_LIMITS,
  errorAnswer,
  health,
  installEvent,
  sentCheckedRunEvent,
  sentRunEvent,
  type RunRequest,
} from '../run/contract/protocol.ts'
import { checkResult } from '../run/contract/check.ts'
import {
  deletedFolder,
  emptied,
  fileList,
  packageList,
  removedPackage,
  uploadState,
} from '../run/contract/workspace.ts'
import { NO_NEWS, type Runner, type WorkspaceNews, workspaceNews } from '../run/contract/runner.ts'
import { answeredCode, RunnerError } from '../run/contract/errors.ts'
import { pieces } from './body.ts'
import { type Fetch, fetchInTime } from './fetch-in-time.ts'

/** Longest line of an event stream: a 32 KiB batch of text is at most six times as long in JSON. */
const MAX_LINE_CHARS = 1024 * 1024
/** Longest answer that is not a stream: 5,000 files with long names. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024

/**
 * A runner's client for one workspace, which may keep `quota` bytes on disk. `fetch` may take up to `startMs` to start the runner before it
 * answers. Every method throws RunnerError.
 */
export function runnerClient(
  fetch: Fetch,
  url: string,
  token: string,
  workspace: string,
  quota = DEFAULT_LIMITS.workspace_bytes,
  startMs = 0,
): Runner {
  const base = `${url.replace(/\/$/, '')}/w/${workspace}`

  async function send(method: string, path: string, body?: BodyInit, signal?: AbortSignal): Promise<Response> {
    const headers = new Headers({ authorization: `Bearer ${token}` })
    if (typeof body === 'string') headers.set('content-type', 'application/json')
    const init = { method, headers, ...(body !== undefined && { body }), ...(signal && { signal }) }
    try {
      return await fetchInTime(fetch, base + path, init, startMs)
    } catch (cause) {
      if (cause instanceof RunnerError) throw cause
      throw new RunnerError('unreachable', 'The Python runner could not be reached.', cause)
    }
  }

  async function ask(method: string, path: string, body?: BodyInit, signal?: AbortSignal): Promise<Response> {
    const response = await send(method, path, body, signal)
    if (!response.ok) throw await refused(response)
    return response
  }

  /** The answer about something that may not be there. */
  async function maybe(method: string, path: string): Promise<Response | null> {
    const response = await send(method, path)
    if (response.status === 404) {
      await response.body?.cancel()
      return null
    }
    if (!response.ok) throw await refused(response)
    return response
  }

  async function found(path: string): Promise<Response | null> {
    const response = await maybe('GET', path)
    if (response === null) return null
    // Callers decide by the length whether they can hold the file; HTTP ensures that it is true.
    if (!response.headers.has('content-length')) {
      await response.body?.cancel()
      throw badAnswer('a file without its length')
    }
    return response
  }

  /** Deletes something; false when there is none. */
  async function gone(path: string): Promise<boolean> {
    const response = await maybe('DELETE', path)
    await response?.body?.cancel()
    return response !== null
  }

  async function json<T>(schema: z.ZodType<T>, response: Response): Promise<T> {
    return parse(await wholeText(response), schema)
  }

  async function* begin<Event>(
    request: RunRequest,
    schema: z.ZodType<Event>,
    told: (news: WorkspaceNews) => void = () => {},
  ): AsyncGenerator<Event> {
    const limits = { workspace_bytes: quota, ...request.limits }
    const response = await ask('POST', '/runs', JSON.stringify({ ...request, limits }))
    told(newsIn(response))
    yield* lines(response, schema)
  }

  const empty = async (query: string) => json(emptied, await ask('DELETE', query))

  return {
    // A plain process is there or not: only its user starts it.
    asleep: () => Promise.resolve(false),
    wake: () => Promise.resolve(),
    warmUp: () => Promise.resolve(false),
    health: async () => json(health, await ask('GET', '/health')),
    check: async (code, paths) => json(checkResult, await ask('POST', '/check', JSON.stringify({ code, paths }))),
    start: (request, told) => begin(request, sentRunEvent, told),
    checkAndStart: (request, told) => begin({ ...request, check: true }, sentCheckedRunEvent, told),
    async *attach(id, after) {
      yield* lines(await ask('GET', `/runs/${id}/events?after=${after}`), sentRunEvent)
    },
    async cancel(id) {
      const response = await send('DELETE', `/runs/${id}`)
      await response.body?.cancel()
      if (response.status === 404) return false
      if (!response.ok) throw new RunnerError('bad_answer', `The runner answered ${response.status} to a cancellation.`)
      return true
    },
    async *install(specs, timeoutS, signal) {
      const body = JSON.stringify({ specs, timeout_s: timeoutS, limits: { workspace_bytes: quota } })
      yield* lines(await ask('POST', '/packages', body, signal), installEvent)
    },
    listPackages: async () => json(packageList, await ask('GET', '/packages')),
    async removePackage(name) {
      const response = await maybe('DELETE', `/packages/${encodeURIComponent(name)}`)
      return response && (await json(removedPackage, response)).removed
    },
    // A local runner refuses no host.
    refusedHosts: () => Promise.resolve([]),
    listFiles: async () => json(fileList, await ask('GET', '/files')),
    readFile: async (path) => found(`/files/${encodePath(path)}`),
    readPicture: async (path, maxBytes) => found(`/files/${encodePath(path)}?picture_bytes=${maxBytes}`),
    reset: () => empty(''),
    wipe: () => empty('?everything=true'),
    async writeFile(path, body) {
      const response = await send('PUT', `/files/${encodePath(path)}?workspace_bytes=${quota}`, body)
      if (!response.ok) throw await refused(response)
      await response.body?.cancel()
    },
    async writePiece(path, { upload, from, bytes, sha256 }, body) {
      const query = new URLSearchParams({ upload, from: `${from}`, bytes: `${bytes}`, workspace_bytes: `${quota}` })
      if (sha256 !== undefined) query.set('sha256', sha256)
      return json(uploadState, await ask('PUT', `/files/${encodePath(path)}?${query.toString()}`, body))
    },
    async upload(path, id) {
      const response = await found(uploadAt(path, id))
      return response && json(uploadState, response)
    },
    dropUpload: async (path, id) => gone(uploadAt(path, id)),
    readSeveral(paths, below) {
      const query = new URLSearchParams({ tar: JSON.stringify(paths), ...(below !== undefined && { below }) })
      return maybe('GET', `/files?${query.toString()}`)
    },
    async deleteFolder(path) {
      const response = await maybe('DELETE', `/files/${encodePath(path)}?folder=true`)
      return response && (await json(deletedFolder, response)).files
    },
    deleteFile: async (path) => gone(`/files/${encodePath(path)}`),
  }
}

/** Header of the answer to a run's start, from the sandbox object: `WorkspaceNews` as JSON. */
export const NEWS_HEADER = 'x-workspace-news'

function uploadAt(path: string, id: string): string {
  return `/files/${encodePath(path)}?upload=${encodeURIComponent(id)}`
}

/** Longest path of a file, in bytes, that the runner takes. */
const MAX_PATH_BYTES = 4_000

/**
 * The path as part of a URL. Segments that a URL would resolve are refused: `..` would leave the workspace for another user's, before the
 * runner sees it.
 */
function encodePath(path: string): string {
  // The runner could not even read the request.
  if (path.length > MAX_PATH_BYTES) {
    const words = `The path has ${path.length} characters, more than the ${MAX_PATH_BYTES} that a file's may have. Next: use a shorter one.`
    throw new RunnerError('bad_request', words)
  }
  const segments = path.split('/')
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw new RunnerError('bad_request', `"${path}" is not a path below the working folder`)
  }
  return segments.map(encodeURIComponent).join('/')
}

async function refused(response: Response): Promise<RunnerError> {
  const text = await wholeText(response)
  try {
    const { error } = errorAnswer.parse(JSON.parse(text))
    return new RunnerError(answeredCode(error.code), error.message)
  } catch (cause) {
    return new RunnerError('bad_answer', `The runner answered ${response.status} without a reason.`, cause)
  }
}

/** News that the sandbox object adds to the answer to a run's start; a plain runner has none. */
function newsIn(response: Response): WorkspaceNews {
  const said = response.headers.get(NEWS_HEADER)
  return said === null ? NO_NEWS : parse(said, workspaceNews)
}

function badAnswer(cause: unknown): RunnerError {
  return new RunnerError('bad_answer', 'The runner sent something that is not in its protocol.', cause)
}

/**
 * The lines of an NDJSON response, parsed. A connection that breaks in mid-stream ends the sequence like a clean end does: callers look for
 * the closing event, which is missing then. Leaving the loop cancels the body.
 */
async function* lines<T>(response: Response, schema: z.ZodType<T>): AsyncGenerator<T> {
  if (response.body === null) throw badAnswer('no body')
  const decoder = new TextDecoder()
  // A line that comes in many pieces is put together once, when it is whole.
  let line: string[] = []
  let chars = 0
  try {
    for await (const piece of pieces(response)) {
      const [first = '', ...others] = decoder.decode(piece, { stream: true }).split('\n')
      line.push(first)
      chars += first.length
      for (const begun of others) {
        yield parse(line.join(''), schema)
        line = [begun]
        chars = begun.length
      }
      if (chars > MAX_LINE_CHARS) throw badAnswer('a line is too long')
    }
  } catch (error) {
    if (!(error instanceof RunnerError && error.code === 'unreachable')) throw error
    // The connection broke off: the missing closing event says so.
  }
}

/** The whole body. A program may have put any server in the runner's place: its answer must not fill up the memory here. */
async function wholeText(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const piece of pieces(response)) {
    bytes += piece.byteLength
    if (bytes > MAX_ANSWER_BYTES) throw badAnswer('an answer that is too long')
    text += decoder.decode(piece, { stream: true })
  }
  return text + decoder.decode()
}

function parse<T>(json: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(json))
  } catch (cause) {
    throw badAnswer(cause)
  }
}

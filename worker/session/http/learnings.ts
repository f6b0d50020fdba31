/** `/learnings`: the user's learnings over HTTP, to search, edit, delete, export and import. JSON in, JSON out. */
import { z } from 'zod'
import { learningChange, learningId, learningKind, LearningRefused, MAX_SEARCH_CHARS } from '../../learning/learning.ts'
import { BadRequest, invalidWords, jsonBody } from './body.ts'
import { readQuery, wholeNumber } from './query.ts'
import { exportLearnings, importLearnings } from '../store/learnings-exchange.ts'
import { searchLearnings } from '../store/learnings-search.ts'
import { deleteLearning, getLearning, updateLearning } from '../store/learnings.ts'
import type { Sql } from '../store/sql.ts'

export interface LearningsHttpDeps {
  sql: Sql
  /** Rolls back when its function throws. */
  transaction: <T>(work: () => T) => T
  /** Resolves when what others have asked for meanwhile had its turn. */
  letOthersIn: () => Promise<void>
  now: () => number
  /** The name of the client that calls: the origin of what it imports. */
  client: string
}

const listQuery = {
  search: z.string().max(MAX_SEARCH_CHARS).default(''),
  kind: learningKind.optional(),
  limit: wholeNumber(200).default(50),
}
const exportQuery = { format: z.enum(['json', 'original']).default('json') }

/** Answers every request below /learnings; bad input is a 4xx that says what to do. */
export async function handleLearnings(request: Request, url: URL, deps: LearningsHttpDeps): Promise<Response> {
  try {
    return await route(request, url, deps)
  } catch (error) {
    if (error instanceof BadRequest) return refusal(error.status, error.message)
    if (error instanceof LearningRefused) return refusal(409, error.message)
    throw error
  }
}

function route(request: Request, url: URL, deps: LearningsHttpDeps): Response | Promise<Response> {
  const [, , name, ...rest] = url.pathname.split('/')
  if (rest.length > 0) return notFound()
  const { method } = request
  switch (name) {
    case undefined:
    case '':
      return method === 'GET' ? list(url, deps) : notAllowed(method, 'GET')
    case 'export':
      return method === 'GET' ? exported(url, deps) : notAllowed(method, 'GET')
    case 'import':
      return method === 'POST' ? imported(request, url, deps) : notAllowed(method, 'POST')
    default:
      return learningId.safeParse(name).success ? one(request, url, name, deps) : notFound()
  }
}

function list(url: URL, { sql, now }: LearningsHttpDeps): Response {
  return Response.json(searchLearnings(sql, readQuery(url, listQuery), now()))
}

function one(request: Request, url: URL, id: string, deps: LearningsHttpDeps): Response | Promise<Response> {
  readQuery(url, {})
  switch (request.method) {
    case 'GET': {
      const learning = getLearning(deps.sql, id)
      return learning === null ? notFound() : Response.json(learning)
    }
    case 'PATCH':
      return changed(request, id, deps)
    case 'DELETE':
      return deps.transaction(() => deleteLearning(deps.sql, id)) ? Response.json({ deleted: id }) : notFound()
    default:
      return notAllowed(request.method, 'GET, PATCH, DELETE')
  }
}

async function changed(request: Request, id: string, { sql, transaction, now }: LearningsHttpDeps): Promise<Response> {
  const change = parse(learningChange, await jsonBody(request), 'The change')
  const learning = transaction(() => updateLearning(sql, id, change, now()))
  return learning === null ? notFound() : Response.json(learning)
}

function exported(url: URL, { sql, now }: LearningsHttpDeps): Response {
  const { format } = readQuery(url, exportQuery)
  const pieces = exportLearnings(sql, format, now())
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { done, value } = pieces.next()
      if (done === true) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
  })
  return new Response(body, {
    headers: {
      'content-type': 'application/json',
      'content-disposition': 'attachment; filename="learnings.json"',
    },
  })
}

/** What is stored stays when the import breaks off: sent again, the file adds the rest, as what is there is only merged. */
async function imported(request: Request, url: URL, deps: LearningsHttpDeps): Promise<Response> {
  readQuery(url, {})
  const { sql, transaction, letOthersIn, now, client } = deps
  const pieces = importLearnings(sql, await jsonBody(request), client, now())
  if (pieces === null) {
    throw new BadRequest(
      400,
      'The file holds no learnings: a list of them, or an object with a list "learnings", is needed. Next: send what GET /learnings/export returns, or the local program’s learnings.json.',
    )
  }
  for (;;) {
    const { done, value } = transaction(() => pieces.next())
    if (done === true) return Response.json(value)
    await letOthersIn()
  }
}

/** Mistakes that a refusal names. */
const MAX_REASONS = 3

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.infer<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const reasons = invalidWords(parsed.error, MAX_REASONS)
  throw new BadRequest(400, `${what} is not valid: ${reasons}. Next: correct it and send it again.`)
}

function notFound(): Response {
  return refusal(404, 'There is no such learning. Next: list them with GET /learnings.')
}

function notAllowed(method: string, allow: string): Response {
  return refusal(405, `${method} is not possible here. Next: use ${allow}.`, { allow })
}

function refusal(status: number, error: string, headers: Record<string, string> = {}): Response {
  return Response.json({ error }, { status, headers })
}

/** `/learnings`: the user's learnings over HTTP, to search, edit, delete, export and import. JSON in, JSON out. */
import * as z from 'zod'
import {
  learningChange,
  learningId,
  learningKind,
  LearningRefused,
  MAX_SEARCH_CHARS,
  type LearningChange,
} from '../../learning/learning.ts'
import { BadRequest, jsonBody } from './body.ts'
import { boundedText } from '../../mcp/arguments/bounded-text.ts'
import { refusalWords } from '../../mcp/arguments/words.ts'
import { endable, type OpenStreams } from './open-streams.ts'
import { readQuery, wholeNumber } from './query.ts'
import { refusal } from './refusal.ts'
import type { Handler, Router, RoutedRequest } from './router.ts'
import { importLearnings } from '../store/learnings-exchange.ts'
import { exportLearnings } from '../store/learnings-export.ts'
import { searchLearnings } from '../store/learnings-search.ts'
import { deleteLearning, getLearning, updateLearning } from '../store/learnings.ts'
import type { Sql } from '../store/sql.ts'

export interface LearningsDeps {
  sql: Sql
  /** Rolls back when its function throws. */
  transaction: <T>(work: () => T) => T
  /** Resolves when waiting requests had their turn. */
  letOthersIn: () => Promise<void>
  now: () => number
  /** The calling client's name: the origin of the learnings that it imports. */
  client: string
  /** As `OpenStreams.add`, of an export. */
  opened: OpenStreams['add']
  /** Called when learnings have changed; `id`: the one that did, when it is one. */
  changed: (id: string | null) => void
}

const listQuery = {
  search: boundedText(MAX_SEARCH_CHARS, 'search for fewer words').default(''),
  kind: learningKind.optional(),
  limit: wholeNumber(200).default(50),
}
const exportQuery = { format: z.enum(['json', 'original']).default('json') }

export function learningsRouter(deps: LearningsDeps): Router<'/learnings'> {
  return {
    handlers: {
      '/learnings': { GET: ({ url }) => list(url, deps) },
      '/learnings/export': { GET: (routed) => exported(routed, deps) },
      '/learnings/import': { POST: (routed) => imported(routed, deps) },
      '/learnings/{id}': {
        GET: one(({ id }) => found(id, deps)),
        PATCH: one((routed) => changed(routed, deps)),
        DELETE: one(({ id }) => deleted(id, deps)),
      },
    },
    notFound,
    refused: (error) => (error instanceof LearningRefused ? refusal(409, error.message) : null),
  }
}

function list(url: URL, { sql, now }: LearningsDeps): Response {
  return Response.json(searchLearnings(sql, readQuery(url, listQuery), now()))
}

/** The handler of an address that names one learning. */
function one(handler: Handler): Handler {
  return (routed) => {
    if (!learningId.safeParse(routed.id).success) return notFound()
    readQuery(routed.url, {})
    return handler(routed)
  }
}

function found(id: string, { sql }: LearningsDeps): Response {
  const learning = getLearning(sql, id)
  return learning === null ? notFound() : Response.json(learning)
}

function deleted(id: string, { sql, transaction, changed }: LearningsDeps): Response {
  if (!transaction(() => deleteLearning(sql, id))) return notFound()
  changed(id)
  return Response.json({ deleted: id })
}

async function changed({ request, id }: RoutedRequest, deps: LearningsDeps): Promise<Response> {
  const { sql, transaction, now } = deps
  const change = changeOf(await jsonBody(request))
  const learning = transaction(() => updateLearning(sql, id, change, now()))
  if (learning === null) return notFound()
  deps.changed(id)
  return Response.json(learning)
}

function exported({ url, caller }: RoutedRequest, { sql, now, opened }: LearningsDeps): Response {
  const { format } = readQuery(url, exportQuery)
  const body = endable(encoded(exportLearnings(sql, format, now())), (end) => opened(caller, end))
  return new Response(body, {
    headers: {
      'content-type': 'application/json',
      'content-disposition': 'attachment; filename="learnings.json"',
    },
  })
}

function* encoded(texts: Iterable<string>): Generator<Uint8Array> {
  const encoder = new TextEncoder()
  for (const text of texts) yield encoder.encode(text)
}

/**
 * Imports a file of learnings. Stored entries stay when the import breaks off: sent again, the file adds the rest, as known entries are
 * only merged.
 */
async function imported({ request, url }: RoutedRequest, deps: LearningsDeps): Promise<Response> {
  readQuery(url, {})
  const { sql, transaction, letOthersIn, now, client, changed } = deps
  const pieces = importLearnings(sql, await jsonBody(request), client, now())
  if (pieces === null) {
    throw new BadRequest(
      400,
      'The file holds no learnings: a list of them, or an object with a list "learnings", is needed. Next: send what GET /learnings/export returns, or the local program’s learnings.json.',
    )
  }
  for (;;) {
    const { done, value } = transaction(() => pieces.next())
    if (done === true) {
      changed(null)
      return Response.json(value)
    }
    await letOthersIn()
  }
}

function changeOf(given: unknown): LearningChange {
  const { data, error } = learningChange.safeParse(given)
  if (error === undefined) return data
  throw new BadRequest(
    400,
    `The change is not valid. ${refusalWords(error, given, z.toJSONSchema(learningChange, { io: 'input' }))}`,
  )
}

function notFound(): Response {
  return refusal(404, 'There is no such learning. Next: list them with GET /learnings.')
}

/**
 * `/runs`: the user's runs over HTTP. POST starts one with the arguments of `run_python` and answers with its events; any client of the
 * same user can read a run's events, from the beginning or from any event on; DELETE ends it.
 */
import * as z from 'zod'
import { listedRun, runReceipt } from '../../mcp/results/receipt.ts'
import type { ShownRun } from '../../mcp/caller.ts'
import type { ProgramArguments } from '../../mcp/arguments/program.ts'
import { runPythonArguments } from '../../mcp/tools/run-python.ts'
import { boundedText } from '../../mcp/arguments/bounded-text.ts'
import {
  MAX_RUN_SEARCH_CHARS,
  RUN_ID,
  type RunHistory,
  type RunPage,
  type RunQuery,
  runStatus,
} from '../../run/contract/history.ts'
import { Busy, NoExecutor, QuotaUsed } from '../../run/contract/errors.ts'
import type { ChangedSince } from '../store/changed-since.ts'
import { BEGINNING, type EventId, parseEventId } from '../store/event-id.ts'
import { eventStream } from './event-stream.ts'
import type { OpenStreams } from './open-streams.ts'
import { BadRequest, jsonBody } from './body.ts'
import { daysQuery, momentsOf } from './days.ts'
import { readQuery, wholeNumber } from './query.ts'
import { refusal } from './refusal.ts'
import type { RoutedRequest, Router } from './router.ts'
import type { NumberedItem } from '../store/run-logs.ts'

/** Most runs that one answer lists, and their number by default. */
const MAX_LISTED = 250
const LISTED = 50
/** Longest name of a client or a tool that is asked for. */
const MAX_NAME_CHARS = 300

export interface RunsDeps {
  /** A page of runs; null when there is no run `before`. */
  list: (query: RunQuery) => RunPage | null
  find: (id: string) => ShownRun | null
  history: (id: string) => RunHistory | null
  /** The run's files that later runs reported, with the last change of each. */
  changedSince: (id: string) => ChangedSince[]
  /** Starts a run. Throws Busy, QuotaUsed and NoExecutor. */
  start: (args: ProgramArguments) => { id: string }
  /** Resolves when the run has ended, or soon after. */
  cancel: (id: string) => Promise<void>
  /** A stream of the runs that stand differently from now on. */
  live: () => Response
  events: (id: string, after: EventId, gone: () => boolean) => AsyncGenerator<NumberedItem>
  /** As `OpenStreams.add`, of a stream of a run's events. */
  opened: OpenStreams['add']
}

export function runsRouter(deps: RunsDeps): Router<'/runs'> {
  /** The handler of an address that names one run. */
  const one = (answer: (run: ShownRun, routed: RoutedRequest) => Response | Promise<Response>) => {
    return (routed: RoutedRequest) => {
      const run = deps.find(routed.id)
      return run === null ? notFound() : answer(run, routed)
    }
  }
  return {
    handlers: {
      '/runs': { GET: ({ url }) => list(url, deps), POST: (routed) => started(routed, deps) },
      '/runs/live': {
        GET: ({ url }) => {
          readQuery(url, {})
          return deps.live()
        },
      },
      '/runs/{id}': {
        GET: one((run, { url }) => {
          readQuery(url, {})
          return Response.json(receipt(run, deps))
        }),
        DELETE: one((run, { url }) => {
          readQuery(url, {})
          return cancelled(run, deps)
        }),
      },
      '/runs/{id}/events': { GET: one((run, routed) => events(routed, run, deps)) },
    },
    notFound,
    refused,
  }
}

function refused(error: unknown): Response | null {
  if (error instanceof Busy) return refusal(429, error.message)
  if (error instanceof QuotaUsed) return refusal(429, error.message, { 'retry-after': String(error.retryAfterS) })
  return error instanceof NoExecutor ? refusal(503, error.message) : null
}

const listQuery = {
  status: runStatus.optional(),
  search: boundedText(MAX_RUN_SEARCH_CHARS, 'search for fewer words').optional(),
  client: z.string().max(MAX_NAME_CHARS).optional(),
  tool: z.string().max(MAX_NAME_CHARS).optional(),
  ...daysQuery,
  before: z.string().regex(RUN_ID, 'it is no run_id. Next: give one that GET /runs names, or leave it out.').optional(),
  limit: wholeNumber(MAX_LISTED).default(LISTED),
}

/** A page of runs. `next`: the address of the older ones, also as a link of the answer; null when there are none. */
function list(url: URL, deps: RunsDeps): Response {
  const { from, to, time_zone, ...query } = readQuery(url, listQuery)
  const page = deps.list({ ...query, ...momentsOf({ from, to, time_zone }) })
  if (page === null) throw new BadRequest(400, `There is no run ${query.before}. Next: begin again without "before".`)
  const last = page.more ? page.runs.at(-1) : undefined
  // `unreadable`: number of runs in the whole history that are left out, as their records cannot be read.
  const { unreadable = 0 } = page
  const listed = { runs: page.runs.map(listedRun), ...(unreadable > 0 && { unreadable }) }
  if (last === undefined) return Response.json({ ...listed, next: null })
  const older = new URLSearchParams(url.searchParams)
  older.set('before', last.id)
  const next = `/runs?${older.toString()}`
  return Response.json({ ...listed, next }, { headers: { link: `<${next}>; rel="next"` } })
}

function receipt(run: ShownRun, { history, changedSince }: RunsDeps) {
  const changed = changedSince(run.id)
  return { ...runReceipt(run, history(run.id)), ...(changed.length > 0 && { changed_since: changed }) }
}

async function started({ request, url, caller }: RoutedRequest, deps: RunsDeps): Promise<Response> {
  readQuery(url, {})
  const args = runPythonArguments.read(await jsonBody(request))
  if ('refused' in args) throw new BadRequest(400, `The run is not valid. ${args.refused}`)
  const { id } = deps.start(args.value)
  const location = `/runs/${id}`
  const run = deps.find(id)
  if (args.value.background === true && run !== null) {
    return Response.json(receipt(run, deps), { status: 202, headers: { location } })
  }
  // A client that closes this stream stops reading; the run goes on.
  const opened = (end: () => void) => deps.opened(caller, end)
  return eventStream((gone) => deps.events(id, BEGINNING, gone), { status: 201, location, opened })
}

async function cancelled({ id, status: was }: ShownRun, deps: RunsDeps): Promise<Response> {
  await deps.cancel(id)
  const run = deps.find(id)
  return run === null ? notFound() : Response.json({ was, ...receipt(run, deps) })
}

function events({ request, url, caller }: RoutedRequest, { id }: ShownRun, deps: RunsDeps): Response {
  const query = readQuery(url, { after: z.string().optional() })
  const text = request.headers.get('last-event-id') ?? query.after ?? null
  const after = text === null ? BEGINNING : parseEventId(text)
  if (after === null) {
    throw new BadRequest(400, 'There is no such event. Next: give the id of an event as it was sent, or none.')
  }
  const opened = (end: () => void) => deps.opened(caller, end)
  return eventStream((gone) => deps.events(id, after, gone), { opened })
}

function notFound(): Response {
  return refusal(404, 'There is no such run; old ones are forgotten. Next: list them with GET /runs.')
}

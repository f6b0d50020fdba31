/** Runs as the tool `runs` lists them: a line each, by which a model tells them apart, and the next step. */
import type { CallToolResult } from '@modelcontextprotocol/server'
import { quote } from '../../text/quote.ts'
import type { ListedRun, RunPage, RunQuery } from '../../run/contract/history.ts'
import { isUnderWay } from '../../run/contract/outcome.ts'
import { listedRun } from './receipt.ts'
import { toolResult } from './tool-result.ts'

/** Characters of a description, or of its substitute, and of an error's type. */
const MAX_TITLE_CHARS = 80
const MAX_TYPE_CHARS = 60
/** Milliseconds. */
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `now` in milliseconds since 1970. */
export function runListResult({ runs, more, unreadable = 0 }: RunPage, query: RunQuery, now: number): CallToolResult {
  const last = runs.at(-1)
  const listed = last === undefined ? [noneText(query)] : [...runs.map((run) => line(run, now)), nextText(runs, more)]
  const text = [...(unreadable === 0 ? [] : [unreadableText(unreadable)]), ...listed].join('\n')
  return toolResult(text, { runs: runs.map(listedRun), outcome: null, next: more ? (last?.id ?? null) : null })
}

function line(run: ListedRun, now: number): string {
  const past = isUnderWay(run.status) ? '' : when(run.created_at, now)
  return [run.id, standing(run, now), past, title(run)].filter((part) => part !== '').join(' · ')
}

function standing({ status, error, wall_ms, created_at, started_at }: ListedRun, now: number): string {
  const took = isUnderWay(status) ? now - (started_at ?? created_at) : wall_ms
  const seconds = took === null ? [] : [`${(Math.max(0, took) / 1000).toFixed(isUnderWay(status) ? 0 : 2)} s`]
  const how = error === null || error.type.toLowerCase() === status ? status : `${status} ${typeName(error.type)}`
  return [how, ...seconds].join(' · ')
}

/** The name of an error's type, quoted when it is no name: a program chooses the names of its classes. */
function typeName(type: string): string {
  return /^[\w.]+$/.test(type) && type.length <= MAX_TYPE_CHARS ? type : quote(type, MAX_TYPE_CHARS)
}

function when(time: number, now: number): string {
  const ago = Math.max(0, now - time)
  if (ago >= DAY) return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  if (ago >= HOUR) return `${Math.floor(ago / HOUR)} h ago`
  return ago >= MINUTE ? `${Math.floor(ago / MINUTE)} min ago` : `${Math.floor(ago / 1000)} s ago`
}

function title({ description, objective, headline, said }: ListedRun): string {
  const own = description || objective
  if (own !== '') return quoted(own)
  if (headline !== '') return `program ${quoted(headline)}`
  return said === '' ? '' : `printed ${quoted(said)}`
}

function quoted(text: string): string {
  return quote(text.replaceAll(/\s+/g, ' ').trim(), MAX_TITLE_CHARS)
}

function nextText(runs: ListedRun[], more: boolean): string {
  const underWay = runs.filter(({ status }) => isUnderWay(status)).length
  const words =
    underWay === 0
      ? 'Next: call runs with action "wait" and a run_id for its result'
      : `${underWay} under way. Next: call runs with action "wait" or "cancel" and a run_id`
  return more ? `${words}, or the same with before "${runs.at(-1)?.id}" for older ones.` : `${words}.`
}

function unreadableText(count: number): string {
  const [are, they] = count === 1 ? ['run is', 'its record'] : ['runs are', 'their records']
  return `${count} ${are} left out: ${they} cannot be read.`
}

function noneText({ id, before, status, search = '' }: RunQuery): string {
  const which = [
    ...(id === undefined ? [] : [id]),
    ...(status === undefined ? [] : [`with status ${status}`]),
    ...(before === undefined ? [] : [`before ${before}`]),
  ]
  if (search.trim() !== '') {
    const words = `has all of ${quoted(search)} in description, program or error`
    return `${['No run', ...which, words].join(' ')}. Next: search for fewer words, or call runs without arguments for the latest.`
  }
  if (which.length === 0) return 'No runs yet. Next: run_python.'
  return `${['No run', ...which, 'is kept'].join(' ')}. Next: call runs without arguments for the latest.`
}

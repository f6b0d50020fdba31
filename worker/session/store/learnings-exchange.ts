/** Learnings of JSON files: our own, and those of the local program that this one follows (`learnings.json`, a list). */
import * as z from 'zod'
import { type Learning, learning, LearningRefused, LIMITS, type NewLearning, tagsOf } from '../../learning/learning.ts'
import { addLearning, type AddedFacts } from './learnings.ts'
import type { Sql } from './sql.ts'

/** Most entries of one file: more than an export of ours has in a request. Storing them takes some seconds. */
const MAX_IMPORTED = 15_000
/** Entries that are stored as one step. The small ones, of which a file can hold most, take about 0.1 ms each. */
const IMPORTED_AT_ONCE = 100
/** Most entries whose refusal is explained one by one. */
const MAX_EXPLAINED = 20

export interface ImportSummary {
  added: number
  /** Entries that were there already. */
  merged: number
  /** Entries with texts beyond the limits, which were cut. */
  cut: number
  skipped: number
  /** Reasons why entries were skipped; `index` counts from 0. The first twenty. */
  problems: { index: number; reason: string }[]
}

/**
 * Imports every entry that can be read, piece by piece: each `next()` takes some, which the caller stores as one step. The last one returns
 * the result of all. Null when the value is no file of learnings at all. Throws LearningRefused when it has too many.
 */
export function importLearnings(
  sql: Sql,
  value: unknown,
  client: string,
  now: number,
): Generator<void, ImportSummary, void> | null {
  const entries = entriesOf(value)
  if (entries !== null && entries.length > MAX_IMPORTED) {
    throw new LearningRefused(
      `The file holds ${entries.length} learnings, more than the ${MAX_IMPORTED} that one request takes; nothing was changed. Next: send it in parts.`,
    )
  }
  return entries && imported(sql, entries, client, now)
}

function* imported(sql: Sql, entries: ListEntry[], client: string, now: number): Generator<void, ImportSummary, void> {
  const result: ImportSummary = { added: 0, merged: 0, cut: 0, skipped: 0, problems: [] }
  for (const [index, { entry, kind }] of entries.entries()) {
    if (index > 0 && index % IMPORTED_AT_ONCE === 0) yield
    const read = readEntry(entry, kind)
    const reason =
      read === null ? 'it is no learning: an error_pattern or objective and a solution are needed' : add(read)
    if (reason === null) continue
    result.skipped++
    if (result.problems.length < MAX_EXPLAINED) result.problems.push({ index, reason })
  }
  return result

  function add({ texts, facts, origin }: Entry): string | null {
    try {
      const from = { via: 'import' as const, client: origin?.client ?? client, run_id: origin?.run_id ?? null }
      const { created } = addLearning(sql, texts, from, now, facts)
      result[created ? 'added' : 'merged']++
      if (TEXT_FIELDS.some((field) => texts[field].length > LIMITS[field])) result.cut++
      return null
    } catch (error) {
      if (error instanceof LearningRefused) return error.message
      throw error
    }
  }
}

const TEXT_FIELDS = ['problem', 'failed_approach', 'solution', 'context'] as const

interface Entry {
  texts: NewLearning
  facts: AddedFacts
  origin?: Learning['origin']
}

const text = z.string().catch('')
const count = z.coerce.number().int().min(0).max(1_000_000).catch(0)
const tags = z.union([z.array(z.coerce.string()), z.string().transform((list) => list.split(','))]).catch([])

/** Also read: a map by id, comma text for tags, other names of the times, `successful_approach`, which is the tool's parameter. */
const originalEntry = z.object({
  error_pattern: text,
  solution: text,
  context: text,
  success_count: count,
  failure_count: count,
  created_at: text,
  timestamp: text,
  last_used: text,
  tags,
  failure_type: text,
  objective: text,
  failed_approach: text,
  successful_approach: text,
})

const ownEntry = learning.partial().required({ kind: true, problem: true, solution: true })

/** Keys of an object that may hold its learnings, and the kind that each means. */
const LISTS: Record<string, Learning['kind'] | undefined> = {
  learnings: undefined,
  errors: 'error',
  error_learnings: 'error',
  semantic: 'semantic',
  semantic_failures: 'semantic',
  semantic_learnings: 'semantic',
}

interface ListEntry {
  entry: unknown
  /** The kind that its list means. */
  kind: Learning['kind'] | undefined
}

function entriesOf(value: unknown): ListEntry[] | null {
  if (Array.isArray(value)) return value.map((entry: unknown) => ({ entry, kind: undefined }))
  if (typeof value !== 'object' || value === null) return null
  const lists = Object.entries(value).flatMap(([name, list]: [string, unknown]) =>
    Object.hasOwn(LISTS, name) && typeof list === 'object' && list !== null
      ? [{ kind: LISTS[name], entries: Object.values(list) as unknown[] }]
      : [],
  )
  if (lists.length === 0) return null
  return lists.flatMap(({ kind, entries }) => entries.map((entry) => ({ entry, kind })))
}

function readEntry(value: unknown, listKind: Learning['kind'] | undefined): Entry | null {
  const own = ownEntry.safeParse(value)
  if (own.success) {
    const { id, kind, problem, solution, draft, success_count, failure_count, created_at, used_at, origin } = own.data
    const texts = {
      failed_approach: own.data.failed_approach ?? '',
      context: own.data.context ?? '',
      tags: own.data.tags ?? [],
    }
    return {
      texts: { kind, problem, solution, ...texts },
      facts: defined({ id, draft, success_count, failure_count, created_at, used_at }),
      ...(origin && { origin }),
    }
  }
  const original = originalEntry.safeParse(value)
  return original.success ? fromOriginal(original.data, listKind) : null
}

function fromOriginal(entry: z.infer<typeof originalEntry>, listKind: Learning['kind'] | undefined): Entry | null {
  const semantic =
    entry.failure_type === 'semantic' ||
    (entry.failure_type === '' && (listKind === 'semantic' || (entry.error_pattern === '' && entry.objective !== '')))
  const problem = semantic ? entry.objective || entry.error_pattern : entry.error_pattern
  const solution = entry.solution || entry.successful_approach
  if (problem.trim() === '' || solution.trim() === '') return null
  const created_at = timeOf(entry.created_at || entry.timestamp)
  const used_at = timeOf(entry.last_used)
  const used = entry.success_count + entry.failure_count > 0
  return {
    texts: {
      kind: semantic ? 'semantic' : 'error',
      problem,
      failed_approach: semantic ? entry.failed_approach || '(not recorded)' : '',
      solution,
      context: entry.context,
      // The original tags every semantic learning with its kind.
      tags: tagsOf(entry.tags.join(',')).filter((tag) => !(semantic && tag === 'semantic')),
    },
    facts: defined({
      success_count: entry.success_count,
      failure_count: entry.failure_count,
      created_at,
      used_at: used ? used_at : undefined,
    }),
  }
}

/** The original writes local times without a zone; they are read as UTC. */
function timeOf(iso: string): number | undefined {
  const time = Date.parse(/^\d{4}-\d\d-\d\dT[\d:.]+$/.test(iso) ? `${iso}Z` : iso)
  return Number.isNaN(time) || time < 0 ? undefined : Math.trunc(time)
}

function defined(facts: { [Key in keyof AddedFacts]: AddedFacts[Key] | undefined }): AddedFacts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
}

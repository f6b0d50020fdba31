/** Rows of learnings: added, changed, deleted, counted. Their full-text index follows by triggers; `learnings-search.ts` uses it. */
import { fingerprintOfText } from '../../learning/fingerprint.ts'
import * as z from 'zod'
import {
  type Learning,
  learning as learningSchema,
  type LearningChange,
  learningKind,
  type LearningKind,
  LearningRefused,
  type LearningTexts,
  MAX_LEARNINGS,
  type NewLearning,
  type Origin,
  storable,
  whatIsMissing,
} from '../../learning/learning.ts'
import type { Candidate } from '../../learning/rank.ts'
import { orElse, readStored, readStoredJson, type Stored, UNREADABLE } from '../../stored.ts'
import { textOf } from './columns.ts'
import type { Sql } from './sql.ts'

/** Facts about a learning beside its texts; the rest starts empty. */
export interface AddedFacts extends Partial<
  Pick<Learning, 'id' | 'draft' | 'success_count' | 'failure_count' | 'created_at' | 'used_at'>
> {
  fingerprint?: string | null
  objective?: string
}

/**
 * Stores a learning, cleaned and redacted. One that is there already only takes on the new tags; a draft that is now recorded on purpose
 * stops being one. Throws LearningRefused.
 */
export function addLearning(
  sql: Sql,
  input: NewLearning,
  origin: Origin,
  now: number,
  facts: AddedFacts = {},
): { learning: Learning; created: boolean } {
  const texts = storable(input)
  const missing = whatIsMissing({ kind: input.kind, ...texts })
  if (missing !== null) throw new LearningRefused(`The learning lacks ${missing}. Next: add it and call again.`)
  const hash = contentHash(input.kind, texts)
  const same = findSame(sql, input.kind, texts, hash)
  if (same !== null) return { learning: merge(sql, same, texts, facts, now), created: false }

  makeRoom(sql)
  const error = input.kind === 'error'
  const id = facts.id !== undefined && getLearning(sql, facts.id) === null ? facts.id : newId()
  const row = {
    id,
    kind: input.kind,
    ...texts,
    tags: JSON.stringify(texts.tags),
    origin_via: origin.via,
    origin_client: origin.client.slice(0, 100),
    origin_run_id: origin.run_id,
    draft: Number(facts.draft ?? false),
    success_count: facts.success_count ?? 0,
    failure_count: facts.failure_count ?? 0,
    created_at: facts.created_at ?? now,
    updated_at: now,
    used_at: facts.used_at ?? null,
    fingerprint:
      facts.fingerprint === undefined ? (error ? fingerprintOfText(texts.problem) : null) : facts.fingerprint,
    objective: facts.objective ?? (error ? '' : texts.problem.toLowerCase()),
    content_hash: hash,
  }
  const columns = Object.keys(row)
  sql(
    `INSERT INTO learnings (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
    ...Object.values(row),
  )
  return { learning: stored(sql, id), created: true }
}

export function getLearning(sql: Sql, id: string): Learning | null {
  const [row] = sql('SELECT * FROM learnings WHERE id = ?', id)
  return row === undefined ? null : (toCandidate(row)?.learning ?? null)
}

const keptCount = z.object({ kind: z.string(), n: z.int().min(0).max(MAX_LEARNINGS) })

/** Number of all learnings, or of a kind. */
export function countLearnings(sql: Sql, kind?: LearningKind): number {
  const counts = sql('SELECT kind, n FROM learning_counts').map((row) => readStored(keptCount, row))
  const isWhole = counts.every((count) => count !== UNREADABLE && learningKind.safeParse(count.kind).success)
  if (isWhole) return sumOf(counts, kind)
  // For impossible counts, or an unknown kind, only the rows themselves tell.
  return sumOf(
    sql('SELECT kind, count(*) AS n FROM learnings GROUP BY kind').map((row) => readStored(keptCount, row)),
    kind,
  )
}

function sumOf(counts: Stored<z.infer<typeof keptCount>>[], kind: LearningKind | undefined): number {
  return counts.reduce(
    (sum, count) => (count !== UNREADABLE && (kind === undefined || kind === count.kind) ? sum + count.n : sum),
    0,
  )
}

/** Changes texts, tags or the draft mark; null when there is no such learning. Throws LearningRefused. */
export function updateLearning(sql: Sql, id: string, change: LearningChange, now: number): Learning | null {
  const old = getLearning(sql, id)
  if (old === null) return null
  const texts = storable({ ...old, ...defined(change) })
  const missing = whatIsMissing({ kind: old.kind, ...texts })
  if (missing !== null)
    throw new LearningRefused(`The learning would lack ${missing}. Next: give it, or delete the learning.`)
  sql(
    `UPDATE learnings SET problem = ?, failed_approach = ?, solution = ?, context = ?, tags = ?, draft = ?, updated_at = ?,
      content_hash = ? WHERE id = ?`,
    texts.problem,
    texts.failed_approach,
    texts.solution,
    texts.context,
    JSON.stringify(texts.tags),
    Number(change.draft ?? old.draft),
    now,
    contentHash(old.kind, texts),
    id,
  )
  // Another error has another fingerprint; one from a run is better than one read from its text.
  if (texts.problem !== old.problem) {
    if (old.kind === 'error')
      sql('UPDATE learnings SET fingerprint = ? WHERE id = ?', fingerprintOfText(texts.problem), id)
    else sql('UPDATE learnings SET objective = ? WHERE id = ?', texts.problem.toLowerCase(), id)
  }
  return stored(sql, id)
}

/** Deletes a learning. Returns whether there was one. */
export function deleteLearning(sql: Sql, id: string): boolean {
  sql('DELETE FROM learnings_shown WHERE learning_id = ?', id)
  return withWholeIndex(sql, () => sql('DELETE FROM learnings WHERE id = ? RETURNING id', id).length > 0)
}

/** A page of all learnings in the order in which they came; `next` is null after the last one. */
export function pageOfLearnings(
  sql: Sql,
  { after, until, size }: { after: number; until: number; size: number },
): { learnings: Learning[]; next: number | null } {
  const rows = sql('SELECT * FROM learnings WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?', after, until, size)
  return {
    learnings: candidatesOf(rows).map(({ learning }) => learning),
    next: rows.length < size ? null : Number(rows.at(-1)?.['seq']),
  }
}

/** Makes the full-text indexes anew from the table. */
export function rebuildIndex(sql: Sql): void {
  sql(`INSERT INTO learnings_index (learnings_index) VALUES ('rebuild')`)
  sql(`INSERT INTO learnings_index_problem (learnings_index_problem) VALUES ('rebuild')`)
}

/** Executes one statement. An index that no longer fits its table does not stop it: then the index is made anew. */
export function withWholeIndex<T>(sql: Sql, statement: () => T): T {
  try {
    return statement()
  } catch (error) {
    if (!/SQLITE_CORRUPT_VTAB|malformed/.test(String(error))) throw error
    console.error(JSON.stringify({ event: 'learnings_index_rebuilt', error: String(error) }))
    rebuildIndex(sql)
    return statement()
  }
}

function findSame(sql: Sql, kind: LearningKind, texts: LearningTexts, hash: number): Learning | null {
  const content = contentOf(kind, texts)
  const rows = sql('SELECT * FROM learnings WHERE content_hash = ? LIMIT 10', hash)
  return (
    candidatesOf(rows)
      .map(({ learning }) => learning)
      .find((other) => contentOf(other.kind, other) === content) ?? null
  )
}

/** Merges a learning into the one that is there. Counts are not added up, so that importing the same file twice changes nothing. */
function merge(sql: Sql, old: Learning, texts: LearningTexts, facts: AddedFacts, now: number): Learning {
  sql(
    `UPDATE learnings SET draft = ?, success_count = ?, failure_count = ?, updated_at = ? WHERE id = ?`,
    Number(old.draft && (facts.draft ?? false)),
    Math.max(old.success_count, facts.success_count ?? 0),
    Math.max(old.failure_count, facts.failure_count ?? 0),
    now,
    old.id,
  )
  const { tags } = storable({ ...texts, tags: [...old.tags, ...texts.tags] })
  const context = texts.context === '' ? old.context : texts.context
  if (tags.length > old.tags.length || context !== old.context) {
    sql('UPDATE learnings SET tags = ?, context = ? WHERE id = ?', JSON.stringify(tags), context, old.id)
  }
  return stored(sql, old.id)
}

function makeRoom(sql: Sql): void {
  if (countLearnings(sql) < MAX_LEARNINGS) return
  // An unused draft sorts first, as NULL.
  const [draft] = sql(`SELECT id FROM learnings WHERE draft = 1 AND typeof(id) = 'text' ORDER BY used_at, seq LIMIT 1`)
  if (draft === undefined) {
    throw new LearningRefused(
      `There are ${MAX_LEARNINGS} learnings, which is the limit. Next: export and delete some (GET /learnings/export, DELETE /learnings/{id}).`,
    )
  }
  deleteLearning(sql, textOf(draft['id']))
}

function stored(sql: Sql, id: string): Learning {
  const learning = getLearning(sql, id)
  if (learning === null) throw new Error(`learning ${id} cannot be read back`)
  return learning
}

const anything = z.unknown()

/** The learnings of rows. A row that this code cannot read is left out, rather than all the others with it. */
export function candidatesOf(rows: ReturnType<Sql>): Candidate[] {
  return rows.map(toCandidate).filter((candidate) => candidate !== null)
}

function toCandidate(row: ReturnType<Sql>[number]): Candidate | null {
  const learning = readStored(learningSchema, {
    id: row['id'],
    kind: row['kind'],
    problem: row['problem'],
    failed_approach: row['failed_approach'],
    solution: row['solution'],
    context: row['context'],
    tags: orElse(readStoredJson(anything, row['tags']), null),
    origin: { via: row['origin_via'], client: row['origin_client'], run_id: row['origin_run_id'] },
    draft: row['draft'] === 1,
    success_count: row['success_count'],
    failure_count: row['failure_count'],
    created_at: row['created_at'],
    updated_at: row['updated_at'],
    used_at: row['used_at'],
  })
  if (learning === UNREADABLE) return null
  return { learning, fingerprint: textOf(row['fingerprint']) || null, objective: textOf(row['objective']) }
}

/** The text by which two learnings are the same: their texts but for the context, without case and spacing. */
function contentOf(kind: LearningKind, { problem, failed_approach, solution }: LearningTexts): string {
  return [kind, problem, failed_approach, solution]
    .map((text) => text.toLowerCase().replace(/\s+/g, ' ').trim())
    .join('\n')
}

/** 52 bits of FNV-1a, in two halves. Only a first look: on an equal hash the content is compared. */
function contentHash(kind: LearningKind, texts: LearningTexts): number {
  let [a, b] = [0x811c9dc5, 0x01000193]
  for (const byte of new TextEncoder().encode(contentOf(kind, texts))) {
    a = Math.imul(a ^ byte, 0x01000193)
    b = Math.imul(b ^ byte, 0x5bd1e995)
  }
  return (a >>> 6) * 2 ** 26 + (b >>> 6)
}

function newId(): string {
  return `l_${crypto.randomUUID().replaceAll('-', '').slice(0, 16)}`
}

/** The change without undefined fields, which would otherwise replace the stored ones. */
function defined(change: LearningChange): Partial<LearningTexts> {
  const { draft: _, ...texts } = change
  return Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== undefined))
}

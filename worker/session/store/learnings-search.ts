/** Searches over learnings and their full-text index: each ranks a bounded number of candidates, however many rows there are. */
import { type Learning, learningId, type LearningKind } from '../../learning/learning.ts'
import {
  type Failure,
  MAX_TERMS,
  rankFitting,
  rankSearch,
  rankUseful,
  tellingTerms,
  termsOf,
} from '../../learning/rank.ts'
import { candidatesOf, countLearnings, getLearning } from './learnings.ts'
import type { Sql, SqlValue } from './sql.ts'

/** Most rows that one search, or one look for fitting learnings, ranks. */
const MAX_CANDIDATES = 200

/** The best matches of a search in plain words, or the newest when it is empty. `total`: the number of learnings of this kind. */
export function searchLearnings(
  sql: Sql,
  query: { search: string; kind?: LearningKind | undefined; limit: number },
  now: number,
): { learnings: Learning[]; total: number } {
  const { search, kind, limit } = query
  const found = search.trim() === '' ? newest(sql, kind, limit) : matching(sql, search.trim(), kind, now)
  return { learnings: found.slice(0, limit), total: countLearnings(sql, kind) }
}

/** Learnings that have helped, the most helpful first: for a first look. */
export function usefulLearnings(sql: Sql, limit: number, now: number): Learning[] {
  const proven = sql(
    'SELECT * FROM learnings WHERE success_count > 0 ORDER BY success_count DESC, seq DESC LIMIT ?',
    MAX_CANDIDATES,
  )
  return rankUseful(
    candidatesOf(proven).map(({ learning }) => learning),
    now,
  ).slice(0, limit)
}

/** Learnings that fit a failed run, best first. */
export function fittingLearnings(sql: Sql, failure: Failure, limit: number, now: number): Learning[] {
  const rows = new Map<SqlValue, ReturnType<Sql>[number]>()
  const look = (where: string, value: string) => {
    const found = sql(`SELECT * FROM learnings WHERE ${where} ORDER BY seq DESC LIMIT ?`, value, MAX_CANDIDATES / 4)
    for (const row of found) rows.set(row['seq']!, row)
  }
  if (failure.fingerprint !== null) look('fingerprint = ?', failure.fingerprint)
  if (failure.objective !== '') look(`objective = ? AND objective <> ''`, failure.objective)
  const terms = [...new Set([...tellingTerms(failure.message, 8), ...tellingTerms(failure.objective, 4)])]
  const seqs = seqsOfEach(terms, (term, most) => newestAbout(sql, term, most)).slice(0, MAX_CANDIDATES)
  for (const row of rowsOf(sql, seqs)) rows.set(row['seq']!, row)
  return rankFitting(candidatesOf([...rows.values()]), failure, now).slice(0, limit)
}

function newest(sql: Sql, kind: LearningKind | undefined, limit: number): Learning[] {
  const rows =
    kind === undefined
      ? sql('SELECT * FROM learnings ORDER BY seq DESC LIMIT ?', limit)
      : sql('SELECT * FROM learnings WHERE kind = ? ORDER BY seq DESC LIMIT ?', kind, limit)
  return candidatesOf(rows).map(({ learning }) => learning)
}

function matching(sql: Sql, search: string, kind: LearningKind | undefined, now: number): Learning[] {
  if (learningId.safeParse(search).success) {
    const named = getLearning(sql, search)
    return named === null ? [] : [named]
  }
  const telling = tellingTerms(search, MAX_TERMS)
  const terms = telling.length > 0 ? telling : termsOf(search)
  return rankSearch(candidatesOf(rowsOf(sql, searchSeqs(sql, terms, kind))), terms, now)
}

/**
 * Rows with the words, at most MAX_CANDIDATES: the newest with all of them, then the newest with each, words of few rows first. `bm25`
 * would count every row that has a word, so a common word over many rows would cost a hundred times a rare one. The newest rows are found
 * without that, and ranked outside.
 */
function searchSeqs(sql: Sql, terms: string[], kind: LearningKind | undefined): SqlValue[] {
  const columns = 'problem failed_approach solution context tags'
  // Words that many rows have but none together are the dearest search: a walk over their lists, some milliseconds at the limit.
  const together = terms.length > 1 ? newestWith(sql, terms, columns, kind, MAX_CANDIDATES / 4) : []
  const each = seqsOfEach(terms, (term, most) => newestWith(sql, [term], columns, kind, most))
  const found = new Set([...together, ...each])
  return [...found].slice(0, MAX_CANDIDATES)
}

/** The newest rows with each of the words, words that few rows have first. `newest`: those with one word, at most so many. */
function seqsOfEach(terms: string[], newest: (term: string, most: number) => SqlValue[]): SqlValue[] {
  const most = Math.max(20, Math.ceil(MAX_CANDIDATES / terms.length))
  const each = terms.map((term) => newest(term, most))
  return each.toSorted((a, b) => a.length - b.length).flat()
}

/**
 * Rows whose problem has the word. In the index of all columns, one that many rows have in another column alone is looked for in each of them.
 */
function newestAbout(sql: Sql, term: string, limit: number): SqlValue[] {
  // What SQLite might take for several words is a phrase, of which the index of the problems knows nothing.
  if (!/^[a-z0-9]+$/.test(term)) return newestWith(sql, [term], 'problem', undefined, limit)
  return sql(
    'SELECT rowid FROM learnings_index_problem WHERE learnings_index_problem MATCH ? ORDER BY rowid DESC LIMIT ?',
    `"${term}"`,
    limit,
  ).map((row) => row['rowid']!)
}

function newestWith(
  sql: Sql,
  terms: string[],
  columns: string,
  kind: LearningKind | undefined,
  limit: number,
): SqlValue[] {
  // Terms are letters and digits only; quoted, none of them is an operator.
  const words = `{${columns}} : (${terms.map((term) => `"${term}"`).join(' AND ')})`
  return sql(
    'SELECT rowid FROM learnings_index WHERE learnings_index MATCH ? ORDER BY rowid DESC LIMIT ?',
    // The index has a word of its own for each kind: "error" is also what people search for.
    kind === undefined ? words : `kind_word : "kind${kind}" AND ${words}`,
    limit,
  ).map((row) => row['rowid']!)
}

function rowsOf(sql: Sql, seqs: SqlValue[]): ReturnType<Sql> {
  // All go into one parameter: the platform allows a hundred.
  return sql('SELECT * FROM learnings WHERE seq IN (SELECT value FROM json_each(?))', JSON.stringify(seqs))
}

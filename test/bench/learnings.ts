/**
 * Learnings with 100, 1,000, 10,000 and 100,000 rows: adding, searching a rare, a common, several common words, and looking for what
 * fits a failure: `node --no-warnings test/bench/learnings.ts [rounds]`. Prints medians, and the medians of the paired ratios to 1,000 rows. Node's own SQLite
 * with the statements of the store; the platform's is the same library in another process.
 */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import type { NewLearning } from '../../worker/learning/learning.ts'
import { fittingLearnings, searchLearnings } from '../../worker/session/store/learnings-search.ts'
import { addLearning } from '../../worker/session/store/learnings.ts'
import { migrate } from '../../worker/session/store/migrations.ts'
import type { Sql } from '../../worker/session/store/sql.ts'
import { type Measured, measured, quantile } from './statistics.ts'

const SIZES = [100, 1_000, 10_000, 100_000]
/** The index of the size that the others are compared with. */
const BASE = 1
const NOW = Date.UTC(2026, 0, 1)

const MODULES = ['pandas', 'numpy', 'requests', 'pillow', 'openpyxl', 'lxml', 'matplotlib', 'scipy']
const OBJECTS = ['column', 'file', 'page', 'response', 'image', 'sheet', 'array', 'date']

/** Every text has "data"; half have "alpha", the other half "beta"; "rareword" is in one text of all. */
function text(i: number): NewLearning {
  const [module, object] = [MODULES[i % 8]!, OBJECTS[(i >> 3) % 8]!]
  return {
    kind: i % 10 === 0 ? 'semantic' : 'error',
    problem: `ValueError: ${module} could not read ${object} k${i % 5000} of the data (${i % 2 === 0 ? 'alpha' : 'beta'})`,
    failed_approach: i % 10 === 0 ? `reading ${object} with ${module} in one go` : '',
    solution: `Convert the ${object} first, then call ${module} on step ${i} of the data with the right encoding and separator.`,
    context: `${module} version ${i % 7}${i === 17 ? ' rareword' : ''}, seen while ${object}s were loaded in a loop`,
    tags: [module, object],
  }
}

const failure = {
  fingerprint: `ValueError: pandas could not read column k8 of the data (alpha)`,
  message: 'ValueError: pandas could not read column k8 of the data (alpha)',
  objective: 'load all the data',
}

const TASKS: Record<string, (sql: Sql, round: number) => unknown> = {
  add: (sql, round) => add(sql, 1_000_000 + round),
  'search, rare word': (sql) => search(sql, 'rareword'),
  'search, common word': (sql) => search(sql, 'data'),
  'search, common word of a kind': (sql) => search(sql, 'data', 'semantic'),
  'search, three common words': (sql) => search(sql, 'read data encoding'),
  'search, words never together': (sql) => search(sql, 'alpha beta'),
  'the newest': (sql) => search(sql, ''),
  'what fits a failure': (sql) => fittingLearnings(sql, failure, 3, NOW),
}

/** Some are drafts: at the limit each added row makes one of them go, so that the last column of "add" is an addition and a deletion. */
function add(sql: Sql, i: number): void {
  addLearning(sql, text(i), { via: 'tool', client: 'bench', run_id: null }, NOW, { draft: i % 10 === 1 })
}

function search(sql: Sql, words: string, kind?: 'semantic'): unknown {
  return searchLearnings(sql, { search: words, kind, limit: 10 }, NOW)
}

/** Medians in ms by size, and of the ratios to 1,000 rows, of each query. */
export function measureLearnings(rounds: number, sizes = SIZES): { name: string; rounds: number[][] }[] {
  const filledOnes = sizes.map(filled)
  return Object.entries(TASKS).map(([name, task]) => ({
    name,
    // All sizes in turn, so that whatever else the machine does meets all of them. The first five do not count.
    rounds: Array.from({ length: rounds + 5 }, (_, round) =>
      filledOnes.map(({ sql, transaction }) => {
        const began = performance.now()
        transaction(() => task(sql, round))
        return performance.now() - began
      }),
    ).slice(5),
  }))
}

/** The query that 100,000 rows slow down most, against 1,000 rows. */
export function worstLearnings(rounds = 30): Measured {
  const all = measureLearnings(rounds, [1_000, 100_000]).map(({ rounds: each }) =>
    measured(each.map(([small, large]) => [large!, small!])),
  )
  return all.toSorted((a, b) => quantile(b.ratios, 0.5) - quantile(a.ratios, 0.5))[0]!
}

if (import.meta.main) print(measureLearnings(Number(process.argv[2] ?? 50)))

function print(tasks: { name: string; rounds: number[][] }[]): void {
  console.log(`rows: ${SIZES.join(', ')}`)
  for (const { name, rounds } of tasks) {
    const medians = SIZES.map((_, index) =>
      quantile(
        rounds.map((times) => times[index]!),
        0.5,
      ).toFixed(2),
    )
    const ratios = SIZES.map((_, index) =>
      quantile(
        rounds.map((times) => times[index]! / times[BASE]!),
        0.5,
      ).toFixed(2),
    )
    console.log(`${name}: ${medians.join(', ')} ms; to ${SIZES[BASE]} rows: ${ratios.join(', ')}`)
  }
}

function filled(size: number): { sql: Sql; transaction: (work: () => void) => void } {
  const database = new DatabaseSync(':memory:')
  const statements = new Map<string, ReturnType<DatabaseSync['prepare']>>()
  const sql: Sql = (statement, ...params) => {
    const prepared = statements.get(statement) ?? database.prepare(statement)
    statements.set(statement, prepared)
    return prepared.all(...(params as SQLInputValue[])) as ReturnType<Sql>
  }
  const transaction = (work: () => void) => {
    database.exec('BEGIN')
    work()
    database.exec('COMMIT')
  }
  migrate(sql, transaction)
  for (let from = 0; from < size; from += 1_000) {
    transaction(() => {
      for (let i = from; i < Math.min(size, from + 1_000); i++) add(sql, i)
    })
  }
  return { sql, transaction }
}

/** Learnings as a JSON file: our own, or one of the local program that this one follows (`learnings.json`, a list). */
import type { Learning } from '../../learning/learning.ts'
import { countLearnings, pageOfLearnings } from './learnings.ts'
import type { Sql } from './sql.ts'

const PAGE = 200
/** Rows that are looked at in one piece for changes. */
const LOOKED_AT_ONCE = 5_000

const FORMAT = 'mcp-code-mode/learnings'
export type ExportFormat = 'json' | 'original'

/** What happened to the stored learnings while an export of them was read. */
interface ChangedMeanwhile {
  /** They are not in the export. */
  added: number
  /** They are in the export when they were deleted after their turn. */
  deleted: number
  /** Each is in the export as it stood when its turn came. */
  changed: number
}

/**
 * The pieces of an export, so that no more than a page of it is in memory at once. It has each learning that was there when it began, a line
 * each, once and whole; what changed until its end is said behind them, as `changed_meanwhile`. The list of the local program has no room for
 * that. `now`: milliseconds since 1970.
 */
export function* exportLearnings(sql: Sql, format: ExportFormat, now: number): Generator<string> {
  const until = newest(sql)
  const count = countLearnings(sql)
  const head = { format: FORMAT, version: 1, exported_at: new Date(now).toISOString() }
  yield format === 'original' ? '[' : `${JSON.stringify(head).slice(0, -1)},"learnings":[`
  let separator = '\n'
  for (let after: number | null = 0; after !== null;) {
    const { learnings, next } = pageOfLearnings(sql, { after, until, size: PAGE })
    const written = learnings.map((entry) => JSON.stringify(format === 'original' ? toOriginal(entry) : entry))
    if (written.length > 0) {
      yield separator + written.join(',\n')
      separator = ',\n'
    }
    after = next
  }
  if (format === 'original') return yield '\n]\n'
  const meanwhile = yield* changedMeanwhile(sql, until, count, now)
  yield meanwhile === null ? '\n]}\n' : `\n],"changed_meanwhile":${JSON.stringify(meanwhile)}}\n`
}

/** Null: nothing changed. Between its pieces, which are blank, others have their turn. */
function* changedMeanwhile(
  sql: Sql,
  until: number,
  count: number,
  began: number,
): Generator<string, ChangedMeanwhile | null> {
  let changed = 0
  for (let after: number | null = 0; after !== null;) {
    const [row] = sql(
      `SELECT count(*) AS n, max(seq) AS last, sum(updated_at > ?1 OR coalesce(used_at > ?1, 0)) AS changed
        FROM (SELECT seq, updated_at, used_at FROM learnings WHERE seq > ?2 AND seq <= ?3 ORDER BY seq LIMIT ?4)`,
      began,
      after,
      until,
      LOOKED_AT_ONCE,
    )
    changed += Number(row?.['changed'] ?? 0)
    const isFull: boolean = Number(row?.['n']) === LOOKED_AT_ONCE
    after = isFull ? Number(row?.['last']) : null
    if (isFull) yield '\n'
  }
  const [later] = sql('SELECT count(*) AS n FROM learnings WHERE seq > ?', until)
  const added = Number(later?.['n'])
  const deleted = Math.max(0, count + added - countLearnings(sql))
  return added + deleted + changed === 0 ? null : { added, deleted, changed }
}

function newest(sql: Sql): number {
  const [row] = sql('SELECT max(seq) AS seq FROM learnings')
  return Number(row?.['seq'] ?? 0)
}

function toOriginal(entry: Learning): Record<string, unknown> {
  const semantic = entry.kind === 'semantic'
  return {
    error_pattern: entry.problem,
    solution: entry.solution,
    context: entry.context,
    success_count: entry.success_count,
    failure_count: entry.failure_count,
    created_at: localTime(entry.created_at),
    last_used: localTime(entry.used_at ?? entry.created_at),
    tags: semantic ? [...entry.tags, 'semantic'] : entry.tags,
    failure_type: entry.kind,
    objective: semantic ? entry.problem : '',
    failed_approach: entry.failed_approach,
  }
}

/** The original writes local times without a zone: they are written as UTC. */
function localTime(time: number): string {
  return new Date(time).toISOString().replace('Z', '')
}

/** Pages of the history: newest first, from any run on, searched as text. */
import { isUnderWay } from '../../run/contract/outcome.ts'
import type { ListedRun, RunPage, RunQuery, RunStatus } from '../../run/contract/history.ts'
import { UNREADABLE } from '../../run/words/platform.ts'
import { numberOf, textOf, timeOf } from './columns.ts'
import { picturesIn } from './run-pictures.ts'
import { standingOf } from './runs.ts'
import type { Sql, SqlValue } from './sql.ts'

/** A run whose row has another id cannot be asked for. */
const IS_NAMED = `typeof(runs.id) = 'text' AND length(runs.id) < 100 AND runs.id GLOB 'r_*' AND runs.id NOT GLOB '*[^a-z0-9_]*'`

/** A page of runs; null when there is no run `before`. `standing`: the state of a run whose row has no end. */
export function pageOfRuns(
  sql: Sql,
  { limit, id, before, since, until, status, search = '', client, tool }: RunQuery,
  standing: (id: string) => RunStatus | null = () => null,
): RunPage | null {
  const [from] = before === undefined ? [] : sql('SELECT created_at, rowid AS place FROM runs WHERE id = ?', before)
  if (before !== undefined && from === undefined) return null
  const words = [...new Set(folded(search).split(/\s+/))].filter((word) => word !== '')
  const rows = sql(
    // Parameters that are null take no part.
    `SELECT runs.id, status, objective, created_at, ended_at, description, headline, said, error_type, error_line,
        CASE WHEN json_valid(asked) THEN json_extract(asked, '$.client') END AS client,
        CASE WHEN json_valid(asked) THEN json_extract(asked, '$.tool') END AS tool, started_at, wall_ms, paths
      FROM runs LEFT JOIN run_history ON run_history.run_id = runs.id LEFT JOIN run_pictures ON run_pictures.run_id = runs.id
      WHERE (?1 IS NULL OR (created_at, runs.rowid) < (?1, ?2)) AND (?3 IS NULL OR runs.id = ?3) AND ${IS_NAMED}
        AND (?5 IS NULL OR created_at >= ?5) AND (?6 IS NULL OR created_at < ?6)
      ORDER BY created_at DESC, runs.rowid DESC LIMIT ?4`,
    from?.['created_at'] ?? null,
    from?.['place'] ?? null,
    id ?? null,
    words.length === 0 && status === undefined && client === undefined && tool === undefined ? limit + 1 : -1,
    since ?? null,
    until ?? null,
  )
  const found: ListedRun[] = []
  for (const row of rows) {
    const stored = toListed(row)
    const stands = isUnderWay(stored.status) ? standing(stored.id) : null
    const run = stands === null ? stored : { ...stored, status: stands }
    const fits = fitsIn(status, run.status) && fitsIn(client, run.client) && fitsIn(tool, run.tool)
    if (fits && hasWords(sql, run, words)) found.push(run)
    if (found.length > limit) break
  }
  const [unnamed] = sql(`SELECT count(*) AS n FROM runs WHERE NOT coalesce(${IS_NAMED}, 0)`)
  const unreadable = Number(unnamed?.['n'])
  return { runs: found.slice(0, limit), more: found.length > limit, ...(unreadable > 0 && { unreadable }) }
}

function fitsIn(asked: string | undefined, value: string | null): boolean {
  return asked === undefined || asked === value
}

/** Returns whether a run has all the words. Its program is only read when the rest does not have them. */
function hasWords(sql: Sql, { id, description, objective, error }: ListedRun, words: string[]): boolean {
  const short = folded([description || objective, error?.type, error?.message].join('\n'))
  const left = words.filter((word) => !short.includes(word))
  if (left.length === 0) return true
  const [row] = sql('SELECT program FROM run_history WHERE run_id = ?', id)
  const program = folded(textOf(row?.['program']))
  return left.every((word) => program.includes(word))
}

/** Upper case, as it is the same for more spellings: ς and σ, ß and ss. */
function folded(text: string): string {
  return text.normalize('NFKC').toUpperCase()
}

function toListed(row: Record<string, SqlValue>): ListedRun {
  const { isReadable, ...standing } = standingOf(row)
  const type = textOf(row['error_type'])
  const error = type === '' ? null : { type, message: textOf(row['error_line']) }
  return {
    id: textOf(row['id']),
    ...standing,
    objective: textOf(row['objective']),
    description: textOf(row['description']),
    headline: textOf(row['headline']),
    said: textOf(row['said']),
    error: isReadable ? error : { type: 'Unreadable', message: UNREADABLE },
    client: textOf(row['client']) || null,
    tool: textOf(row['tool']) || null,
    started_at: timeOf(row['started_at']),
    wall_ms: numberOf(row['wall_ms']),
    pictures: picturesIn(row['paths']),
  }
}

/** Pages of the history: newest first, from any run on, searched as text. */
import { type ListedRun, type RunPage, type RunQuery, runStatus } from '../../run/history.ts'
import type { Sql, SqlValue } from './sql.ts'

/** Null when there is no run `before`. */
export function pageOfRuns(sql: Sql, { limit, id, before, status, search = '' }: RunQuery): RunPage | null {
  const [from] = before === undefined ? [] : sql('SELECT created_at, rowid AS place FROM runs WHERE id = ?', before)
  if (before !== undefined && from === undefined) return null
  const words = [...new Set(folded(search).split(/\s+/))].filter((word) => word !== '')
  const rows = sql(
    // Parameters that are null take no part.
    `SELECT runs.id, status, objective, created_at, ended_at, description, headline, said, error_type, error_line,
        json_extract(asked, '$.client') AS client, json_extract(asked, '$.tool') AS tool, started_at, wall_ms
      FROM runs LEFT JOIN run_history ON run_id = runs.id
      WHERE (?1 IS NULL OR (created_at, runs.rowid) < (?1, ?2)) AND (?3 IS NULL OR status = ?3)
        AND (?4 IS NULL OR runs.id = ?4)
      ORDER BY created_at DESC, runs.rowid DESC LIMIT ?5`,
    from?.['created_at'] ?? null,
    from?.['place'] ?? null,
    status ?? null,
    id ?? null,
    words.length === 0 ? limit + 1 : -1,
  )
  const found: ListedRun[] = []
  for (const row of rows) {
    const run = toListed(row)
    if (hasWords(sql, run, words)) found.push(run)
    if (found.length > limit) break
  }
  return { runs: found.slice(0, limit), more: found.length > limit }
}

/** A program is only read when the rest does not have all the words. */
function hasWords(sql: Sql, { id, description, objective, error }: ListedRun, words: string[]): boolean {
  const short = folded([description || objective, error?.type, error?.message].join('\n'))
  const left = words.filter((word) => !short.includes(word))
  if (left.length === 0) return true
  const [row] = sql('SELECT program FROM run_history WHERE run_id = ?', id)
  const program = folded(text(row?.['program']))
  return left.every((word) => program.includes(word))
}

/** Upper case, as it is the same for more spellings: ς and σ, ß and ss. */
function folded(text: string): string {
  return text.normalize('NFKC').toUpperCase()
}

function toListed(row: Record<string, SqlValue>): ListedRun {
  const type = row['error_type']
  return {
    id: text(row['id']),
    status: runStatus.parse(row['status']),
    objective: text(row['objective']),
    description: text(row['description']),
    headline: text(row['headline']),
    said: text(row['said']),
    error: typeof type === 'string' ? { type, message: text(row['error_line']) } : null,
    client: text(row['client']) || null,
    tool: text(row['tool']) || null,
    created_at: Number(row['created_at']),
    started_at: number(row['started_at']),
    ended_at: number(row['ended_at']),
    wall_ms: number(row['wall_ms']),
  }
}

function text(value: SqlValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

function number(value: SqlValue | undefined): number | null {
  return typeof value === 'number' ? value : null
}

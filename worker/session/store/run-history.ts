/** Rows of the history: a run's request, the findings before its start, and the lines by which a list tells it from others. */
import { keptLine, keptProgram } from '../../learning/kept-run.ts'
import { storableText } from '../../learning/learning.ts'
import { type RunCall, type CallArguments, callArguments } from '../../run/contract/call.ts'
import { type Findings, findings } from '../../run/contract/findings.ts'
import type { RunHistory } from '../../run/contract/history.ts'
import type { RunOutcome } from '../../run/contract/outcome.ts'
import { tellingLineOfOutput, tellingLineOfProgram } from '../../run/output/telling-line.ts'
import { orElse, readStoredJson } from '../../stored.ts'
import { numberOf, textOf, timeOf } from './columns.ts'
import type { Sql } from './sql.ts'

/** Most characters of all kept programs; the oldest are dropped, and their runs stay. */
const KEPT_PROGRAMS_CHARS = 4 * 1024 * 1024

/** Longest description. */
const MAX_DESCRIPTION_CHARS = 1000

/** Inserts the row of a run that has just been accepted. `args`: its other arguments. */
export function insertHistory(sql: Sql, id: string, code: string, { description }: RunCall, args: CallArguments): void {
  const program = keptProgram(code)
  sql(
    `INSERT INTO run_history (run_id, description, headline, asked, sent_chars, kept_chars, program)
      VALUES (?, ?, ?, ?, ?, ?, ?)`,
    id,
    storableText(description, MAX_DESCRIPTION_CHARS),
    keptLine(tellingLineOfProgram(program)),
    JSON.stringify(args),
    code.length,
    program.length,
    program,
  )
  const [kept] = sql('SELECT sum(kept_chars) AS chars FROM run_history')
  if (Number(kept?.['chars']) <= KEPT_PROGRAMS_CHARS) return
  sql(
    `UPDATE run_history SET program = NULL, kept_chars = 0 WHERE run_id IN (
      SELECT run_id FROM (
        SELECT run_id, sum(kept_chars) OVER (ORDER BY rowid DESC) AS total FROM run_history WHERE kept_chars > 0
      ) WHERE total > ?)`,
    KEPT_PROGRAMS_CHARS,
  )
}

/** Notes that the program is about to be started, perhaps once more. */
export function noteStart(sql: Sql, id: string, found: Findings, now: number): void {
  sql(
    'UPDATE run_history SET checked = ?, started_at = coalesce(started_at, ?) WHERE run_id = ?',
    JSON.stringify(found),
    now,
    id,
  )
}

export function noteEnd(sql: Sql, id: string, { usage, error, stdout, stderr }: RunOutcome): void {
  sql(
    'UPDATE run_history SET wall_ms = ?, error_type = ?, error_line = ?, said = ? WHERE run_id = ?',
    usage?.wall_ms ?? null,
    error === null ? null : keptLine(error.type),
    keptLine(tellingLineOfOutput(error?.message ?? '')),
    // A traceback says no more than the error.
    keptLine(tellingLineOfOutput(stdout) || (error === null ? tellingLineOfOutput(stderr) : '')),
    id,
  )
}

/** The history of a run, or null when there is no such run. A column that cannot be read is null, or empty. */
export function findHistory(sql: Sql, id: string): RunHistory | null {
  const [row] = sql('SELECT * FROM run_history WHERE run_id = ?', id)
  if (row === undefined) return null
  const { program } = row
  return {
    description: textOf(row['description']),
    asked: orElse(readStoredJson(callArguments, row['asked']), null),
    checked: orElse(readStoredJson(findings, row['checked']), null),
    started_at: timeOf(row['started_at']),
    program:
      typeof program === 'string' ? { text: program, chars: numberOf(row['sent_chars']) ?? program.length } : null,
  }
}

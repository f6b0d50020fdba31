/** The rows of a run that is accepted: what was asked, without the values of its environment variables. */
import { argumentsOf, objectiveOf, type RunCall } from '../../run/contract/call.ts'
import type { RunInput } from '../../run/contract/step.ts'
import { hidingValues } from '../../run/program/env.ts'
import { insertHistory } from '../store/run-history.ts'
import { forgetPictures } from '../store/run-pictures.ts'
import { insertRun } from '../store/runs.ts'
import type { Sql } from '../store/sql.ts'

export interface Asked {
  input: Omit<RunInput, 'id'>
  call: RunCall
  /** The name of the MCP client that asks. */
  client: string
}

/** Writes the rows, in a transaction of the caller's. Returns the objective, and what hides those values in a text. */
export function acceptRun(
  sql: Sql,
  run: { id: string; status: 'running' | 'queued'; createdAt: number },
  { input, call, client }: Asked,
): { objective: string; hide: (text: string) => string } {
  const hide = hidingValues(input.env)
  const objective = hide(objectiveOf(call))
  const { id, status, createdAt } = run
  insertRun(sql, { id, status, objective, timeout_s: input.timeout_s, created_at: createdAt })
  const shown = { ...call, description: hide(call.description) }
  // They are written before the program starts, over whatever earlier runs left at their paths.
  forgetPictures(sql, Object.keys(input.files ?? {}))
  insertHistory(sql, id, hide(input.code), shown, argumentsOf(input, call, client))
  return { objective, hide }
}

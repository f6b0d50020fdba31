/** Every way to the newest version of the database ends with the same tables, and keeps what was there. */
import { expect, test } from 'vitest'
import { fittingLearnings } from '../../worker/session/store/learnings-search.ts'
import { addLearning } from '../../worker/session/store/learnings.ts'
import { migrate, NEWEST_VERSION } from '../../worker/session/store/migrations.ts'
import { findHistory } from '../../worker/session/store/run-history.ts'
import { pageOfRuns } from '../../worker/session/store/run-pages.ts'
import { insertRun } from '../../worker/session/store/runs.ts'
import { deleteRequest, isStreamDone, requestsOfRun } from '../../worker/session/store/transport.ts'
import type { Sql } from '../../worker/session/store/sql.ts'
import { withDatabase } from './support/database.ts'

/** The version that has the history of runs. */
const WITH_HISTORY = 10

/** Ours: the Agents SDK keeps tables of its own. */
function schema(sql: Sql): unknown[] {
  return sql(
    `SELECT type, name, tbl_name, sql FROM sqlite_master
     WHERE name NOT LIKE 'cf\\_%' ESCAPE '\\' AND tbl_name NOT LIKE 'cf\\_%' ESCAPE '\\' ORDER BY type, name`,
  )
}

test('from empty, twice, and from each version', async () => {
  let whole: unknown[] = []
  await withDatabase(({ sql, transaction }) => {
    migrate(sql, transaction)
    whole = schema(sql)
    expect(whole.length).toBeGreaterThan(10)
    migrate(sql, transaction)
    expect(schema(sql)).toEqual(whole)
    expect(sql('SELECT version FROM schema_version')).toHaveLength(NEWEST_VERSION)
  })
  for (let from = 1; from < NEWEST_VERSION; from++) {
    await withDatabase(({ sql, transaction }) => {
      migrate(sql, transaction, from)
      insertRun(sql, { id: 'r_1', status: 'running', objective: 'x', timeout_s: 50, created_at: 1 })
      migrate(sql, transaction)
      expect(schema(sql)).toEqual(whole)
      // The step that made the history told it of the runs that were there.
      const description = from < WITH_HISTORY ? 'x' : ''
      expect(pageOfRuns(sql, { limit: 10 })?.runs).toMatchObject([{ id: 'r_1', objective: 'x', description }])
    })
  }
})

test('a request that waits for its answer still does after its stream has got a table for several', async () => {
  await withDatabase(({ sql, transaction }) => {
    migrate(sql, transaction, 5)
    sql(`INSERT INTO transport_streams (id, session_id, run_id, request_id, done_at) VALUES
      ('open', 's', 'r_1', '7', NULL), ('done', 's', 'r_1', '8', 1)`)
    migrate(sql, transaction)
    expect(requestsOfRun(sql, 'r_1')).toEqual([
      { streamId: 'open', sessionId: 's', requestId: 7, key: '7', runId: 'r_1' },
    ])
    deleteRequest(sql, 'open', 7, 99)
    expect(isStreamDone(sql, 'open')).toBe(true)
  })
})

test('runs from before the history are in it with what is known of them, and go with their rows', async () => {
  await withDatabase(({ sql, transaction }) => {
    migrate(sql, transaction, 9)
    const outcome = JSON.stringify({ error: { type: 'KeyError', message: 'x' }, usage: { wall_ms: 12.5 } })
    sql(`INSERT INTO runs (id, status, objective, timeout_s, created_at, ended_at, outcome) VALUES
      ('r_old', 'error', 'sum', 50, 1, 2, '${outcome}'), ('r_live', 'running', '', 50, 3, NULL, NULL)`)
    sql(`INSERT INTO run_logs (run_id, seq, lines) VALUES ('r_old', 0, '')`)
    migrate(sql, transaction)
    expect(pageOfRuns(sql, { limit: 10 })?.runs).toMatchObject([
      { id: 'r_live', description: '', error: null, wall_ms: null, client: null },
      { id: 'r_old', description: 'sum', error: { type: 'KeyError', message: '' }, wall_ms: 12.5, client: null },
    ])
    expect(findHistory(sql, 'r_old')).toEqual({
      description: 'sum',
      asked: null,
      checked: null,
      started_at: null,
      program: null,
    })
    sql(`DELETE FROM runs WHERE id = 'r_old'`)
    expect([findHistory(sql, 'r_old'), sql('SELECT * FROM run_logs')]).toEqual([null, []])
  })
})

test('rows and steps that cannot be read do not stop a migration', async () => {
  await withDatabase(({ sql, transaction }) => {
    migrate(sql, transaction, 9)
    const insert = 'INSERT INTO runs (id, status, objective, timeout_s, created_at, outcome) VALUES (?, ?, ?, ?, ?, ?)'
    for (const [id, outcome] of [
      ['r_1', '{'],
      ['r_2', '[]'],
      ['r_3', null],
      ['r_4', new ArrayBuffer(3)],
    ] as const)
      sql(insert, id, 'success', 'x', 50, 1, outcome)
    sql(insert, null, 'success', 'x', 50, 1, '{}')
    sql(`UPDATE schema_version SET version = 'x' WHERE version = 9`)
    migrate(sql, transaction)
    expect(sql('SELECT run_id, wall_ms FROM run_history ORDER BY run_id')).toEqual(
      ['r_1', 'r_2', 'r_3', 'r_4'].map((run_id) => ({ run_id, wall_ms: null })),
    )
    migrate(sql, transaction)
  })
})

test('an interrupted migration leaves nothing behind, and the next start completes it', async () => {
  await withDatabase(({ sql, transaction }) => {
    // The second step has many statements: it is cut off in the middle.
    migrate(sql, transaction, 1)
    const before = schema(sql)
    const breaking: Sql = (statement, ...params) => {
      // The last statement of a step: all the others have been made by then.
      if (statement.startsWith('INSERT INTO schema_version')) throw new Error('power cut')
      return sql(statement, ...params)
    }
    expect(() => migrate(breaking, transaction)).toThrow('power cut')
    expect(schema(sql)).toEqual(before)
    migrate(sql, transaction)
    expect(sql('SELECT max(version) AS version FROM schema_version')).toEqual([{ version: NEWEST_VERSION }])
  })
})

test('learnings from before the index of their problems are in it', async () => {
  await withDatabase(({ sql, transaction }) => {
    migrate(sql, transaction, 10)
    const texts = { problem: 'quota exceeded', failed_approach: '', solution: 'wait', context: '', tags: [] }
    const origin = { via: 'tool' as const, client: 'c', run_id: null }
    addLearning(sql, { kind: 'error', ...texts }, origin, 1)
    migrate(sql, transaction)
    const failure = { fingerprint: null, message: 'quota exceeded', objective: '' }
    expect(fittingLearnings(sql, failure, 3, 1)).toMatchObject([texts])
  })
})

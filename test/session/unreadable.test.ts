/** What is said of a stored value that cannot be read, and that a store without room loses nothing that was acknowledged. */
import { abortAllDurableObjects } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { answer, ask, call, frames, send, sendTo, openSession } from './support/mcp.ts'
import { inStorage, sessionOf } from './support/odd-values.ts'
import { bearer } from './support/oauth.ts'
import { idOfUser, userToken } from './support/users.ts'
import { dataOf } from '../support/tool-result.ts'

/** A user, and what its session's database holds. */
async function userWithRuns(...programs: string[]) {
  const name = crypto.randomUUID()
  const token = await userToken(name)
  const id = await idOfUser(name)
  const ids: string[] = []
  const run = async (code: string, description = 'the job') =>
    dataOf((await answer(await ask(token, call(1, 'run_python', { code, description })))).result)!
  await (await sendTo('/runs', 'GET', undefined, bearer(token))).text()
  for (const code of programs) ids.push((await run(code)).run_id)
  const sql = (statement: string, ...params: string[]) =>
    inStorage(sessionOf(id), (storage) => storage.sql.exec(statement, ...params).toArray())
  const get = async (path: string) => (await sendTo(path, 'GET', undefined, bearer(token))).json()
  const text = async (name: string, args: object) => {
    const { result } = await answer(await ask(token, call(1, name, args)))
    return (result as unknown as { content: { text: string }[] }).content[0]!.text
  }
  return { token, ids, run, sql, get, text }
}

test('a run that another version has accepted is lost at the next start, which every way to it says', async () => {
  const { sql, get, text, run, ids } = await userWithRuns('print(1)')
  const id = 'r_00000000000000aa'
  await sql(
    `INSERT INTO runs (id, status, objective, timeout_s, created_at, installed_packages) VALUES (?, 'postponed', 'x', 50, 1, '{')`,
    id,
  )
  await abortAllDurableObjects()
  const details = 'It has ended; its details cannot be read any more. Next: run the program again.'
  expect(await get('/runs')).toMatchObject({
    runs: [
      { run_id: ids[0], status: 'success', error: null },
      { run_id: id, status: 'lost', ended_at: expect.any(String), error: { type: 'Unreadable', message: details } },
    ],
    next: null,
  })
  expect(await get(`/runs/${id}`)).toMatchObject({ run_id: id, status: 'lost', outcome: null })
  expect(await text('runs', { action: 'wait', run_id: id })).toBe(
    `${id} ended (lost); its details cannot be read any more.`,
  )
  expect((await run('print(42)')).stdout).toBe('42\n')
})

test('a run whose installed packages cannot be read is taken up again like any other', async () => {
  const { sql, get } = await userWithRuns()
  const id = 'r_00000000000000ab'
  await sql(
    `INSERT INTO runs (id, status, objective, timeout_s, created_at, installed_packages) VALUES (?, 'running', 'x', 50, 1, '{')`,
    id,
  )
  await abortAllDurableObjects()
  expect(await get(`/runs/${id}`)).toMatchObject({
    status: 'lost',
    outcome: { status: 'lost', hints: [expect.any(String)] },
  })
})

test('runs without an id that can be read are left out, and counted', async () => {
  const { sql, get, text, ids } = await userWithRuns('print(1)', 'print(2)', 'print(3)')
  await sql(`UPDATE runs SET id = x'00ff' WHERE id = ?`, ids[0]!)
  await sql(`UPDATE runs SET id = NULL WHERE id = ?`, ids[1]!)
  await abortAllDurableObjects()
  expect(await get('/runs')).toMatchObject({ runs: [{ run_id: ids[2] }], unreadable: 2, next: null })
  expect(await text('runs', {})).toMatch(/^2 runs are left out: their records cannot be read\.\nr_\w+ · success/)
})

test('an ended run keeps its status when what it came to cannot be read', async () => {
  const { sql, get, token, ids } = await userWithRuns('print("one")\nprint("two")')
  await sql(`UPDATE runs SET outcome = '{"status":"success"}' WHERE id = ?`, ids[0]!)
  expect(await get(`/runs/${ids[0]}`)).toMatchObject({ status: 'success', outcome: null })
  const { run_id } = (
    await (await sendTo('/runs?limit=1', 'GET', undefined, bearer(token))).json<{ runs: { run_id: string }[] }>()
  ).runs[0]!
  expect(run_id).toBe(ids[0])
})

test('a log that cannot be read is told as missed, and the outcome comes all the same', async () => {
  const { sql, token, ids } = await userWithRuns('print("one")')
  // A runner that has forgotten it: the object asks for the run under its own name.
  await sql(`UPDATE run_logs SET lines = '{' WHERE run_id = ?`, ids[0]!)
  const events = await (await sendTo(`/runs/${ids[0]}/events`, 'GET', undefined, bearer(token))).text()
  expect(events).toMatch(/event: outcome\nid: [\d.]+\ndata: .*"stdout":"one\\n"/)
})

test('a session of 2025 that cannot be read is not found, so that its client opens another one', async () => {
  const { sql, token } = await userWithRuns()
  for (const initialize of ['{', '[]', '{"jsonrpc":"2.0","id":1,"method":"tools/list"}']) {
    const session = { ...(await openSession(token)), ...bearer(token) }
    await sql('UPDATE transport_sessions SET initialize = ?', initialize)
    await abortAllDurableObjects()
    const list = { jsonrpc: '2.0', id: 2, method: 'tools/list' }
    const response = await send('POST', list, session)
    expect([response.status, await response.json()]).toEqual([
      404,
      { jsonrpc: '2.0', id: null, error: { code: -32001, message: 'Session not found' } },
    ])
    const again = { ...(await openSession(token)), ...bearer(token) }
    expect((await answer(await send('POST', list, again))).result).toBeDefined()
  }
})

test('a message of an answer that cannot be read is told as missing', async () => {
  const { sql, token } = await userWithRuns()
  const session = { ...(await openSession(token)), ...bearer(token) }
  const list = { jsonrpc: '2.0', id: 2, method: 'tools/list' }
  const seen = await Array.fromAsync(frames(await send('POST', list, session)))
  await sql(`UPDATE transport_events SET message = '{"a":' || char(10) || '1' WHERE seq = ?`, seen.at(-1)!.id!)
  const before = String(Number(seen.at(-1)!.id) - 1)
  const again = await Array.fromAsync(frames(await send('GET', undefined, { ...session, 'last-event-id': before })))
  expect(again).toMatchObject([
    {
      message: {
        method: 'notifications/message',
        params: { level: 'error', data: expect.stringMatching(/cannot be read.*Next:/) },
      },
    },
  ])
})

test('counts of learnings that cannot be are counted anew', async () => {
  const { sql, token, get } = await userWithRuns()
  const add = (error_pattern: string) =>
    ask(token, call(1, 'add_learning', { error_pattern, solution: 'otherwise', context: '' })).then((added) =>
      added.text(),
    )
  await add('one')
  await add('two')
  for (const n of ['x', '-3', '99999999']) {
    await sql('UPDATE learning_counts SET n = ?', n)
    expect(await get('/learnings')).toMatchObject({ total: 2 })
  }
  await add('three')
  expect(await get('/learnings?kind=error')).toMatchObject({ total: 3 })
})

/** The largest number that a row can have: the next insertion is refused with SQLITE_FULL, by SQLite itself. */
const LAST = `UPDATE learnings SET seq = 9223372036854775807 WHERE seq = (SELECT max(seq) FROM learnings)`

test('a learning for which there is no room is refused in words, and what is there stays', async () => {
  const { sql, token, text, get } = await userWithRuns()
  await text('add_learning', { error_pattern: 'zebra', solution: 'otherwise', context: '' })
  await sql(LAST)
  const refused = await text('add_learning', { error_pattern: 'lion', solution: 'otherwise', context: '' })
  expect(refused).toMatch(/^The storage of this server is full: nothing can be saved.*Next: make room/)
  const file = [{ kind: 'error', problem: 'tiger', solution: 'otherwise' }]
  const imported = await sendTo('/learnings/import', 'POST', file, bearer(token))
  expect([imported.status, await imported.json()]).toEqual([507, { error: refused }])
  expect(await get('/learnings')).toMatchObject({ total: 1, learnings: [{ problem: 'zebra' }] })
})

test('what a run has come to is told and kept when nothing can be learned from it', async () => {
  const { sql, run, get, text } = await userWithRuns('raise KeyError("price")')
  await text('add_learning', { error_pattern: 'zebra', solution: 'otherwise', context: '' })
  await sql(LAST)
  // Its draft has no room.
  const outcome = await run('print(42)')
  expect(outcome).toMatchObject({ status: 'success', stdout: '42\n' })
  expect(await get(`/runs/${outcome.run_id}`)).toMatchObject({ status: 'success', outcome: { stdout: '42\n' } })
})

test('what a run has come to is told when it cannot be stored, and stored when it can be', async () => {
  const { sql, run, get } = await userWithRuns()
  const refuse = `CREATE TRIGGER no_room BEFORE UPDATE OF outcome ON runs BEGIN SELECT raise(ABORT, 'database or disk is full: SQLITE_FULL'); END`
  await sql(refuse)
  const outcome = await run('print(42)')
  expect(outcome).toMatchObject({ status: 'success', stdout: '42\n' })
  expect(outcome.hints.at(-1)).toMatch(/^This result is not saved: the storage of the server is full\. Next:/)
  expect(await get(`/runs/${outcome.run_id}`)).toMatchObject({ status: 'success', outcome: { stdout: '42\n' } })
  await sql('DROP TRIGGER no_room')
  await get(`/runs/${outcome.run_id}`)
  await abortAllDurableObjects()
  expect(await get(`/runs/${outcome.run_id}`)).toMatchObject({ status: 'success', outcome: { stdout: '42\n' } })
})

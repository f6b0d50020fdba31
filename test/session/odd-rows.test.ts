/**
 * A row that nobody can read takes nothing else with it: after a rollback, or damage, everything that reads still answers, the other rows
 * are there, and a new program runs. Tables and columns are those of the schema itself.
 */
import { abortAllDurableObjects } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { NEWEST_VERSION } from '../../worker/session/store/migrations.ts'
import { answer, ask, call, frames, openSession, send, sendTo } from './support/mcp.ts'
import { contentsOf, copyThing, inStorage, oddValuesAt, putBack, putOdd, sessionOf } from './support/odd-values.ts'
import { idOfUser, userToken } from './support/users.ts'
import { dataOf } from '../support/tool-result.ts'

const UNFINISHED = { running: 'r_fffffffffffffff1', installing: 'r_fffffffffffffff2', queued: 'r_fffffffffffffff3' }

/** A user who has something in every table. */
async function userWithHistory() {
  const name = crypto.randomUUID()
  const id = await idOfUser(name)
  const token = await userToken(name)
  const own = { authorization: `Bearer ${token}` }
  const get = (path: string, headers = {}) => sendTo(path, 'GET', undefined, { ...own, ...headers })
  const run = async (args: object) => {
    const { result, error } = await answer(await ask(token, call(1, 'run_python', args)))
    return dataOf(result) ?? error
  }
  const ids: string[] = []
  for (const code of [
    'print("one")',
    'raise KeyError("sum")',
    'print("two")',
    'open("p.png", "w").write("x")\nraise ValueError("left")',
  ]) {
    const description = code.includes('left') ? 'never solved' : 'sum it up'
    ids.push(((await run({ code, description })) as { run_id: string }).run_id)
  }
  for (const problem of ['the first zebra', 'the second zebra']) {
    const added = await ask(
      token,
      call(1, 'add_learning', { error_pattern: problem, solution: 'do otherwise', context: '' }),
    )
    await added.text()
  }
  const failure = { objective: 'left open', failed_approach: 'guess', successful_approach: 'measure' }
  await (await ask(token, call(1, 'record_semantic_failure', failure))).text()
  await (await ask(token, call(1, 'run_python', { code: 'print(1)', description: 'left open' }))).text()
  await (await sendTo('/config', 'POST', { default_timeout: 40, max_retries: 2 }, own)).text()
  await (await sendTo('/files/a.txt', 'PUT', 'text', own)).text()
  await (await get('/files')).text()
  const transport: Record<string, string> = { ...(await openSession(token)), ...own }
  const subscribe = { jsonrpc: '2.0', id: 5, method: 'resources/subscribe', params: { uri: 'codemode://runs' } }
  const [seen] = await Array.fromAsync(frames(await send('POST', subscribe, transport)))
  await inStorage(sessionOf(id), ({ sql }) => {
    const insert = (id: string, status: string, installed: string | null) =>
      sql.exec(
        `INSERT INTO runs (id, status, objective, timeout_s, created_at, installed_packages) VALUES (?, ?, 'x', 50, ?, ?)`,
        ...[id, status, Date.now(), installed],
      )
    insert(UNFINISHED.running, 'running', '[]')
    insert(UNFINISHED.installing, 'running', null)
    insert(UNFINISHED.queued, 'queued', null)
    sql.exec(`INSERT INTO transport_streams (id, session_id) VALUES ('open', ?)`, transport['mcp-session-id'])
    sql.exec(`INSERT INTO transport_events (stream_id, message) VALUES ('open', '{}')`)
    sql.exec(`INSERT INTO transport_requests VALUES ('open', '7', ?), ('open', '"8"', NULL)`, UNFINISHED.running)
  })
  return { id, token, own, get, run, transport, seen: seen?.id ?? '', runs: ids }
}

type User = Awaited<ReturnType<typeof userWithHistory>>

/** The rows that belong together, which are copied for each odd value, so that one start meets all of them. */
function thingsOf({ runs, transport }: User, learning: string) {
  const unfinished = Object.values(UNFINISHED)
  const run = (name: string, nth: string) => ({ [name]: `r_000000000000${nth}` })
  return [
    (nth: string) => run(runs.at(-1)!, nth),
    (nth: string) => run(unfinished[Number.parseInt(nth, 16) % unfinished.length]!, nth),
    (nth: string) => ({ [learning]: `l_000000000000${nth}` }),
    (nth: string) => ({ [transport['mcp-session-id']!]: `session-${nth}`, open: `stream-${nth}` }),
  ]
}

interface Odd {
  runs: string[]
  learnings: string[]
  sessions: string[]
}

/** Asks for everything that reads; what was not as it should be, each in a line. */
async function problemsOf(user: User, odd: Odd | null): Promise<string[]> {
  const problems: string[] = []
  const over = async (what: string, asked: Promise<Response>, allowed = [200]) => {
    const response = await asked
    const text = await response.text().catch((error: unknown) => {
      problems.push(`${what}: broken off (${String(error)})`)
      return ''
    })
    if (!allowed.includes(response.status)) problems.push(`${what}: ${response.status} ${text.slice(0, 200)}`)
    return text
  }
  const json = async <T>(what: string, allowed?: number[]): Promise<Partial<T>> => {
    const text = await over(what, user.get(what), allowed)
    return text.startsWith('{') ? (JSON.parse(text) as T) : {}
  }
  await json('/config')
  await json('/files')
  const { runs = [] } = await json<{ runs: { run_id: string; status: string }[] }>('/runs?limit=250')
  const missing = user.runs.filter((id) => !runs.some(({ run_id }) => run_id === id))
  if (missing.length > 0) problems.push(`/runs: without ${missing.join()}`)
  const open = runs.filter(({ status }) => status === 'running' || status === 'queued')
  if (open.length > 0) problems.push(`/runs: ${JSON.stringify(open)} goes on`)
  for (const path of ['/learnings', '/learnings?search=zebra']) {
    const { learnings = [], total } = await json<{ learnings: unknown[]; total: number }>(path)
    if (learnings.length < 2) problems.push(`${path}: only ${learnings.length}`)
    if (!Number.isSafeInteger(total) || Number(total) < learnings.length) problems.push(`${path}: total ${total}`)
  }
  const ran = await user.run({ code: 'print(6 * 7)', description: 'sum it up' })
  if ((ran as { stdout?: string }).stdout !== '42\n')
    problems.push(`a new program: ${JSON.stringify(ran).slice(0, 300)}`)
  if (odd === null) return problems

  const { runs: found = [] } = await json<{ runs: { run_id: string }[] }>('/runs?search=sum&limit=250')
  if (found.length < 3) problems.push(`/runs?search: ${JSON.stringify(found)}`)
  for (const { run_id } of runs) await json(`/runs/${run_id}`)
  for (const id of [...user.runs, ...Object.values(UNFINISHED), ...odd.runs]) {
    const events = await over(`/runs/${id}/events`, user.get(`/runs/${id}/events`), [200, 404])
    const last = [...events.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!)).at(-1)
    if (user.runs.includes(id) && last?.type !== 'outcome') problems.push(`/runs/${id}/events: ${JSON.stringify(last)}`)
    await json(`/runs?before=${id}`, [200, 400])
  }
  for (const format of ['json', 'original']) {
    const path = `/learnings/export?format=${format}`
    const text = await over(path, user.get(path))
    try {
      JSON.parse(text)
    } catch {
      problems.push(`${path}: ${text.slice(-100)}`)
    }
  }
  for (const id of odd.learnings) await json(`/learnings/${id}`, [200, 404])

  const message = async (what: string, request: object) => {
    const { result, error } = await answer(await ask(user.token, { jsonrpc: '2.0', id: 1, ...request }))
    const told = JSON.stringify(error ?? result)
    if (error?.code === -32603 || told.includes('Internal error')) problems.push(`${what}: ${told.slice(0, 300)}`)
  }
  const tool = (name: string, args: object) => message(`${name} ${JSON.stringify(args)}`, call(1, name, args) as object)
  await message('resources/list', { method: 'resources/list', params: {} })
  for (const uri of ['runs', 'learnings', 'context', 'config']) {
    await message(uri, { method: 'resources/read', params: { uri: `codemode://${uri}` } })
  }
  for (const id of [UNFINISHED.running, ...odd.runs]) {
    await message('explain_run', { method: 'prompts/get', params: { name: 'explain_run', arguments: { run_id: id } } })
    await tool('runs', { action: 'wait', run_id: id, wait_s: 1 })
    await tool('runs', { action: 'output', run_id: id })
  }
  await tool('runs', { limit: 200 })
  await tool('get_learnings', { search: 'zebra' })
  await tool('get_system_context', {})
  await tool('configure', {})

  const list = { jsonrpc: '2.0', id: 9, method: 'tools/list' }
  for (const session of [user.transport['mcp-session-id']!, ...odd.sessions]) {
    const headers = { ...user.transport, 'mcp-session-id': session }
    await over(`2025 session ${session}`, send('POST', list, headers), [200, 404])
    for (const id of ['1', '2', user.seen]) {
      const text = await over('resumption', user.get('/mcp', { ...headers, 'last-event-id': id }), [200, 400, 404])
      for (const [, data] of text.matchAll(/^data: (.*)$/gm)) JSON.parse(data!)
    }
  }
  await over('a new 2025 session', send('POST', list, { ...(await openSession(user.token)), ...user.own }))
  return problems
}

test('whatever a column holds, everything else is served', async () => {
  const user = await userWithHistory()
  const session = () => sessionOf(user.id)
  const before = await inStorage(session(), contentsOf)
  const rowsOf = (table: string) => before.get(table)!.rows
  expect(rowsOf('schema_version')).toHaveLength(NEWEST_VERSION)
  expect([...before.keys()].filter((table) => rowsOf(table).length === 0)).toEqual([])
  // One that a run was shown.
  const things = thingsOf(user, rowsOf('learnings_shown')[0]!['learning_id'] as string)

  const problems: Record<string, string[]> = {}
  const restarted = async (what: string, odd: Odd | null) => {
    await abortAllDurableObjects()
    const found = await problemsOf(user, odd).catch((error: unknown) => [String(error)])
    if (found.length > 0) problems[what] = found
    await inStorage(session(), (storage) => putBack(storage, before))
  }
  let at = 0
  for (const [table, { columns, rows }] of before) {
    for (const column of columns) {
      const values = oddValuesAt(at++)
      const odd: Odd = { runs: [], learnings: [], sessions: [] }
      let isCopied = false
      await inStorage(session(), (storage) => {
        let nth = 0
        for (const named of things) {
          for (const value of Object.values(values)) {
            const names = named((0x1000 + nth++).toString(16))
            const copies = copyThing(storage, before, names)
            const copy = copies.get(table)?.at(-1)
            if (copy === undefined) break
            isCopied = true
            putOdd(storage, { table, column }, copy, value)
            // What is only learned from is not asked for.
            if (table === 'failed_runs' || table === 'learnings_shown') continue
            const [name = ''] = Object.values(names)
            const list = name.startsWith('r_') ? odd.runs : name.startsWith('l_') ? odd.learnings : odd.sessions
            list.push(name)
          }
        }
      })
      if (isCopied) await restarted(`${table}.${column}`, odd)
      else {
        for (const [name, value] of Object.entries(values)) {
          const isPut = await inStorage(session(), (storage) => {
            putBack(storage, before)
            return putOdd(storage, { table, column }, rows.at(-1)!, value)
          })
          if (isPut) await restarted(`${table}.${column}: ${name}`, null)
        }
      }
    }
  }
  expect(problems).toEqual({})
}, 900_000)

/** The Tasks extension with real programs: a task is a run, whoever asks, for as long as was promised. */
import { abortAllDurableObjects, env, runInDurableObject } from 'cloudflare:test'
import { CreateTaskResultV2Schema } from '@modelcontextprotocol/ext-tasks/core/v2'
import { expect, test } from 'vitest'
import { userIdOf } from '../../worker/auth/caller.ts'
import type { Env } from '../../worker/env.ts'
import { endRun, insertRun, promiseTask } from '../../worker/session/store/runs.ts'
import { sqlOf } from '../../worker/session/store/sql.ts'
import { OutcomeFold } from '../../worker/run/execution/outcome-fold.ts'
import { MAX_TASKS, TASK_TTL_MS } from '../../worker/run/contract/bounds.ts'
import { answer, call, frames, headersOf, modern, openSession, send, sendTo } from './support/mcp.ts'
import { initialize } from '../support/mcp-by-hand.ts'
import {
  about,
  ask,
  DECLARED,
  endedTask,
  getTask,
  printed,
  receipt,
  startTask,
  waitingTask,
  withoutSignatures,
} from './support/tasks.ts'
import { DATA, dataOf } from '../support/tool-result.ts'

const LINES = 'line 1\nline 2\nline 3\nline 4\nline 5\n'
const background = (code: string, more: object = {}) => call(1, 'run_python', { code, background: true, ...more })

test('background: true makes a task for a client that declares tasks, and for no other', async () => {
  const request = background('print(1)')
  const declared = await ask(request)
  expect(CreateTaskResultV2Schema.parse(declared.result)).toMatchObject({ status: 'working', ttlMs: TASK_TTL_MS })
  expect(declared.result.taskId).toMatch(/^r_[0-9a-f]{16}$/)
  for (const absent of ['content', 'structuredContent', 'isError', 'task']) {
    expect(declared.result).not.toHaveProperty(absent)
  }
  for (const capabilities of [{}, { extensions: {} }, { extensions: { 'io.modelcontextprotocol/other': {} } }]) {
    const { result } = await ask(request, capabilities)
    expect(result).toMatchObject({ resultType: 'complete', _meta: { [DATA]: { run_id: expect.any(String) } } })
    expect(JSON.stringify(result)).not.toContain('task')
  }
})

test('a call that does not go to the background is answered with its result, and so is one that is refused', async () => {
  const { result } = await ask(call(1, 'run_python', { code: 'print(2)' }))
  expect(result).toMatchObject({ resultType: 'complete', _meta: { [DATA]: { status: 'success', stdout: '2\n' } } })
  const refused = await ask(background(''))
  expect(refused.result).toMatchObject({ resultType: 'complete', isError: true })
})

test('the extension is announced, and listed tools say nothing of it: the server decides', async () => {
  const request = (method: string) => ({ jsonrpc: '2.0', id: 1, method, params: {} })
  const { capabilities } = (await ask(request('server/discover'), {})).result
  expect(capabilities.extensions).toEqual(DECLARED.extensions)
  expect(capabilities).not.toHaveProperty('tasks')
  const { tools } = (await ask(request('tools/list'))).result
  expect(JSON.stringify(tools)).not.toContain('taskSupport')
})

test('a task is the run of the same id for the resource, the tool and HTTP, and ends with its result', async () => {
  const { id, go } = await waitingTask()
  await go(1)
  await printed(id, 'line 2')
  const working = await getTask(id)
  expect(working).toMatchObject({ taskId: id, status: 'working', pollIntervalMs: expect.any(Number) })
  expect(working.statusMessage).toMatch(/^It is running and has printed \d+ bytes/)
  expect(await (await sendTo(`/runs/${id}`, 'GET')).json()).toMatchObject({ run_id: id, status: 'running' })
  await go(5)

  const ended = await endedTask(id)
  const waited = (await ask(call(3, 'runs', { action: 'wait', run_id: id }))).result
  if (ended.status !== 'completed') throw new Error(`it is ${ended.status}`)
  expect(ended.result).toMatchObject({ resultType: 'complete', _meta: { [DATA]: { run_id: id, stdout: LINES } } })
  expect(withoutSignatures(ended.result['content'])).toEqual(withoutSignatures(waited.content))
  expect(ended).not.toHaveProperty('pollIntervalMs')
  expect(Date.parse(ended.lastUpdatedAt)).toBeGreaterThan(Date.parse(ended.createdAt))
  expect(await receipt(id)).toMatchObject({ status: 'success', ended_at: ended.lastUpdatedAt })
})

test.each([
  ['fails', 'print("so far")\n1/0', {}, 'error', 'The program failed (ZeroDivisionError).'],
  [
    'runs too long',
    'import time\nprint("so far", flush=True)\ntime.sleep(60)',
    // Time for Python to start and to print.
    { timeout: 8 },
    'timeout',
    'The program was stopped at its time-out.',
  ],
])(
  'a program that %s has completed, with the result that its call would have had',
  async (_, code, more, status, words) => {
    const ended = await endedTask(await startTask({ code, ...more }))
    expect(ended).toMatchObject({
      status: 'completed',
      statusMessage: words,
      result: { isError: true, _meta: { [DATA]: { status, stdout: 'so far\n' } } },
    })
    expect(ended).not.toHaveProperty('error')
  },
)

test('tasks/cancel ends the run, acknowledges without a word, and again when there is nothing left to end', async () => {
  const { id, go } = await waitingTask()
  await go(1)
  for (let time = 0; time < 2; time++) {
    const { result } = await ask(about('tasks/cancel', id))
    expect(Object.keys(result).toSorted()).toEqual(['_meta', 'resultType'])
    expect(result.resultType).toBe('complete')
  }
  const ended = await getTask(id)
  expect(ended.status).toBe('cancelled')
  expect(ended.statusMessage).toContain(`codemode://runs/${id}`)
  expect(await (await sendTo(`/runs/${id}`, 'GET')).json()).toMatchObject({ status: 'cancelled' })
})

test('a run that the tool runs cancels is a cancelled task', async () => {
  const { id } = await waitingTask()
  await ask(call(2, 'runs', { action: 'cancel', run_id: id }))
  expect((await getTask(id)).status).toBe('cancelled')
})

test('tasks/update is acknowledged and changes nothing, as a program asks for nothing', async () => {
  const { id } = await waitingTask()
  const { result } = await ask(about('tasks/update', id, { inputResponses: { never_asked: { action: 'accept' } } }))
  expect(result.resultType).toBe('complete')
  expect((await getTask(id)).status).toBe('working')
  await ask(about('tasks/cancel', id))
})

test('a task goes on through an eviction of the session object, and its result is there after another', async () => {
  const { id, go } = await waitingTask()
  await printed(id, 'line 1')
  await abortAllDurableObjects()
  expect((await getTask(id)).status).toBe('working')
  await go(5)
  const ended = await endedTask(id)
  expect(ended).toMatchObject({ status: 'completed', result: { _meta: { [DATA]: { stdout: LINES } } } })
  await abortAllDurableObjects()
  expect(withoutSignatures(await getTask(id))).toEqual(withoutSignatures(ended))
})

test('a task can be cancelled after an eviction', async () => {
  const { id } = await waitingTask()
  await printed(id, 'line 1')
  await abortAllDurableObjects()
  await ask(about('tasks/cancel', id))
  expect((await endedTask(id)).status).toBe('cancelled')
})

test('a task that waited in the queue of an evicted object has failed, with the reason', async () => {
  const running = [await waitingTask(), await waitingTask()]
  const queued = await startTask({ code: 'print(1)' })
  expect((await getTask(queued)).statusMessage).toContain('waits for a place')
  await abortAllDurableObjects()
  expect(await endedTask(queued)).toMatchObject({
    status: 'failed',
    error: {
      code: -32603,
      message: expect.stringMatching(/waiting in the queue.*Next:/),
      data: { uri: `codemode://runs/${queued}` },
    },
  })
  for (const { id } of running) await ask(about('tasks/cancel', id))
})

test('a program that the runner refuses has failed, with its reason', async () => {
  const ended = await endedTask(await startTask({ code: 'print(1)', files: { '../outside': 'x' } }))
  expect(ended).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('was not run') } })
  expect(ended).not.toHaveProperty('result')
})

test('ids of no task are refused in the same words, also those of runs that were handed out otherwise', async () => {
  const inline = dataOf((await ask(call(1, 'run_python', { code: 'print(1)' }))).result).run_id
  const handle = dataOf((await ask(background('print(1)'), {})).result).run_id
  const errors = new Set<string>()
  for (const id of [inline, handle, 'r_0000000000000000', '', '../../etc', 'x'.repeat(5_000)]) {
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      const { error } = await ask(about(method, id))
      expect(error?.code, `${method} ${id.slice(0, 20)}`).toBe(-32602)
      errors.add(error!.message)
    }
  }
  expect([...errors]).toEqual([expect.stringContaining('Next:')])
  // Nothing was ended by asking.
  expect(await (await sendTo(`/runs/${handle}`, 'GET')).json()).not.toMatchObject({ status: 'cancelled' })
})

test.each(['tasks/get', 'tasks/update', 'tasks/cancel'])(
  '%s without Mcp-Name is served, with a wrong one it is not',
  async (method) => {
    const id = await startTask({ code: 'print(1)' })
    await endedTask(id)
    const request = about(method, id, method === 'tasks/update' ? { inputResponses: {} } : {})
    const { 'mcp-name': _, ...nameless } = headersOf(request)
    const post = (headers: Record<string, string>, message = request) =>
      send('POST', modern(message, DECLARED), headers)
    expect(await answer(await post(nameless))).toMatchObject({ id: 7, result: { resultType: 'complete' } })
    for (const name of ['r_0000000000000000', id.toUpperCase(), `${id}x`, '']) {
      const refused = await post({ ...nameless, 'mcp-name': name })
      expect([refused.status, await refused.json()]).toMatchObject([400, { error: { code: -32020 } }])
    }
    const other = await post({ ...nameless, 'mcp-method': 'tools/list' })
    expect([other.status, await other.json()]).toMatchObject([400, { error: { code: -32020 } }])
    const unknown = await post(nameless, about(method, 'r_0000000000000000', { inputResponses: {} }))
    expect(await answer(unknown)).toMatchObject({ error: { code: -32602 } })
  },
)

test('no other request goes without Mcp-Name', async () => {
  for (const request of [
    call(1, 'run_python', { code: '1' }),
    { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: 'codemode://runs' } },
  ]) {
    const { 'mcp-name': _, ...nameless } = headersOf(request)
    for (const method of [nameless['mcp-method']!, 'tasks/get']) {
      const refused = await send('POST', modern(request), { ...nameless, 'mcp-method': method })
      expect([refused.status, await refused.json()]).toMatchObject([400, { error: { code: -32020 } }])
    }
  }
})

test.each(['tasks/get', 'tasks/update', 'tasks/cancel'])('%s needs the declaration in each request', async (method) => {
  const { id } = await waitingTask()
  for (const taskId of [id, 'r_0000000000000000']) {
    const { http, error } = await ask(about(method, taskId), {})
    expect([http, error?.code]).toEqual([400, -32021])
    expect(error?.data).toEqual({ requiredCapabilities: DECLARED })
  }
  expect((await getTask(id)).status).toBe('working')
  await ask(about('tasks/cancel', id))
})

test('for a 2025 client there are no tasks, whatever it declares', async () => {
  const opened = await send('POST', initialize('2025-11-25', DECLARED))
  const { value: initialized } = await frames(opened).next()
  expect(JSON.stringify(initialized)).not.toContain('tasks')
  const session = await openSession()
  const asked = async (request: unknown) => answer(await send('POST', request, session))
  const { result } = await asked(background('print(1)'))
  expect(dataOf(result)).toMatchObject({ status: 'running', run_id: expect.stringMatching(/^r_/) })
  const id = await startTask({ code: 'print(1)' })
  for (const method of ['tasks/get', 'tasks/cancel', 'tasks/result', 'tasks/update']) {
    expect((await asked(about(method, id))).error?.code, method).toBe(-32601)
  }
})

test('when as many tasks are promised as may be, a call gets a handle that says so', async () => {
  const { SESSION } = env as Env
  const stub = SESSION.getByName(await userIdOf('dev', 'local'))
  await runInDurableObject(stub, (_session, ctx) => {
    const sql = sqlOf(ctx.storage.sql)
    const now = Date.now()
    sql('UPDATE runs SET task_until = NULL')
    for (let n = 0; n < MAX_TASKS - 1; n++) {
      insertRun(sql, { id: `r_full_${n}`, status: 'running', objective: '', timeout_s: 1, created_at: now })
      expect(promiseTask(sql, `r_full_${n}`, now)).toBe(true)
      endRun(sql, `r_full_${n}`, new OutcomeFold().outcome(`r_full_${n}`, 'local'), now)
    }
  })
  const last = await startTask({ code: 'print(1)' })
  const { result } = await ask(background('print(2)'))
  expect(result).toMatchObject({ resultType: 'complete', _meta: { [DATA]: { run_id: expect.any(String) } } })
  expect(result.content[0].text).toContain(`${MAX_TASKS} of the last 24 hours`)
  expect((await endedTask(last)).status).toBe('completed')
})

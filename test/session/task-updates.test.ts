/** Who listens for tasks is told how they stand, beside all else that it listens for. */
import { abortAllDurableObjects, env, runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { userIdOf } from '../../worker/auth/caller.ts'
import type { Env } from '../../worker/env.ts'
import { insertRun, promiseTask } from '../../worker/session/store/runs.ts'
import { sqlOf } from '../../worker/session/store/sql.ts'
import { withTaskUpdates } from '../../worker/session/lanes/task-updates.ts'
import { call, type Frame, frames, headersOf, modern, send, workspace } from './support/mcp.ts'
import { next } from './support/next.ts'
import { about, ask, DECLARED, printed, startTask, waitingTask, withoutSignatures } from './support/tasks.ts'
import { DATA } from '../support/tool-result.ts'

/** Opens a listening stream; its frames. */
async function listen(notifications: object, capabilities: object = DECLARED): Promise<AsyncGenerator<Frame>> {
  const request = { jsonrpc: '2.0', id: 70, method: 'subscriptions/listen', params: { notifications } }
  return frames(await send('POST', modern(request, capabilities), headersOf(request)))
}

test('who listens is told how a task stands, and its end with the result', async () => {
  const { id, go } = await waitingTask()
  const unknown = 'r_0000000000000000'
  const stream = await listen({ taskIds: [id, unknown] })
  const subscription = { 'io.modelcontextprotocol/subscriptionId': 70 }
  expect((await next(stream)).message).toMatchObject({
    method: 'notifications/subscriptions/acknowledged',
    params: { notifications: { taskIds: [id] }, _meta: subscription },
  })
  expect((await next(stream)).message).toMatchObject({
    method: 'notifications/tasks',
    params: { taskId: id, status: 'working' },
  })
  await go(5)
  const { method, params } = (await next(stream)).message as { method: string; params: Record<string, unknown> }
  expect(method).toBe('notifications/tasks')
  const { resultType: _type, _meta: _serverInfo, ...task } = (await ask(about('tasks/get', id))).result
  expect(withoutSignatures(params)).toEqual(withoutSignatures({ ...task, _meta: subscription }))
  expect(params).toMatchObject({
    status: 'completed',
    result: { _meta: { [DATA]: { stdout: 'line 1\nline 2\nline 3\nline 4\nline 5\n' } } },
  })
  await stream.return(undefined)

  // Whoever comes too late is told all the same.
  const late = await listen({ taskIds: [id] })
  await late.next()
  expect((await late.next()).value?.message).toMatchObject({ params: { taskId: id, status: 'completed' } })
  await late.return(undefined)
})

test('who listens gets a result with links to the files, also of a run from before an eviction', async () => {
  const go = crypto.randomUUID()
  const waits = `import os, time\nprint('ready')\nwhile not os.path.exists('${go}'): time.sleep(0.02)\n`
  const id = await startTask({ code: `${waits}open('made.txt', 'w').write('x')`, timeout: 60 })
  await printed(id, 'ready')
  await abortAllDurableObjects()
  const stream = await listen({ taskIds: [id] })
  await stream.next() // acknowledged
  await stream.next() // it is working
  await (await workspace()).writeFile(go, '')
  const told = JSON.stringify((await stream.next()).value)
  expect(told).toContain('"download_url":"http://localhost/files/made.txt?')
  await stream.return(undefined)
})

test('updates of resources and lists are told beside tasks, to those who asked for them', async () => {
  const { id } = await waitingTask()
  const stream = await listen({
    taskIds: [id],
    resourcesListChanged: true,
    resourceSubscriptions: ['codemode://context', `codemode://runs/${id}`],
  })
  const ack = (await stream.next()).value?.message
  expect(ack?.params).toMatchObject({
    notifications: {
      taskIds: [id],
      resourcesListChanged: true,
      resourceSubscriptions: ['codemode://context', `codemode://runs/${id}`],
    },
  })
  await stream.next() // it is working
  await ask(about('tasks/cancel', id))
  const LIST = 'notifications/resources/list_changed'
  const told = async () => {
    const message = (await next(stream)).message as { method: string; params: Record<string, unknown> }
    return message.params['uri'] ?? message.params['status'] ?? message.method
  }
  const seen = []
  while (seen.length < 3) {
    const what = await told()
    // That a run has begun may be told up to a second later.
    if (what !== LIST) seen.push(what)
  }
  expect(seen).toEqual([`codemode://runs/${id}`, 'cancelled', 'codemode://context'])
  await ask(call(9, 'run_python', { code: 'print(1)' }))
  const rest: unknown[] = []
  while (!rest.includes(LIST)) rest.push(await told())
  await stream.return(undefined)
})

test('listening for tasks needs the declaration; listening for anything else does not', async () => {
  const request = { jsonrpc: '2.0', id: 70, method: 'subscriptions/listen', params: { notifications: { taskIds: [] } } }
  const response = await send('POST', modern(request), headersOf(request))
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({
    id: 70,
    error: { code: -32021, data: { requiredCapabilities: DECLARED } },
  })
  const stream = await listen({ resourcesListChanged: true }, {})
  expect((await stream.next()).value?.message.method).toBe('notifications/subscriptions/acknowledged')
  await stream.return(undefined)
})

/** The answer to listening for one task that has ended, where the SDK's stream is this one. */
async function listenedTo(body: ReadableStream<Uint8Array>): Promise<Response> {
  const task = {
    taskId: 'r_0000000000000001',
    createdAt: '',
    lastUpdatedAt: '',
    ttlMs: null,
    status: 'cancelled' as const,
  }
  const params = { notifications: { taskIds: [task.taskId] } }
  const request = { jsonrpc: '2.0', id: 70, method: 'subscriptions/listen', params }
  const message = modern(request, DECLARED)
  const sent = new Request('http://localhost/mcp', {
    method: 'POST',
    headers: headersOf(request),
    body: JSON.stringify(message),
  })
  return withTaskUpdates(sent, message, {
    tasks: { has: () => true, get: async () => task, update: () => {}, cancel: async () => {} },
    ready: async () => {},
    serve: async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } }),
  })
}

test('a status is told once, also when the end comes while somebody begins to listen', async () => {
  const uri = 'codemode://runs/r_0000000000000001'
  const messages = [
    {
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications: { resourceSubscriptions: [uri] } },
    },
    { method: 'notifications/resources/updated', params: { uri } },
  ]
  const sent = messages.map((message) => `event: message\ndata: ${JSON.stringify(message)}\n\n`).join('')
  // Torn anywhere.
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  const written = (async () => {
    for (const byte of new TextEncoder().encode(sent)) await writer.write(new Uint8Array([byte]))
    await writer.close()
  })()
  const seen = []
  for await (const { message } of frames(await listenedTo(readable))) seen.push(message.method)
  await written
  expect(seen).toEqual(['notifications/subscriptions/acknowledged', 'notifications/tasks'])
})

test('who stops listening ends the stream of the SDK', async () => {
  let left = false
  const response = await listenedTo(new ReadableStream({ cancel: () => void (left = true) }))
  await response.body?.cancel()
  await expect.poll(() => left).toBe(true)
})

test('one stream tells of a hundred tasks at most, and acknowledges which', async () => {
  const { SESSION } = env as Env
  const stub = SESSION.getByName(await userIdOf('dev', 'local'))
  await runInDurableObject(stub, (_session, ctx) => {
    const sql = sqlOf(ctx.storage.sql)
    for (let n = 0; n < 101; n++) {
      insertRun(sql, { id: `r_${n}`, status: 'running', objective: '', timeout_s: 1, created_at: Date.now() })
      promiseTask(sql, `r_${n}`, Date.now())
    }
  })
  const stream = await listen({ taskIds: Array.from({ length: 101 }, (_, n) => `r_${n}`) })
  expect((await stream.next()).value?.message.params).toMatchObject({ notifications: { taskIds: { length: 100 } } })
  await stream.return(undefined)
})

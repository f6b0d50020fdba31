/** The session object dies in the middle of things: what it had promised is kept. */
import { abortAllDurableObjects, env, runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { userIdOf } from '../../worker/auth/caller.ts'
import type { Env } from '../../worker/env.ts'
import { allFrames, runFrames, startRun } from './support/events.ts'
import { call, type Frame, frames, openSession, send, sendTo, workspace } from './support/mcp.ts'
// The program's text, as the bundler reads it: there are no files inside workerd.
import waits from '../fixtures/programs/wait_for_each_line.py?raw'
import { DATA, dataOf } from '../support/tool-result.ts'

async function until(stream: AsyncGenerator<Frame>, found: (frame: Frame) => boolean): Promise<Frame> {
  for await (const frame of stream) if (found(frame)) return frame
  throw new Error('the stream ended before that')
}

test('a run goes on through an eviction, and its result can be fetched whole', async () => {
  const session = await openSession()
  const stem = crypto.randomUUID()
  const code = call(1, 'run_python', { code: waits, stdin: stem, timeout: 60 })
  const live = frames(await send('POST', code, session))
  // A line may come in several pieces, as Python writes it.
  let text = ''
  const seen = await until(live, ({ message }) => (text += message.params?.message ?? '').includes('line 1\n'))

  await abortAllDurableObjects()
  await live.return(undefined)

  const files = await workspace()
  for (let line = 1; line <= 5; line++) await files.writeFile(`${stem}-${line}`, '')

  const again = frames(await send('GET', undefined, { ...session, 'last-event-id': seen.id! }))
  const answer = await until(again, ({ message }) => message.result !== undefined)
  expect(dataOf(answer.message.result)).toMatchObject({
    status: 'success',
    stdout: 'line 1\nline 2\nline 3\nline 4\nline 5\n',
    hints: [],
  })
})

test('a transport session goes on after an eviction', async () => {
  const session = await openSession()
  await abortAllDurableObjects()
  const answer = await until(
    frames(await send('POST', call(2, 'run_python', { code: 'print(7)' }), session)),
    (frame) => {
      return frame.message.result !== undefined
    },
  )
  expect(dataOf(answer.message.result)).toMatchObject({ status: 'success', stdout: '7\n' })
})

test('an ended run is still there after an eviction', async () => {
  const session = await openSession()
  const ran = await until(frames(await send('POST', call(3, 'run_python', { code: 'print(8)' }), session)), (frame) => {
    return frame.message.result !== undefined
  })
  await abortAllDurableObjects()
  const uri = `codemode://runs/${dataOf(ran.message.result)?.run_id}`
  const read = { jsonrpc: '2.0', id: 4, method: 'resources/read', params: { uri } }
  const shown = await until(frames(await send('POST', read, session)), ({ message }) => message.result !== undefined)
  expect(JSON.parse(shown.message.result!.contents![0]!.text)).toMatchObject({
    status: 'success',
    outcome: { stdout: '8\n' },
  })
})

test('a stream that nobody waits on any more ends with the object, and so is forgotten in time', async () => {
  await (await send('POST', { jsonrpc: '2.0', id: 1, method: 'tools/list' }, await openSession())).text()
  const object = async () => (env as Env).SESSION.getByName(await userIdOf('dev', 'local'))
  await runInDurableObject(await object(), (_session, { storage }) => {
    storage.sql.exec(`INSERT INTO transport_streams (id, session_id) VALUES ('left behind', 's')`)
  })
  await abortAllDurableObjects()
  await openSession()
  const [row] = await runInDurableObject(await object(), (_session, { storage }) =>
    storage.sql.exec(`SELECT done_at FROM transport_streams WHERE id = 'left behind'`).toArray(),
  )
  expect(row).toEqual({ done_at: expect.any(Number) })
})

test('a call without a run is answered with an error after an eviction', async () => {
  const session = await openSession()
  const { id, response } = await startRun({ code: 'import time; time.sleep(50)', background: true })
  await response.text()
  const live = frames(await send('POST', call(5, 'runs', { action: 'wait', run_id: id, wait_s: 40 }), session))
  const { id: last } = (await live.next()).value!
  await abortAllDurableObjects()
  await live.return(undefined)

  const again = frames(await send('GET', undefined, { ...session, 'last-event-id': last! }))
  const { message } = await until(again, ({ message }) => message.error !== undefined)
  expect(message).toMatchObject({ id: 5, error: { message: expect.stringMatching(/restarted.*Next:/) } })
  await (await sendTo(`/runs/${id}`, 'DELETE')).text()
})

const NOT_AGAIN =
  'This may pass by itself, but nothing runs it again, as the server was restarted meanwhile. Next: call again.'

test('run_with_retry that waits for its next attempt comes back with the last one, and says that it is', async () => {
  const session = await openSession()
  const code = 'print("tried")\nraise ConnectionError("429 Too Many Requests, Retry-After: 30")'
  const live = frames(await send('POST', call(5, 'run_with_retry', { code }), session))
  const waiting = await until(live, ({ message }) => message.params?.message?.includes('Attempt 2 of') === true)
  await abortAllDurableObjects()
  await live.return(undefined)

  const again = frames(await send('GET', undefined, { ...session, 'last-event-id': waiting.id! }))
  const { message } = await until(again, ({ message }) => message.result !== undefined)
  expect(message).toMatchObject({
    id: 5,
    result: {
      isError: true,
      _meta: { [DATA]: { status: 'error', stdout: 'tried\n', error: { type: 'ConnectionError' } } },
    },
  })
  expect(dataOf(message.result)?.hints.at(-1)).toBe(NOT_AGAIN)
  const { runs }: { runs: { run_id: string; status: string }[] } = await (await sendTo('/runs', 'GET')).json()
  expect(runs[0]).toMatchObject({ run_id: dataOf(message.result)?.run_id, status: 'error' })
})

test('an attempt of run_with_retry that was running at an eviction is the last one, too', async () => {
  const session = await openSession()
  const stem = crypto.randomUUID()
  const code = [
    'import os, time',
    `if not os.path.exists('${stem}'):`,
    `    open('${stem}', 'w')`,
    "    raise ConnectionResetError(104, 'Connection reset by peer')",
    "print('second')",
    `while not os.path.exists('${stem}-go'): time.sleep(0.02)`,
    "raise ConnectionResetError(104, 'Connection reset by peer')",
  ].join('\n')
  const live = frames(await send('POST', call(6, 'run_with_retry', { code }), session))
  let told = ''
  const seen = await until(live, ({ message }) => (told += message.params?.message ?? '').includes('second\n'))
  await abortAllDurableObjects()
  await live.return(undefined)

  await (await workspace()).writeFile(`${stem}-go`, '')
  const again = frames(await send('GET', undefined, { ...session, 'last-event-id': seen.id! }))
  const { message } = await until(again, ({ message }) => message.result !== undefined)
  expect(dataOf(message.result)).toMatchObject({ status: 'error', stdout: 'second\n' })
  expect(dataOf(message.result)?.hints.at(-1)).toBe(NOT_AGAIN)
})

test('what was installed for a run is still told after an eviction', async () => {
  const stem = crypto.randomUUID()
  const code = `import small_thing\n${waits}`
  const { id, response } = await startRun({ code, stdin: stem, timeout: 60 })
  for await (const { data } of runFrames(response)) if (data.text?.includes('line 1') === true) break
  await abortAllDurableObjects()
  const files = await workspace()
  for (let line = 1; line <= 5; line++) await files.writeFile(`${stem}-${line}`, '')
  const { outcome } = (await allFrames(await sendTo(`/runs/${id}/events`, 'GET'))).at(-1)!.data
  expect(outcome).toMatchObject({ status: 'success', installed_packages: ['small-thing==1.0'] })
})

test('a run that was still installing is said to have done nothing', async () => {
  const { id, response } = await startRun({ code: 'import stall\nprint("never")' })
  for await (const { event, data } of runFrames(response)) {
    if (event === 'status' && data.text?.includes('Installing') === true) break
  }
  await abortAllDurableObjects()
  const receipt = await (await sendTo(`/runs/${id}`, 'GET')).json()
  expect(receipt).toMatchObject({
    status: 'lost',
    outcome: { stdout: '', hints: [expect.stringMatching(/packages were being installed.*nothing of it ran.*Next:/)] },
  })
})

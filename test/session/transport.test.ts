/** The 2025 lane's own rules, frame by frame. */
import { expect, test } from 'vitest'
import { call, frames, openSession, send, workspace } from './support/mcp.ts'
import { initialize } from '../support/mcp-by-hand.ts'
import waits from '../fixtures/programs/wait_for_each_line.py?raw'
import { dataOf } from '../support/tool-result.ts'

async function firstChunk(response: Response): Promise<string> {
  const reader = response.body!.getReader()
  const { value } = await reader.read()
  await reader.cancel()
  return new TextDecoder().decode(value)
}

test('a client that drops its stream comes back for the lines it missed and the result', async () => {
  const session = await openSession()
  const stem = crypto.randomUUID()
  const files = await workspace()
  const response = await send('POST', call(1, 'run_python', { code: waits, stdin: stem, timeout: 60 }), session)
  let last = ''
  // A line may come in several pieces, as Python writes it.
  let text = ''
  for await (const { id, message } of frames(response)) {
    if (id !== null) last = id
    text += message.params?.message ?? ''
    if (text.includes('line 1\n')) break // leaving the loop closes the stream
  }
  for (let line = 1; line <= 5; line++) await files.writeFile(`${stem}-${line}`, '')

  let missed = ''
  let result
  for await (const { message } of frames(await send('GET', undefined, { ...session, 'last-event-id': last }))) {
    missed += message.params?.message ?? ''
    result = message.result ?? result
  }
  expect(missed.match(/line \d/g)).toEqual(['line 2', 'line 3', 'line 4', 'line 5'])
  expect(dataOf(result)).toMatchObject({ status: 'success' })
})

test('an answered stream can be asked for again and ends at once', async () => {
  const session = await openSession()
  const ids: string[] = []
  for await (const { id } of frames(await send('POST', call(1, 'run_python', { code: 'print(1)' }), session)))
    ids.push(id!)
  const again: unknown[] = []
  for await (const { message } of frames(await send('GET', undefined, { ...session, 'last-event-id': ids[0]! })))
    again.push(message)
  expect(again).toHaveLength(ids.length - 1)
})

test('the largest file that is read is stored whole, and a larger one refused with its link', async () => {
  const session = await openSession()
  const files = await workspace()
  const read = async (characters: number) => {
    const name = `${crypto.randomUUID()}.txt`
    await files.writeFile(name, '"'.repeat(characters)) // two characters each in JSON
    const request = { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: `codemode://files/${name}` } }
    const seen = []
    for await (const frame of frames(await send('POST', request, session))) seen.push(frame)
    return seen
  }
  const whole = await read(480_000)
  expect(whole.at(-1)?.message.result?.contents?.[0]?.text).toHaveLength(480_000)
  const before = String(Number(whole.at(-1)?.id) - 1)
  const again = []
  for await (const { message } of frames(await send('GET', undefined, { ...session, 'last-event-id': before })))
    again.push(message)
  expect(again).toEqual([whole.at(-1)?.message])
  const refused = (await read(500_000)).at(-1)?.message.error?.message
  expect(refused).toMatch(
    /has 500000 bytes, more than an answer holds\. Next: download it from http:\/\/\S+ \(for an hour\)/,
  )
})

test('a cancelled request’s stream ends, also for who has come back for it', async () => {
  const session = await openSession()
  const response = await send('POST', call(1, 'run_python', { code: 'import time; time.sleep(50)' }), session)
  // The first event of a stream is stored before its request is worked on, and is an empty one.
  const priming = /^id: (\d+)$/m.exec(await firstChunk(response.clone()))?.[1]
  const resumed = await send('GET', undefined, { ...session, 'last-event-id': priming! })
  const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }
  await (await send('POST', cancel, session)).text()
  await Promise.all([response.text(), resumed.text()])
  const again = await send('GET', undefined, { ...session, 'last-event-id': priming! })
  expect(again.status).toBe(400)
  await again.text()
})

test.each([
  ['a GET without Last-Event-ID', 'GET', {}, 405],
  ['an unknown event id', 'GET', { 'last-event-id': '999999' }, 400],
  ['an event id that is no number', 'GET', { 'last-event-id': "1' OR 1=1" }, 400],
  ['an unknown session', 'POST', { 'mcp-session-id': 'somebody-else' }, 404],
  ['an unsupported protocol version', 'POST', { 'mcp-protocol-version': '1999-01-01' }, 400],
  ['a method that is none', 'PUT', {}, 405],
])('%s is refused', async (_case, method, headers, status) => {
  const session = await openSession()
  const body = method === 'GET' ? undefined : { jsonrpc: '2.0', id: 1, method: 'tools/list' }
  const response = await send(method, body, { ...session, ...headers })
  expect(response.status).toBe(status)
  await response.text()
})

test('one session cannot read another one’s stream', async () => {
  const first = await openSession()
  let id = ''
  for await (const frame of frames(await send('POST', call(1, 'run_python', { code: 'print("mine")' }), first)))
    id = frame.id!
  const second = await openSession()
  const response = await send('GET', undefined, { ...second, 'last-event-id': String(Number(id) - 1) })
  expect(response.status).toBe(400)
})

test('a deleted session is gone', async () => {
  const session = await openSession()
  expect((await send('DELETE', undefined, session)).status).toBe(200)
  const response = await send('POST', { jsonrpc: '2.0', id: 1, method: 'tools/list' }, session)
  expect(response.status).toBe(404)
})

test('an initialize that is too long to keep is refused', async () => {
  const experimental = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, { text: 'x'.repeat(15_000) }]))
  const response = await send('POST', initialize('2025-11-25', { experimental }))
  expect(response.status).toBe(413)
})

test('the idlest session makes room for a new one', async () => {
  const first = await openSession()
  for (let i = 0; i < 200; i++) await openSession()
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
  expect((await send('POST', list, first)).status).toBe(404)
  expect((await send('POST', list, await openSession())).status).toBe(200)
})

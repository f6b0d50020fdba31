/** JSON-RPC batches, which 2025-03-26 has: several requests in one POST, answered on one stream. */
import { abortAllDurableObjects } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { call, type Frame, frames, openSession, send, workspace } from './support/mcp.ts'
import waits from '../fixtures/programs/wait_for_each_line.py?raw'
import { dataOf } from '../support/tool-result.ts'

type Session = Record<string, string>

const open = () => openSession(undefined, '2025-03-26')
const RATE_LIMIT = 'raise ConnectionError("429 Too Many Requests, Retry-After: 30")'
const program = (id: number, stem: string) => call(id, 'run_python', { code: waits, stdin: stem, timeout: 60 })
const cancel = (requestId: number) => ({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } })

async function finish(stem: string): Promise<void> {
  const files = await workspace()
  for (let line = 1; line <= 5; line++) await files.writeFile(`${stem}-${line}`, '')
}

/** Reads until each of these has been told so many times; the id of the last event. */
async function until(stream: AsyncGenerator<Frame>, wanted: Record<string, number>): Promise<string> {
  let told = ''
  for (;;) {
    const { value } = await stream.next()
    if (value === undefined) throw new Error(`the stream ended before that: ${told}`)
    told += value.message.params?.message ?? ''
    if (Object.entries(wanted).every(([text, times]) => told.split(text).length > times)) return value.id!
  }
}

/** The answers until the stream's end, by the ids of their requests. */
async function answers(stream: AsyncIterable<Frame>) {
  const found: Record<number, string> = {}
  for await (const { message } of stream) {
    if (message.id === undefined) continue
    expect(found[message.id]).toBeUndefined()
    found[message.id] = dataOf(message.result)?.status ?? message.error?.message ?? 'answered'
  }
  return found
}

const resumed = async (session: Session, last: string) =>
  frames(await send('GET', undefined, { ...session, 'last-event-id': last }))

test('every request of a batch is answered on its one stream, which then ends', async () => {
  const session = await open()
  const response = await send(
    'POST',
    [
      call(1, 'run_python', { code: 'print(1)' }),
      { jsonrpc: '2.0', id: 2, method: 'tools/list' },
      call(3, 'run_python', { code: '1 / 0' }),
    ],
    session,
  )
  expect(await answers(frames(response))).toEqual({ 1: 'success', 2: 'answered', 3: 'error' })
})

test('after an eviction every request of a batch is answered', async () => {
  const session = await open()
  const [one, two] = [crypto.randomUUID(), crypto.randomUUID()]
  const batch = [program(1, one), program(2, two), call(3, 'run_with_retry', { code: RATE_LIMIT })]
  const live = frames(await send('POST', batch, session))
  await finish(one)
  let last = await until(live, { 'line 5': 1, 'line 1': 2 })
  last = await until(live, { 'Attempt 2 of': 1 })
  await abortAllDurableObjects()
  await live.return(undefined)

  await finish(two)
  const found = await answers(await resumed(session, last))
  expect(found).toMatchObject({ 2: 'success', 3: 'error' })
  // The first one may have been answered before the eviction, and then before the event that was asked from.
  expect(found[1] ?? 'success').toBe('success')
})

test.each([
  ['the other is answered', true],
  ['the other was answered', false],
])('a cancelled request of a batch does not keep its stream open: %s later', async (_when, cancelFirst) => {
  const session = await open()
  const [kept, cancelled] = [crypto.randomUUID(), crypto.randomUUID()]
  const live = frames(await send('POST', [program(1, kept), program(2, cancelled)], session))
  const last = await until(live, { 'line 1': 2 })
  const steps = [async () => (await send('POST', cancel(2), session)).text(), () => finish(kept)]
  for (const step of cancelFirst ? steps : steps.toReversed()) await step()
  const found = await answers(live)
  expect(found).toEqual({ 1: 'success', 2: expect.stringContaining('cancelled') })
  expect(await answers(await resumed(session, last))).toEqual(found)
})

test('a batch that cancels one of its own requests answers the others', async () => {
  const session = await open()
  const stem = crypto.randomUUID()
  const sleeps = call(1, 'run_python', { code: 'import time; time.sleep(50)' })
  const live = frames(await send('POST', [sleeps, cancel(1), program(2, stem)], session))
  const last = await until(live, { 'line 1': 1 })
  await live.return(undefined)
  await finish(stem)
  expect(await answers(await resumed(session, last))).toEqual({ 2: 'success' })
})

test('a batch that cancels a request before it makes it ends', async () => {
  const batch = [cancel(1), { jsonrpc: '2.0', id: 1, method: 'ping' }, { jsonrpc: '2.0', id: 2, method: 'tools/list' }]
  const found = await answers(frames(await send('POST', batch, await open())))
  expect(found).toEqual({ 1: 'The request was cancelled.', 2: 'answered' })
})

test('a batch in which two requests have the same id is refused, and none of it is done', async () => {
  const session = await open()
  const stem = crypto.randomUUID()
  const writes = (id: unknown) => ({ ...(call(1, 'run_python', { code: `open('${stem}', 'w')` }) as object), id })
  for (const ids of [
    [7, 7],
    ['a', 'b', 'a'],
  ]) {
    const response = await send('POST', ids.map(writes), session)
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { code: -32600, message: expect.stringMatching(/same id.*Next:/) } },
    ])
  }
  let answered = 0
  // A number and a text are different ids.
  for await (const { message } of frames(await send('POST', [writes(7), writes('7')], session)))
    if (message.result !== undefined) answered++
  expect(answered).toBe(2)
  const files = (await (await workspace()).listFiles()).files.filter(({ path }) => path === stem)
  expect(files).toHaveLength(1)
})

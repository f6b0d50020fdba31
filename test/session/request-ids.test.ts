/** The id of a request that has no answer yet, used again by another request of the same transport session (2025). */
import { expect, test } from 'vitest'
import { answer, ask, call, frames, openSession, send, workspace } from './support/mcp.ts'
import waits from '../fixtures/programs/wait_for_each_line.py?raw'
import { dataOf } from '../support/tool-result.ts'

const refusal = (id: unknown) => [
  400,
  {
    jsonrpc: '2.0',
    id: null,
    error: {
      code: -32600,
      message: `Invalid Request: the request with the id ${JSON.stringify(id)} has no answer yet. Next: send this one with an id of its own, or cancel that one first.`,
    },
  },
]
const told = async (response: Response) => [response.status, await response.json()]
const program = (id: number, stem: string) => call(id, 'run_python', { code: waits, stdin: stem, timeout: 60 })
const writes = (id: number, path: string) => call(id, 'run_python', { code: `open('${path}', 'w')` })

async function finish(stem: string): Promise<void> {
  const files = await workspace()
  for (let line = 1; line <= 5; line++) await files.writeFile(`${stem}-${line}`, '')
}

const paths = async () => (await (await workspace()).listFiles()).files.map(({ path }) => path)

/** Starts a request, and leaves it unanswered. */
async function started(body: unknown, session: Record<string, string>) {
  const live = frames(await send('POST', body, session))
  const seen: Awaited<ReturnType<typeof answer>>[] = []
  const all = (async () => {
    for await (const { message } of live) if (message.id !== undefined) seen.push(message)
    return seen
  })()
  return { answers: () => all }
}

test('it is refused, nothing of it is done, and the first request gets its answer', async () => {
  const session = await openSession()
  const [stem, other] = [crypto.randomUUID(), crypto.randomUUID()]
  const first = await started(program(7, stem), session)
  expect(await told(await send('POST', writes(7, other), session))).toEqual(refusal(7))
  expect(await told(await send('POST', { jsonrpc: '2.0', id: 7, method: 'tools/list' }, session))).toEqual(refusal(7))
  await finish(stem)
  const answers = await first.answers()
  expect(answers.map(({ id }) => id)).toEqual([7])
  expect(dataOf(answers[0]!.result)).toMatchObject({ status: 'success', stdout: expect.stringContaining('line 5') })
  expect(await paths()).not.toContain(other)
  // Answered, the id is as good as any.
  const again = await answer(await send('POST', writes(7, other), session))
  expect(dataOf(again.result)).toMatchObject({ status: 'success' })
  expect(await paths()).toContain(other)
})

test('of two that arrive together one is refused', async () => {
  const session = await openSession()
  // The program that runs waits, so that it has no answer yet whenever the other request comes.
  const stem = crypto.randomUUID()
  const both = await Promise.all([1, 2].map(() => send('POST', program(7, stem), session)))
  expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 400])
  await finish(stem)
  for (const response of both) await response.text()
})

test('a batch with it is refused whole, and an id of a batch is free when the whole batch is answered', async () => {
  const session = await openSession(undefined, '2025-03-26')
  const [stem, other] = [crypto.randomUUID(), crypto.randomUUID()]
  const first = await started([program(7, stem), { jsonrpc: '2.0', id: 8, method: 'tools/list' }], session)
  expect(await told(await send('POST', [writes(9, other), writes(7, other)], session))).toEqual(refusal(7))
  expect(await told(await send('POST', writes(8, other), session))).toEqual(refusal(8))
  await finish(stem)
  expect((await first.answers()).map(({ id }) => id)).toEqual([8, 7])
  expect(await paths()).not.toContain(other)
  const batch = await started([writes(7, other), { jsonrpc: '2.0', id: 8, method: 'tools/list' }], session)
  expect((await batch.answers()).map(({ id }) => id)).toEqual([8, 7])
})

test('a cancelled or refused request does not keep its id, and a text is another id than a number', async () => {
  const session = await openSession()
  const stem = crypto.randomUUID()
  const cancelled = await started(call(7, 'run_python', { code: 'import time; time.sleep(50)' }), session)
  const text = await answer(await send('POST', { jsonrpc: '2.0', id: '7', method: 'tools/list' }, session))
  expect(text.result).toBeDefined()
  const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } }
  await (await send('POST', cancel, session)).text()
  expect(await cancelled.answers()).toEqual([])
  const unknown = { ...session, 'mcp-protocol-version': '1999-01-01' }
  expect((await send('POST', writes(7, stem), unknown)).status).toBe(400)
  expect(dataOf((await answer(await send('POST', writes(7, stem), session))).result)).toMatchObject({
    status: 'success',
  })
})

test('other sessions, and requests of 2026-07-28, have ids of their own', async () => {
  const stem = crypto.randomUUID()
  const session = await openSession()
  const first = await started(program(7, stem), session)
  const list = { jsonrpc: '2.0', id: 7, method: 'tools/list', params: {} }
  const others = [
    await send('POST', list, await openSession()),
    ...(await Promise.all([1, 2].map(() => ask('session-tests', list)))),
  ]
  for (const other of others) expect(await answer(other)).toMatchObject({ id: 7, result: expect.anything() })
  await finish(stem)
  expect((await first.answers()).map(({ id }) => id)).toEqual([7])
})

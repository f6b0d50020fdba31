/** `notifications/cancelled` (2025): ends the live request that it names in its own transport session, and nothing else. */
import { expect, test } from 'vitest'
import { call, frames, openSession, send, workspace } from './support/mcp.ts'
import { userToken } from './support/users.ts'
import waits from '../fixtures/programs/wait_for_each_line.py?raw'
import { dataOf } from '../support/tool-result.ts'

const ID = 7
type Session = Record<string, string>

async function cancel(requestId: unknown, session: Session): Promise<void> {
  const notification = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } }
  const response = await send('POST', notification, session)
  expect([response.status, await response.text()]).toEqual([202, ''])
}

/** A run that is under way; `end` lets its program end and gives what the stream had until it closed. */
async function live(session: Session) {
  const stem = crypto.randomUUID()
  const stream = frames(await send('POST', call(ID, 'run_python', { code: waits, stdin: stem, timeout: 60 }), session))
  await stream.next()
  return {
    async end() {
      const files = await workspace()
      for (let line = 1; line <= 5; line++) await files.writeFile(`${stem}-${line}`, '')
      const statuses: unknown[] = []
      for await (const { message } of stream) if (message.id === ID) statuses.push(dataOf(message.result)?.status)
      return statuses
    },
  }
}

test('an id that is unknown, of another type, still to come, or no id at all ends nothing', async () => {
  const session = await openSession()
  await cancel(ID, session)
  const run = await live(session)
  for (const requestId of [ID + 1, String(ID), 0, -1, '']) await cancel(requestId, session)
  for (const requestId of [null, {}, undefined]) {
    await (
      await send('POST', { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } }, session)
    ).text()
  }
  expect(await run.end()).toEqual(['success'])
})

test('the same id in another session, of the same user or another one, ends nothing', async () => {
  const mine = await openSession()
  const run = await live(mine)
  await cancel(ID, await openSession())
  const token = await userToken('Canceller')
  const theirs = { ...(await openSession(token)), authorization: `Bearer ${token}` }
  await cancel(ID, theirs)
  const stolen = await send(
    'POST',
    { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: ID } },
    { ...theirs, 'mcp-session-id': mine['mcp-session-id']! },
  )
  expect(stolen.status).toBe(404)
  await stolen.text()
  expect(await run.end()).toEqual(['success'])
})

test('cancelled after its answer a request stays answered, and the next one with its id is not touched', async () => {
  const session = await openSession()
  expect(await (await live(session)).end()).toEqual(['success'])
  await cancel(ID, session)
  const next = await live(session)
  expect(await next.end()).toEqual(['success'])
})

test('of two live requests the one that is named ends, once, without an answer', async () => {
  const [session, other] = [await openSession(), await openSession()]
  const [run, kept] = [await live(session), await live(other)]
  await cancel(ID, session)
  await cancel(ID, session)
  expect(await run.end()).toEqual([])
  expect(await kept.end()).toEqual(['success'])
})

/** What must not get from a client into the session object, nor out of it. */
import { expect, test } from 'vitest'
import { openSession, send } from './support/mcp.ts'

const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' }

test('a WebSocket is refused: the SDK’s own protocol is not served', async () => {
  const response = await send('GET', undefined, { upgrade: 'websocket' })
  expect(response.status).toBe(400)
  expect(response.webSocket).toBe(null)
})

test('a header that the SDK reads as start properties does not reach the object', async () => {
  const session = await openSession()
  const response = await send('POST', LIST, { ...session, 'x-agents-lifecycle-props': '%%%' })
  expect(response.status).toBe(200)
  await response.text()
})

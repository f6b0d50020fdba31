/** What must not get from a client into the session object, nor out of it. */
import { expect, test } from 'vitest'
import { send } from './support/mcp.ts'

test('a WebSocket is refused: the SDK’s own protocol is not served', async () => {
  const response = await send('GET', undefined, { upgrade: 'websocket' })
  expect(response.status).toBe(400)
  expect(response.webSocket).toBe(null)
})

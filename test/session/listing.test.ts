/** What a client is offered: what it costs on the wire, and how one asks for fewer tools. */
import { expect, test } from 'vitest'
import { headersOf, modern, openSession, send } from './support/mcp.ts'

/** Bytes of the answer to tools/list. */
const MAX_BYTES = 12_000
const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }

const bytesOf = async (response: Response) => (await response.arrayBuffer()).byteLength

test('the listing is short on the wire, in both revisions', async () => {
  const legacy = await bytesOf(await send('POST', LIST, await openSession()))
  const now = await bytesOf(await send('POST', modern(LIST), headersOf(LIST)))
  for (const bytes of [legacy, now]) {
    expect(bytes).toBeGreaterThan(5_000)
    expect(bytes).toBeLessThanOrEqual(MAX_BYTES)
  }
})

/** Files as resources, with a scripted session behind them. */
import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import { McpServer } from '@modelcontextprotocol/server'
import { expect, test } from 'vitest'
import { registerResources } from '../../worker/mcp/resources.ts'
import type { Caller } from '../../worker/mcp/server.ts'

/** What reading a file of this type and content answers. */
async function read(mime: string, content: Buffer) {
  const caller = {
    context: {},
    readFile: async (_path: string, maxBytes: number) =>
      content.length > maxBytes ? { bytes: content.length } : { body: new Uint8Array(content).buffer, mime },
  } as Partial<Caller>
  const server = new McpServer({ name: 'test', version: '1' })
  registerResources(server, caller as Caller)
  const client = new Client({ name: 'test', version: '1' })
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  await Promise.all([server.connect(theirs), client.connect(ours)])
  return client.readResource({ uri: 'codemode://files/out/a%20b.txt' })
}

const uri = 'codemode://files/out/a%20b.txt'

test('a text comes as text, anything else in base64', async () => {
  const text = 'ü\n'
  expect(await read('text/plain', Buffer.from(text))).toMatchObject({
    contents: [{ uri, mimeType: 'text/plain', text }],
  })
  const blob = Buffer.from(text).toString('base64')
  expect(await read('image/png', Buffer.from(text))).toMatchObject({ contents: [{ uri, mimeType: 'image/png', blob }] })
})

test('what only calls itself a text comes in base64, and so in bounded size', async () => {
  const content = Buffer.alloc(1024 ** 2, 1)
  const answer = await read('text/plain', content)
  expect(answer.contents).toEqual([{ uri, mimeType: 'text/plain', blob: content.toString('base64') }])
  expect(JSON.stringify(answer).length).toBeLessThan(1.5 * content.length)
})

test('a file that is too large is an error with the next step', async () => {
  await expect(read('text/plain', Buffer.alloc(1024 ** 2 + 1))).rejects.toThrow(/1048577 bytes.*Next:/)
})

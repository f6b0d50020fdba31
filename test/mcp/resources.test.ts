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
    downloadUrl: async (path: string) => `https://code.example.com/files/${path}?signature=x`,
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
  const content = Buffer.alloc(700_000, 1)
  const answer = await read('text/plain', content)
  expect(answer.contents).toEqual([{ uri, mimeType: 'text/plain', blob: content.toString('base64') }])
})

test.each([
  ['a text', 'text/plain', 'a'],
  ['a text of characters that JSON escapes', 'text/plain', '"'],
  ['a text of wide characters', 'text/plain', '漢'],
  ['anything else', 'application/zip', '\u0001'],
])('%s is whole in an answer that every client takes, or refused with a link', async (_what, mime, character) => {
  const refusals: number[] = []
  for (let bytes = 100_000; bytes <= 1_200_000; bytes += 100_000) {
    const content = Buffer.from(character.repeat(bytes / Buffer.byteLength(character)))
    const answer = await read(mime, content).catch((error: Error) => error)
    if (answer instanceof Error) {
      expect(answer.message).toBe(
        `${uri} has ${content.length} bytes, more than an answer holds. Next: download it from https://code.example.com/files/out/a b.txt?signature=x (for an hour), or read a part of it with a program.`,
      )
      refusals.push(bytes)
    } else {
      expect(Buffer.byteLength(JSON.stringify({ jsonrpc: '2.0', id: 1, result: answer }))).toBeLessThan(1_000_000)
      const { text, blob } = answer.contents[0] as { text?: string; blob?: string }
      expect(blob === undefined ? Buffer.from(text!) : Buffer.from(blob, 'base64')).toEqual(content)
    }
  }
  expect(refusals[0]).toBeGreaterThan(400_000)
  expect(refusals.at(-1)).toBe(1_200_000)
})

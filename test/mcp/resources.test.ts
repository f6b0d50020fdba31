/** Files as resources, with a scripted session behind them. */
import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import { McpServer } from '@modelcontextprotocol/server'
import { expect, test } from 'vitest'
import { registerResources } from '../../worker/mcp/resources.ts'
import type { Caller } from '../../worker/mcp/caller.ts'
import type { RunQuery } from '../../worker/run/contract/history.ts'
import { aLearning } from '../learning/support.ts'
import { aListedRun } from '../support/listed-run.ts'

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

test('a listing names the 20 newest of each kind, and the rest is found by completion', async () => {
  const many = <T>(make: (i: number) => T) => Array.from({ length: 120 }, (_, i) => make(i))
  const time = (i: number) => `2026-11-28T10:${String(i % 60).padStart(2, '0')}:00Z`
  const caller = {
    context: {},
    // The newest first, as the store has them; files by path, as the runner has them.
    listRuns: ({ limit }: RunQuery) => ({
      runs: many((i) => aListedRun({ id: `r_${i}` })).slice(0, limit),
      more: true,
    }),
    listFiles: async () => many((i) => ({ path: `${i}.txt`, bytes: 1, mime: 'text/plain', modified: time(i) })),
    searchLearnings: ({ limit }: { limit: number }) => ({
      learnings: many((i) => aLearning({ id: `l_${i}` })).slice(0, limit),
      total: 120,
    }),
  } as unknown as Caller
  const server = new McpServer({ name: 'test', version: '1' })
  registerResources(server, caller)
  const client = new Client({ name: 'test', version: '1' })
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  await Promise.all([server.connect(theirs), client.connect(ours)])

  const { resources } = await client.listResources()
  const listed = (kind: string) =>
    resources.map(({ uri }) => uri).filter((uri) => uri.startsWith(`codemode://${kind}/`))
  expect(listed('runs')).toEqual(Array.from({ length: 20 }, (_, i) => `codemode://runs/r_${i}`))
  expect(listed('learnings')).toHaveLength(20)
  expect(listed('files').slice(0, 3)).toEqual(['119', '59', '118'].map((i) => `codemode://files/${i}.txt`))
  expect(listed('files')).toHaveLength(20)
  const ref = { type: 'ref/resource', uri: 'codemode://files/{+path}' } as const
  const { completion } = await client.complete({ ref, argument: { name: 'path', value: '77' } })
  expect(completion.values).toEqual(['77.txt'])
})

test('a hundred runs with the longest texts fit into an answer', async () => {
  const text = '漢'.repeat(1_000)
  const line = '漢'.repeat(200)
  const run = aListedRun({ description: text, objective: '\u0001'.repeat(1_000), headline: line, said: line })
  const full = { ...run, client: text.slice(0, 100), error: { type: line, message: line } }
  const caller = { context: {}, listRuns: () => ({ runs: Array.from({ length: 100 }, () => full), more: true }) }
  const server = new McpServer({ name: 'test', version: '1' })
  registerResources(server, caller as unknown as Caller)
  const client = new Client({ name: 'test', version: '1' })
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  await Promise.all([server.connect(theirs), client.connect(ours)])
  const answer = await client.readResource({ uri: 'codemode://runs' })
  const [first] = answer.contents as { text: string }[]
  expect(JSON.parse(first!.text).runs).toHaveLength(100)
  expect(Buffer.byteLength(JSON.stringify({ jsonrpc: '2.0', id: 1, result: answer }))).toBeLessThan(1_000_000)
})

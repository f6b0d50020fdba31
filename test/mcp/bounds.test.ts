/** Every text that a client can give to a tool or a prompt has a bound, and is refused with it and the next step. */
import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { type Caller, createServer } from '../../worker/mcp/server.ts'
import { inputTexts } from '../support/tool-texts.ts'

/** Refusing asks the session for nothing. */
const nobody = new Proxy({} as Caller, {
  get: (_target, name) => {
    if (name === 'context') return {}
    throw new Error(`a refusal asked for ${String(name)}`)
  },
})

let client: Client
beforeAll(async () => {
  client = new Client({ name: 'bounds', version: '1' })
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  await Promise.all([createServer(nobody, false).connect(theirs), client.connect(ours)])
})

test('every text of every tool is bounded by its schema', async () => {
  const texts = await inputTexts(client)
  expect(texts.length).toBeGreaterThan(20)
  expect(texts.filter(({ most }) => most === undefined).map(({ tool, name }) => `${tool}: ${name}`)).toEqual([])
})

test('a text that is too long is refused with its bound and the next step', async () => {
  for (const { tool, name, most, with: put } of await inputTexts(client)) {
    const refused = await client.callTool({ name: tool, arguments: put('x'.repeat(Number(most) + 1)) })
    const [{ text }] = z.tuple([z.looseObject({ text: z.string() })]).parse(refused.content)
    expect([tool, name, text]).toEqual([tool, name, expect.stringMatching(new RegExp(`\\b${most}\\b.*Next: `, 's'))])
  }
})

test('every argument of every prompt is bounded', async () => {
  const { prompts } = await client.listPrompts()
  for (const { name, arguments: args = [] } of prompts) {
    for (const argument of args) {
      const asked = client.getPrompt({ name, arguments: { [argument.name]: 'x'.repeat(100_000) } })
      await expect(asked, `${name}: ${argument.name}`).rejects.toThrow(/has more than \d+ characters. Next: /)
    }
  }
})

test('more files than one call writes are refused with the bound and the next step', async () => {
  const files = Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`${n}.txt`, '']))
  const { content } = await client.callTool({ name: 'run_python', arguments: { code: 'pass', files } })
  expect(content).toMatchObject([{ text: expect.stringMatching(/more than 1000\. Next: /) }])
})

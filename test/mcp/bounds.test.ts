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

/** More than a whole request may have. */
const ENDLESS = 5_000_000

test('every text of every tool has a bound, and one that is longer is refused with it and the next step', async () => {
  const texts = await inputTexts(client)
  expect(texts.length).toBeGreaterThan(20)
  for (const { tool, name, with: put } of texts) {
    const refusal = async (chars: number) => {
      const refused = await client.callTool({ name: tool, arguments: put('x'.repeat(chars)) })
      return z.tuple([z.looseObject({ text: z.string() })]).parse(refused.content)[0].text
    }
    const bound = /(?:has more than|1 to) (\d+) characters\. Next: /
    const [words, most] = bound.exec(await refusal(ENDLESS)) ?? []
    expect([tool, name, words]).toEqual([tool, name, expect.any(String)])
    expect([tool, name, await refusal(Number(most) + 1)]).toEqual([tool, name, expect.stringContaining(words!)])
    expect([tool, name, await refusal(Number(most))]).toEqual([tool, name, expect.not.stringContaining(words!)])
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

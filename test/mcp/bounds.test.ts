/** Every text that a client can give to a tool or a prompt has a bound, and is refused with it and the next step. */
import type { Client } from '@modelcontextprotocol/client'
import { beforeAll, expect, test } from 'vitest'
import { inputTexts } from '../support/tool-texts.ts'
import { answerTo, boundOf, connectUnasked } from '../support/unasked.ts'

let client: Client
beforeAll(async () => {
  client = await connectUnasked()
})

test('every text of every tool has a bound, and one that is longer is refused with it and the next step', async () => {
  const texts = await inputTexts(client)
  expect(texts.length).toBeGreaterThan(20)
  for (const text of texts) {
    const bound = await boundOf(client, text)
    const { most, words } = bound ?? { most: 0, words: 'no bound' }
    const refusal = async (chars: number) => [text.tool, text.name, await answerTo(client, text, chars)]
    expect(await refusal(most + 1)).toEqual([text.tool, text.name, expect.stringContaining(words)])
    expect(await refusal(most)).toEqual([text.tool, text.name, expect.not.stringContaining(words)])
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

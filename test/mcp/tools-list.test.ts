/** The tool text is the interface: whatever changes in it shows in the snapshot. */
import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import { encode } from 'gpt-tokenizer/encoding/o200k_base'
import { expect, test } from 'vitest'
import type { Caller } from '../../worker/mcp/caller.ts'
import { createServer } from '../../worker/mcp/server.ts'

/** Listing asks the session for nothing; registering may take hold of its parts. */
const asked = (name: string) => {
  throw new Error(`listing asked for ${name}`)
}
const nobody = new Proxy({} as Caller, {
  get: (_target, name) => (name === 'context' ? {} : asked(String(name))),
})

async function connected(): Promise<Client> {
  const client = new Client({ name: 'snapshot', version: '1' })
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  await Promise.all([createServer(nobody, true).connect(theirs), client.connect(ours)])
  return client
}

test('tools/list is as it was', async () => {
  const client = await connected()
  expect(await client.listTools()).toMatchSnapshot()
})

/** Tokens of what a host gives its model of all tools; what every conversation begins with. */
const MAX_TOKENS = 1_500

test('the listing costs a model little', async () => {
  const { tools } = await (await connected()).listTools()
  const told = tools.map(({ name, description, inputSchema }) => JSON.stringify({ name, description, inputSchema }))
  expect(told.reduce((sum, text) => sum + encode(text).length, 0)).toBeLessThanOrEqual(MAX_TOKENS)
})

test('no tool promises structured content: hosts would show it to their model in place of pictures and texts', async () => {
  const { tools } = await (await connected()).listTools()
  expect(tools.filter((tool) => 'outputSchema' in tool)).toEqual([])
})

test('resource templates, prompts and instructions are as they were', async () => {
  const client = await connected()
  expect(await client.listPrompts()).toMatchSnapshot()
  expect(await client.listResourceTemplates()).toMatchSnapshot()
  expect(client.getInstructions()).toMatchSnapshot()
})

/** The tools without a session behind them: refusing an argument asks nobody for anything. */
import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import * as z from 'zod'
import type { Caller } from '../../worker/mcp/caller.ts'
import { createServer } from '../../worker/mcp/server.ts'
import type { InputText } from './tool-texts.ts'

const nobody = new Proxy({} as Caller, {
  get: (_target, name) => {
    if (name === 'context') return {}
    throw new Error(`a refusal asked for ${String(name)}`)
  },
})

export async function connectUnasked(): Promise<Client> {
  const client = new Client({ name: 'bounds', version: '1' })
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  await Promise.all([createServer(nobody, false).connect(theirs), client.connect(ours)])
  return client
}

/** More than a whole request may have. */
const ENDLESS = 5_000_000

/** What a call with a text of so many characters in this place is answered with. */
export async function answerTo(client: Client, { tool, with: put }: InputText, chars: number): Promise<string> {
  const { content } = await client.callTool({ name: tool, arguments: put('x'.repeat(chars)) })
  return z.tuple([z.looseObject({ text: z.string() })]).parse(content)[0].text
}

/** The bound of a text, and the words in which it is refused. Undefined: there is none. */
export async function boundOf(client: Client, text: InputText): Promise<{ most: number; words: string } | undefined> {
  const [words, most] =
    /(?:has more than|1 to) (\d+) characters\. Next: /.exec(await answerTo(client, text, ENDLESS)) ?? []
  return words === undefined ? undefined : { most: Number(most), words }
}

/** LangChain's adapter for JavaScript; asked and answering as jobs.py says. */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { json } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { HostAuth } from '../../support/oauth-provider.ts'
import type { Job } from './library.ts'

const require = createRequire(`${process.argv[2]}/`)
const { MultiServerMCPClient } = require('@langchain/mcp-adapters')
const { auth: signIn } = require('@modelcontextprotocol/sdk/client/auth.js')

interface Tool {
  name: string
  invoke(call: object, options: object): Promise<{ content: string | Block[] }>
}
type Block = { type: 'text'; text: string } | { type: 'image_url'; image_url: { url: string } }

const { url, calls } = (await json(process.stdin)) as { url: string; calls: Job[] }

const host = await HostAuth.listening('A LangChain host', (address) =>
  Promise.all([host.comesBack(), promisify(execFile)(process.env['BROWSER']!, [address])]),
)
await signIn(host.auth, { serverUrl: url })
await signIn(host.auth, { serverUrl: url, authorizationCode: host.answer().get('code') })

let heard: (message: string) => void = () => {}
const client = new MultiServerMCPClient({
  mcpServers: { code: { transport: 'http', url, authProvider: host.auth } },
  onProgress: ({ message }: { message?: string }) => heard(message ?? ''),
})
const tools: Tool[] = await client.getTools()
const results: Record<string, object> = {}
for (const job of calls) {
  const stop = new AbortController()
  heard = (message) => {
    if (job.when === undefined || !message.includes(job.when)) return
    if (job.touch !== undefined) void writeFile(job.touch, '')
    if (job.cancel) stop.abort()
  }
  const tool = tools.find(({ name }) => name === job.tool)!
  const call = { type: 'tool_call', id: job.name, name: job.tool, args: job.arguments }
  try {
    const { content } = await tool.invoke(call, { signal: stop.signal })
    results[job.name] = { content: typeof content === 'string' ? [wholeText(content)] : content.map(asBlock) }
  } catch (error) {
    const { name, message } = error as Error
    // How it hands on that a tool failed.
    const refused = name === 'ToolException'
    results[job.name] = refused ? { content: [{ text: message }] } : { failed: `${name}: ${message}` }
  }
}
await client.close()
await host.stop()
process.stdout.write(JSON.stringify({ tools: tools.map(({ name }) => name), results }))

/** A text alone is handed to the model as it is or, beside a `_meta` of its result, as JSON. */
function wholeText(content: string): object {
  return content.startsWith('{"type":"text"') ? (JSON.parse(content) as object) : { text: content }
}

function asBlock(block: Block): object {
  return block.type === 'image_url' ? { data: block.image_url.url.split(';base64,')[1] } : block
}

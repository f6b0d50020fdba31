/** Tool calls of 2026-07-28 over connections that stay open, as little as there can be: a client library's own work is not measured. */
import { Agent, type IncomingMessage, request } from 'node:http'
import { call, CLIENT_HEADERS, framesOf, headersOf, modern } from '../support/mcp-by-hand.ts'

export interface Target {
  origin: string
  token: string
}

export interface Answer {
  text: string
  isError: boolean
}

const agent = new Agent({ keepAlive: true, maxSockets: 256 })

/** Calls a tool. `onProgress` gets each message as it arrives. Throws when the call itself fails. */
export async function callTool(
  target: Target,
  name: string,
  args: object,
  onProgress: (message: string) => void = () => {},
): Promise<Answer> {
  const response = await post(target, call(1, name, args))
  for await (const { message } of framesOf(response.setEncoding('utf8'))) {
    if (message.error !== undefined) throw new Error(message.error.message)
    if (message.params?.message !== undefined) onProgress(message.params.message)
    if (message.result === undefined) continue
    const { content, isError } = message.result
    return { text: content?.[0]?.text ?? '', isError: isError === true }
  }
  throw new Error(`${name} was not answered`)
}

/** Lists the tools. */
export async function listTools(target: Target): Promise<void> {
  const response = await post(target, { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} })
  await response.toArray()
}

/** Runs a program that has to succeed. */
export async function run(
  target: Target,
  code: string,
  onProgress?: (message: string) => void,
  more: object = {},
): Promise<string> {
  const { text, isError } = await callTool(target, 'run_python', { code, ...more }, onProgress)
  if (isError) throw new Error(`the program failed:\n${text}`)
  return text
}

/** GET of a path, read to its end. Throws unless it is answered with 200. */
export function get({ origin, token }: Target, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` }
    request(`${origin}${path}`, { agent, headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${path}: ${response.statusCode}`))
      response.resume().once('end', resolve).once('error', reject)
    })
      .once('error', reject)
      .end()
  })
}

/** Sends a message as one of 2026-07-28; resolves with the head of its answer. */
function post({ origin, token }: Target, message: unknown): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(`${origin}/mcp`, {
      agent,
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, ...CLIENT_HEADERS, ...headersOf(message) },
    })
      .once('response', (response) => {
        if (response.statusCode === 200) resolve(response)
        else reject(new Error(`answered with ${response.statusCode}`))
      })
      .once('error', reject)
      .end(JSON.stringify(modern(message)))
  })
}

/** MCP by hand over a real socket, for what client libraries hide: broken connections, event ids, readers that stop. */
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { blockData } from './event-block.ts'

export interface RawResponse {
  response: IncomingMessage
  outgoing: ClientRequest
}

export interface Target {
  origin: string
  token: string
}

/** Sends one request and resolves with its response head. Nothing of the body is read. */
export function rawSend(
  { origin, token }: Target,
  method: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${origin}/mcp`, {
      method,
      agent: false,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
    })
    outgoing.once('response', (response) => resolve({ response, outgoing }))
    outgoing.on('error', reject)
    outgoing.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

/** `tools/call` of `run_python` with a progress token. */
export function runPython(id: number, args: object): object {
  return {
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name: 'run_python', arguments: args, _meta: { progressToken: id } },
  }
}

/** The same as a request of 2026-07-28, with the headers that this revision wants. */
export function modernRunPython(id: number, args: object): { body: object; headers: Record<string, string> } {
  return {
    body: {
      jsonrpc: '2.0',
      id,
      method: 'tools/call',
      params: {
        name: 'run_python',
        arguments: args,
        _meta: {
          progressToken: id,
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
    },
    headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'run_python' },
  }
}

/** Opens a transport session of 2025-11-25; the headers that belong to it. */
export async function rawSession(target: Target): Promise<Record<string, string>> {
  const { response } = await rawSend(target, 'POST', {
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
  })
  const headers = {
    'mcp-session-id': String(response.headers['mcp-session-id']),
    'mcp-protocol-version': '2025-11-25',
  }
  await response.toArray()
  const { response: accepted } = await rawSend(
    target,
    'POST',
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    headers,
  )
  await accepted.toArray()
  return headers
}

export interface RawFrame {
  id: string | null
  message: {
    method?: string
    params?: { message?: string }
    result?: { _meta?: Record<string, unknown>; content?: { text: string }[]; isError?: boolean }
  }
}

/** SSE frames as they arrive. Leaving the loop closes the connection. */
export async function* rawFrames({ response }: RawResponse): AsyncGenerator<RawFrame> {
  let rest = ''
  for await (const chunk of response.setEncoding('utf8')) {
    const blocks = (rest + String(chunk)).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const data = blockData(block)
      if (data !== undefined) yield { id: /^id: (.+)$/m.exec(block)?.[1] ?? null, message: JSON.parse(data) }
    }
  }
}

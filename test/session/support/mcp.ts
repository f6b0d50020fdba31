/** MCP over the Worker's own fetch, frame by frame: what a client library would hide is what these tests look at. */
import { env, SELF } from 'cloudflare:test'
import { userIdOf } from '../../../worker/auth/caller.ts'
import type { Env } from '../../../worker/env.ts'
import { blockData } from '../../support/event-block.ts'
import { runnerClient } from '../../../worker/runner/client.ts'

export interface Frame {
  id: string | null
  message: {
    id?: number
    method?: string
    params?: { message?: string }
    result?: Result
    error?: { code: number; message: string }
  }
}

interface Result {
  _meta?: Record<string, unknown>
  contents?: { text: string }[]
}

/** A request of the local user; `headers` beside those that every client sends. */
export function send(method: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return sendTo('/mcp', method, body, headers)
}

/** The same to another path. */
export function sendTo(
  path: string,
  method: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return SELF.fetch(
    new Request(`http://localhost${path}`, {
      method,
      headers: {
        host: 'localhost',
        authorization: 'Bearer session-tests',
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }),
  )
}

/** Opens a transport session of a revision of 2025 for the token's user; its headers, without the token. */
export async function openSession(token = 'session-tests', revision = '2025-11-25'): Promise<Record<string, string>> {
  const authorization = `Bearer ${token}`
  const params = { protocolVersion: revision, capabilities: {}, clientInfo: { name: 'test', version: '1' } }
  const response = await send('POST', { jsonrpc: '2.0', id: 0, method: 'initialize', params }, { authorization })
  const headers = {
    'mcp-session-id': response.headers.get('mcp-session-id') ?? '',
    'mcp-protocol-version': revision,
  }
  await response.text()
  await send('POST', { jsonrpc: '2.0', method: 'notifications/initialized' }, { ...headers, authorization })
  return headers
}

export function call(id: number, name: string, args: unknown): unknown {
  return {
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name, arguments: args, _meta: { progressToken: id } },
  }
}

/** The `_meta` that makes a request one of 2026-07-28; `capabilities` is what its client declares. */
export function modern(request: unknown, capabilities: object = {}): unknown {
  const { params, ...rest } = request as { params: { _meta?: object } }
  return {
    ...rest,
    params: {
      ...params,
      _meta: {
        ...params._meta,
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
        'io.modelcontextprotocol/clientCapabilities': capabilities,
      },
    },
  }
}

/** The headers that 2026-07-28 wants beside a request. */
export function headersOf(request: unknown): Record<string, string> {
  const { method, params } = request as { method: string; params: { name?: string; uri?: string; taskId?: string } }
  const name = params.name ?? params.uri ?? params.taskId
  return {
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': method,
    ...(name !== undefined && { 'mcp-name': name }),
  }
}

/** The answer to a request of 2026-07-28 with this token; `headers` beside those that every client sends. */
export async function ask(
  token: string,
  message: unknown,
  headers: Record<string, string> = {},
  capabilities: object = {},
): Promise<Response> {
  const own = { authorization: `Bearer ${token}`, ...headersOf(message) }
  return send('POST', modern(message, capabilities), { ...own, ...headers })
}

/** The message that a stream of one request ends with. */
export async function answer(response: Response): Promise<Frame['message']> {
  for await (const { message } of frames(response)) {
    if (message.result !== undefined || message.error !== undefined) return message
  }
  throw new Error('no answer')
}

/** The frames of an SSE response, comments left out, until it ends. */
export async function* frames(response: Response): AsyncGenerator<Frame> {
  for await (const block of blocks(response)) {
    const data = blockData(block)
    if (data !== undefined) yield { id: idOf(block), message: JSON.parse(data) }
  }
}

/** The id that a block of an SSE stream carries. */
export function idOf(block: string): string | null {
  return /^id: (.+)$/m.exec(block)?.[1] ?? null
}

/** The blocks of an SSE response as they were sent, until it ends. Leaving the loop closes the stream. */
export async function* blocks(response: Response): AsyncGenerator<string> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const whole = (rest + value).split('\n\n')
      rest = whole.pop()!
      yield* whole
    }
  } finally {
    await reader.cancel().catch(() => {
      // the object was aborted under it, which is what some tests do
    })
  }
}

/** The local user's workspace, seen from the runner's side. */
export async function workspace() {
  const { RUNNER_URL, RUNNER_TOKEN } = env as Env
  return runnerClient((request) => fetch(request), RUNNER_URL!, RUNNER_TOKEN!, await userIdOf('dev', 'local'))
}

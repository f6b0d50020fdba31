/**
 * MCP by hand, for what client libraries hide: messages of both revisions, the headers that go with them, and the frames of an answer. How
 * they travel is left to whoever sends them: through the Worker's own fetch (`session/support/mcp.ts`) or a socket (`raw-mcp.ts`).
 */

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
  content?: { text: string }[]
  contents?: { text: string }[]
  isError?: boolean
}

/** What every client sends beside a message. */
export const CLIENT_HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
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

/** What a client of a revision of 2025 begins with. */
export function initialize(revision = '2025-11-25', capabilities: object = {}, name = 'test') {
  const params = { protocolVersion: revision, capabilities, clientInfo: { name, version: '1' } }
  return { jsonrpc: '2.0', id: 0, method: 'initialize', params }
}

/** Opens a transport session of a revision of 2025; its headers. `post` sends a message and resolves to the session id of its answer. */
export async function openTransport(
  post: (message: object, headers: Record<string, string>) => Promise<string>,
  revision = '2025-11-25',
): Promise<Record<string, string>> {
  const headers = { 'mcp-session-id': await post(initialize(revision), {}), 'mcp-protocol-version': revision }
  await post({ jsonrpc: '2.0', method: 'notifications/initialized' }, headers)
  return headers
}

/** The frames of an SSE stream, comments left out, until it ends. Leaving the loop closes the stream. */
export async function* framesOf(text: AsyncIterable<string>): AsyncGenerator<Frame> {
  for await (const block of blocksOf(text)) {
    const data = blockData(block)
    if (data !== undefined) yield { id: idOf(block), message: JSON.parse(data) }
  }
}

/** The blocks of an SSE stream as they were sent. */
export async function* blocksOf(text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of text) {
    const whole = (rest + chunk).split('\n\n')
    rest = whole.pop()!
    yield* whole
  }
}

/** The id that a block carries. */
export function idOf(block: string): string | null {
  return /^id: (.+)$/m.exec(block)?.[1] ?? null
}

/**
 * The data of a block, if it has any. Only a line feed ends it here: U+2028, which JSON may hold, ends a line to patterns alone.
 */
export function blockData(block: string): string | undefined {
  const line = block.split('\n').find((each) => each.startsWith('data: '))
  return line?.slice('data: '.length) || undefined
}

/** The MCP clients that hosts embed, connected to a server: SDK v2 in both eras, and SDK v1. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { RunOutcome } from '../../worker/run/contract/outcome.ts'
import { dataOf } from './tool-result.ts'

export interface Call {
  code: string
  timeout?: number
  stdin?: string
  files?: Record<string, string>
  [argument: string]: unknown
}

export interface CallOptions {
  onProgress?: (message: string) => void
  signal?: AbortSignal
}

export interface TestClient {
  name: string
  /** The revision that was agreed on. */
  revision: string
  run(
    args: Call,
    options?: CallOptions,
  ): Promise<{ outcome: RunOutcome; text: string; content: Block[]; isError: boolean }>
  /** Any other tool. */
  call(name: string, args?: Record<string, unknown>, options?: CallOptions): Promise<ToolResult>
  /** A resource's text. */
  read(uri: string): Promise<string>
  close(): Promise<void>
}

/** One part of a result's content. */
interface Block {
  type: string
  text?: string
  data?: string
  mimeType?: string
  uri?: string
  name?: string
  size?: number
}

export interface ToolResult {
  text: string
  isError: boolean
  // oxlint-disable-next-line typescript/no-explicit-any -- what each tool answers with is what its test looks at
  structured: any
}

type Connect = (origin: string, token: string, fetchImpl?: typeof fetch) => Promise<TestClient>

const CALL_TIMEOUT_MS = 300_000

/** What a call comes to. A platform failure has no outcome; a test that then reads one fails on that. */
function shown(result: { [key: string]: unknown }) {
  const content = result['content'] as Block[]
  const [first] = content
  return {
    content,
    outcome: dataOf(result) as RunOutcome,
    text: first?.text ?? '',
    isError: result['isError'] === true,
  }
}

function answered(result: { [key: string]: unknown }): ToolResult {
  const { text, isError } = shown(result)
  return { text, isError, structured: dataOf(result) }
}

function textOf({ contents }: { contents: object[] }): string {
  const [first] = contents
  return first !== undefined && 'text' in first ? String(first.text) : ''
}

function sdk2(name: string, mode: 'legacy' | { pin: '2026-07-28' }): Connect {
  return async (origin, token, fetchImpl) => {
    const client = new Client({ name, version: '1.0.0' }, { versionNegotiation: { mode } })
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${origin}/mcp`), {
        requestInit: { headers: { authorization: `Bearer ${token}` } },
        ...(fetchImpl && { fetch: fetchImpl }),
      }),
    )
    return {
      name,
      revision: client.getNegotiatedProtocolVersion() ?? '',
      run: async (args, options = {}) =>
        shown(await client.callTool({ name: 'run_python', arguments: args }, requestOptions(options))),
      call: async (name, args = {}, options = {}) =>
        answered(await client.callTool({ name, arguments: args }, requestOptions(options))),
      read: async (uri) => textOf(await client.readResource({ uri })),
      close: () => client.close(),
    }
  }
}

function requestOptions({ onProgress, signal }: CallOptions) {
  return {
    timeout: CALL_TIMEOUT_MS,
    ...(signal && { signal }),
    ...(onProgress && { onprogress: ({ message }: { message?: string | undefined }) => onProgress(message ?? '') }),
  }
}

const sdk1: Connect = async (origin, token, fetchImpl) => {
  const client = new ClientV1({ name: 'sdk v1', version: '1.0.0' })
  const transport = new TransportV1(new URL(`${origin}/mcp`), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
    ...(fetchImpl && { fetch: fetchImpl }),
  })
  await client.connect(transport)
  return {
    name: 'sdk v1',
    revision: transport.protocolVersion ?? '',
    run: async (args, options = {}) =>
      shown(await client.callTool({ name: 'run_python', arguments: args }, undefined, requestOptions(options))),
    call: async (name, args = {}, options = {}) =>
      answered(await client.callTool({ name, arguments: args }, undefined, requestOptions(options))),
    read: async (uri) => textOf(await client.readResource({ uri })),
    close: () => client.close(),
  }
}

/** Name → how to connect, and the revision that must come out of it: a wrong route falls back to 2025 without a word. */
export const CLIENTS: Record<string, { connect: Connect; revision: string }> = {
  'sdk v2, 2026-07-28': { connect: sdk2('sdk v2 modern', { pin: '2026-07-28' }), revision: '2026-07-28' },
  'sdk v2, 2025-11-25': { connect: sdk2('sdk v2 legacy', 'legacy'), revision: '2025-11-25' },
  'sdk v1': { connect: sdk1, revision: '2025-11-25' },
}

/** A 2026-07-28 host with tasks: the SDK's client, and over it ext-tasks, which leaves the sending of what the SDK does not know to its host. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import {
  createTaskSessionFromClient,
  type CreateTaskSessionFromClientOptions,
} from '@modelcontextprotocol/ext-tasks/client'
import { headersOf } from './mcp-by-hand.ts'
import { rawFrames, rawSend, type Target } from './raw-mcp.ts'

const PROTOCOL = '2026-07-28'
const clientInfo = { name: 'tasks', version: '1.0.0' }

type RawDispatch = NonNullable<CreateTaskSessionFromClientOptions['rawDispatch']>

export interface TasksClient {
  /** ext-tasks' side: calls tools, drives their tasks. */
  session: ReturnType<typeof createTaskSessionFromClient>
  /** Every result and error that came for what ext-tasks sent, by method. */
  seen: { method: string; answer: unknown }[]
  /** Says goodbye: ext-tasks cancels what it still drives. */
  close: () => Promise<void>
  /** Goes away without a word. */
  vanish: () => Promise<void>
}

export async function connectTasksClient(target: Target): Promise<TasksClient> {
  const client = new Client(clientInfo, { versionNegotiation: { mode: { pin: PROTOCOL } } })
  const headers = { authorization: `Bearer ${target.token}` }
  await client.connect(new StreamableHTTPClientTransport(new URL(`${target.origin}/mcp`), { requestInit: { headers } }))
  const seen: TasksClient['seen'] = []
  let id = 0
  const rawDispatch: RawDispatch = async (request) => {
    const { method, params } = request as { method: string; params: { name?: string; taskId?: string } }
    const message = { jsonrpc: '2.0', id: ++id, method, params }
    for await (const { message: told } of rawFrames(await rawSend(target, 'POST', message, headersOf(message)))) {
      const { result, error } = told as { result?: never; error?: never }
      if (result === undefined && error === undefined) continue
      seen.push({ method, answer: result ?? error })
      return error === undefined ? { kind: 'result', result: result! } : { kind: 'error', error }
    }
    throw new Error(`no answer to ${method}`)
  }
  const session = createTaskSessionFromClient(client, {
    endpointId: target.origin,
    rawDispatch,
    v2RequestFraming: { protocolVersion: PROTOCOL, clientInfo, clientCapabilities: {} },
  })
  return {
    session,
    seen,
    async close() {
      await session.close()
      await client.close()
    },
    vanish: () => client.close(),
  }
}

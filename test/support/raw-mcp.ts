/** MCP by hand over a real socket: broken connections, event ids, readers that stop. */
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { CLIENT_HEADERS, type Frame, framesOf, headersOf, modern, openTransport } from './mcp-by-hand.ts'

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
        ...CLIENT_HEADERS,
        ...headers,
      },
    })
    outgoing.once('response', (response) => resolve({ response, outgoing }))
    outgoing.on('error', reject)
    outgoing.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

/** Sends a request of 2026-07-28. */
export function rawSendModern(target: Target, request: unknown): Promise<RawResponse> {
  return rawSend(target, 'POST', modern(request), headersOf(request))
}

/** Opens a transport session of 2025-11-25; the headers that belong to it. */
export async function rawSession(target: Target): Promise<Record<string, string>> {
  return openTransport(async (message, headers) => {
    const { response } = await rawSend(target, 'POST', message, headers)
    await response.toArray()
    return String(response.headers['mcp-session-id'])
  })
}

/** SSE frames as they arrive. Leaving the loop closes the connection. */
export function rawFrames({ response }: RawResponse): AsyncGenerator<Frame> {
  return framesOf(response.setEncoding('utf8'))
}

/** MCP over the Worker's own fetch, frame by frame: what a client library would hide is what these tests look at. */
import { env, SELF } from 'cloudflare:test'
import { userIdOf } from '../../../worker/auth/caller.ts'
import type { Env } from '../../../worker/env.ts'
import {
  blocksOf,
  CLIENT_HEADERS,
  type Frame,
  framesOf,
  headersOf,
  modern,
  openTransport,
} from '../../support/mcp-by-hand.ts'
import { runnerClient } from '../../../worker/runner/client.ts'

export { call, type Frame, headersOf, idOf, modern } from '../../support/mcp-by-hand.ts'

/** A request of the local user; `headers` beside those that every client sends. */
export function send(method: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return sendTo('/mcp', method, body, headers)
}

/** A request of the local user to a path. */
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
        ...CLIENT_HEADERS,
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }),
  )
}

/** Opens a transport session of a revision of 2025 for the token's user; its headers, without the token. */
export async function openSession(token = 'session-tests', revision = '2025-11-25'): Promise<Record<string, string>> {
  const authorization = `Bearer ${token}`
  return openTransport(async (message, headers) => {
    const response = await send('POST', message, { ...headers, authorization })
    await response.text()
    return response.headers.get('mcp-session-id') ?? ''
  }, revision)
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

/** The frames of an SSE response, comments left out, until it ends. Leaving the loop closes the stream. */
export function frames(response: Response): AsyncGenerator<Frame> {
  return framesOf(textOf(response))
}

/** The blocks of an SSE response as they were sent, until it ends. Leaving the loop closes the stream. */
export function blocks(response: Response): AsyncGenerator<string> {
  return blocksOf(textOf(response))
}

async function* textOf(response: Response): AsyncGenerator<string> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {
      // the object was aborted under it, which is what some tests do
    })
  }
}

/** A user's workspace, seen from the runner's side; the local user's when none is named. Files that run beside each other share that one. */
export async function workspace(user?: string) {
  const { RUNNER_URL, RUNNER_TOKEN } = env as Env
  return runnerClient((request) => fetch(request), RUNNER_URL!, RUNNER_TOKEN!, user ?? (await userIdOf('dev', 'local')))
}

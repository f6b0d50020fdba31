/** HTTP as an ill-behaved client speaks it: any path, any header, a body that stops midway, a response nobody reads. */
import { type ClientRequest, type IncomingMessage, request, type RequestOptions } from 'node:http'
import type { RunningRunner } from './runner.ts'

export interface RawRequest {
  /** Replaces the right Authorization header; null leaves it out. */
  authorization?: string | null
  headers?: Record<string, string | string[]>
  body?: string | Buffer
  /** Sends the body without a Content-Length. */
  chunked?: boolean
}

export interface Answer {
  status: number
  headers: IncomingMessage['headers']
  text: string
  /** The body as JSON; null when it is none. */
  json: unknown
}

/** Sends one request and reads the whole answer. */
export async function ask(runner: RunningRunner, method: string, path: string, raw: RawRequest = {}): Promise<Answer> {
  const outgoing = open(runner, method, path, raw)
  const response = await answerTo(outgoing)
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  return { status: response.statusCode!, headers: response.headers, text, json: parsed(text) }
}

/** Opens a connection, sends what `raw` says, and gives it back with the body unfinished when `unfinished` is set. */
export function open(
  runner: RunningRunner,
  method: string,
  path: string,
  raw: RawRequest & { unfinished?: boolean } = {},
): ClientRequest {
  const authorization = raw.authorization === undefined ? `Bearer ${runner.token}` : raw.authorization
  const body = raw.body === undefined ? undefined : Buffer.from(raw.body)
  const options: RequestOptions = {
    host: '127.0.0.1',
    port: runner.port,
    agent: false,
    method,
    path,
    headers: {
      ...(authorization !== null && { authorization }),
      ...(body !== undefined && raw.chunked !== true && { 'content-length': body.length }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...raw.headers,
    },
  }
  const outgoing = request(options)
  if (body !== undefined) outgoing.write(body)
  if (raw.unfinished !== true) outgoing.end()
  return outgoing
}

/** The head of the answer; its body is not read. */
export async function answerTo(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once('response', resolve)
    outgoing.on('error', reject)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // the caller compares with what it expects
  }
}

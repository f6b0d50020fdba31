/** What holds for every answer, whatever was asked: it comes, it is no 5xx, and a refusal says why in our own form. */
import { SELF } from 'cloudflare:test'
import { expect } from 'vitest'
import { blockData } from '../../support/mcp-by-hand.ts'
import { answer, ask, call } from './mcp.ts'
import { ORIGIN } from './oauth.ts'

/** Only what hangs takes so long. */
const HANGS_MS = 30_000

export interface Answered {
  status: number
  headers: Headers
  text: string
}

/** Asks, and reads the answer to its end; of a stream that stays open only the first block. Fails when it is none that we give. */
export async function answered(path: string, init: RequestInit, isOpen = false): Promise<Answered> {
  const asked = (async () => {
    const response = await SELF.fetch(new Request(ORIGIN + path, { redirect: 'manual', ...init }))
    const text = isOpen ? await firstBlock(response) : await response.text()
    return { status: response.status, headers: response.headers, text }
  })()
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer came')), HANGS_MS)
  })
  const found = await Promise.race([asked, late]).finally(() => clearTimeout(timer))
  expectOurs(found)
  return found
}

async function firstBlock(response: Response): Promise<string> {
  const reader = response.body!.getReader()
  const { value } = await reader.read()
  await reader.cancel()
  return new TextDecoder().decode(value)
}

function expectOurs({ status, headers, text }: Answered): void {
  expect(status, text).toBeLessThan(500)
  expect(text).not.toMatch(/\n\s+at .*\.ts:\d+|session-tests/)
  if (status < 400) return
  const type = headers.get('content-type') ?? ''
  if (type.startsWith('text/html')) {
    expect(text).toContain('Next: ')
    return
  }
  expect(type).toMatch(/^application\/json/)
  const { error, error_description: description } = JSON.parse(text)
  const words: unknown = typeof error === 'object' ? error.message : (description ?? error)
  expect(words, text).toEqual(expect.stringMatching(/\S/))
  expect((words as string).length).toBeLessThan(1_500)
}

/** The messages of an MCP answer: each is JSON-RPC, and an error has code and words. */
export function messagesOf({
  headers,
  text,
}: Answered): { id?: unknown; result?: Record<string, unknown>; error?: unknown }[] {
  if (text === '') return []
  const isStream = headers.get('content-type')?.startsWith('text/event-stream') === true
  const messages = isStream
    ? text
        .split('\n\n')
        .flatMap((block) => blockData(block) ?? [])
        .map((data) => JSON.parse(data))
    : [JSON.parse(text)].flat()
  for (const message of messages) {
    expect(message).toMatchObject({ jsonrpc: '2.0' })
    if (message.error !== undefined)
      expect(message.error).toMatchObject({ code: expect.any(Number), message: expect.stringMatching(/\S/) })
  }
  return messages
}

/** Asks a normal question after every tenth odd one: it is answered as ever. */
export function normalBetween(token: string): () => Promise<void> {
  let count = 0
  return async () => {
    count += 1
    if (count % 10 !== 1) return
    const { result } = await answer(await ask(token, call(1, 'get_learnings', { limit: 1 })))
    expect(result).toMatchObject({ content: [{ type: 'text', text: expect.any(String) }] })
    expect(result).not.toHaveProperty('isError', true)
  }
}

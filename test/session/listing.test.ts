/** What a client is offered: what it costs on the wire, and how one asks for fewer tools. */
import { abortAllDurableObjects } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { answer, call, headersOf, modern, openSession, send, sendTo } from './support/mcp.ts'
import { initialize, openTransport } from '../support/mcp-by-hand.ts'

/** Bytes of the answer to tools/list. */
const MAX_BYTES = 12_000
const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }

const bytesOf = async (response: Response) => (await response.arrayBuffer()).byteLength

test('the listing is short on the wire, in both revisions', async () => {
  const legacy = await bytesOf(await send('POST', LIST, await openSession()))
  const now = await bytesOf(await send('POST', modern(LIST), headersOf(LIST)))
  for (const bytes of [legacy, now]) {
    expect(bytes).toBeGreaterThan(5_000)
    expect(bytes).toBeLessThanOrEqual(MAX_BYTES)
  }
})

const ALL = [
  'run_python',
  'run_python_stream',
  'run_with_retry',
  'get_system_context',
  'add_learning',
  'record_semantic_failure',
  'get_learnings',
  'pip_install',
  'configure',
  'runs',
]

function sessionAt(path: string): Promise<Record<string, string>> {
  return openTransport(async (message, headers) => {
    const response = await sendTo(path, 'POST', message, headers)
    await response.text()
    return response.headers.get('mcp-session-id') ?? ''
  })
}

/** The names that are listed, and the answer to a call of each tool with arguments that all of them refuse. */
async function offered(ask: (message: unknown) => Promise<Response>) {
  const { result } = (await answer(await ask(LIST))) as { result?: { tools: { name: string }[] } }
  const callable = []
  for (const name of ALL) {
    const { error } = await answer(await ask(call(2, name, { nothing: 1 })))
    if (error === undefined) callable.push(name)
    else
      expect(error).toEqual({
        code: -32602,
        message: `Tool ${name} not found. Next: call a tool that tools/list names.`,
      })
  }
  return { listed: result?.tools.map(({ name }) => name), callable }
}

const inSession = (path: string, session: Record<string, string>) => (message: unknown) =>
  sendTo(path, 'POST', message, session)
const now = (path: string) => (message: unknown) => sendTo(path, 'POST', modern(message), headersOf(message))

test.each([
  ['/mcp', ALL],
  ['/mcp?tools=run_python,runs', ['run_python', 'runs']],
  ['/mcp?tools=runs&tools=run_python', ['run_python', 'runs']],
  ['/mcp?tools=%20runs%20,,runs,', ['runs']],
  [`/mcp?tools=${ALL.join(',')}`, ALL],
])('%s offers a client these tools and no others, in both revisions', async (path, names) => {
  const expected = { listed: names, callable: names }
  expect(await offered(now(path))).toEqual(expected)
  expect(await offered(inSession(path, await sessionAt(path)))).toEqual(expected)
})

test('a session keeps the tools that it was opened with, whatever is asked later and through an eviction', async () => {
  const [few, all] = [await sessionAt('/mcp?tools=run_python'), await sessionAt('/mcp')]
  for (const path of ['/mcp', '/mcp?tools=runs,configure']) {
    expect((await offered(inSession(path, few))).callable).toEqual(['run_python'])
    await abortAllDurableObjects()
    expect((await offered(inSession(path, few))).listed).toEqual(['run_python'])
    expect((await offered(inSession(path, all))).listed).toEqual(ALL)
  }
})

test.each([
  ['/mcp?tools=run_pyton', '?tools= names "run_pyton", which is no tool.'],
  ['/mcp?tools=run_python,RUNS,toString', '?tools= names "RUNS", "toString", which is no tool.'],
  ['/mcp?tools=', '?tools= names no tool.'],
  ['/mcp?tools=,', '?tools= names no tool.'],
])('%s is refused with the list of tools', async (path, words) => {
  const message = `${words} Next: name some of ${ALL.join(', ')}, or leave it out for all.`
  const session = await openSession()
  for (const response of [
    await now(path)(LIST),
    await sendTo(path, 'POST', initialize()),
    await inSession(path, session)(LIST),
  ]) {
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ jsonrpc: '2.0', id: null, error: { code: -32602, message } })
  }
})

test('a refusal of tools repeats little of what was asked', async () => {
  const response = await sendTo(`/mcp?tools=${'x'.repeat(4_000)},${'y,'.repeat(500)}`, 'POST', initialize())
  const { error } = await response.json<{ error: { message: string } }>()
  expect(error.message.length).toBeLessThan(500)
})

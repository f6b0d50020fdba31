/** Clients that do not ask for a stream of events, curl and plain fetch among them, get an answer that they can read: JSON. */
import { SELF } from 'cloudflare:test'
import { expect, test, vi } from 'vitest'
import { dataOf } from '../support/tool-result.ts'
import { call, headersOf, modern, openSession, send, sendTo } from './support/mcp.ts'
import { initialize } from '../support/mcp-by-hand.ts'

const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }
const session = await openSession()

/** With this Accept, or with none. */
function posted(accept: string | null, message: unknown, headers: Record<string, string>): Promise<Response> {
  const sent = { host: 'localhost', authorization: 'Bearer session-tests', 'content-type': 'application/json' }
  const all = { ...sent, ...headers, ...(accept !== null && { accept }) }
  return SELF.fetch(
    new Request('http://localhost/mcp', { method: 'POST', headers: all, body: JSON.stringify(message) }),
  )
}

const in2025 = (accept: string | null, message: unknown) => posted(accept, message, session)
const in2026 = (accept: string | null, message: unknown) => posted(accept, modern(message), headersOf(message))

const REVISIONS = [
  ['2025-11-25', in2025],
  ['2026-07-28', in2026],
] as const
const PLAIN = [
  null,
  '',
  '*/*',
  'application/json',
  'application/*',
  'text/html, */*;q=0.8',
  'application/json, text/event-stream;q=0',
  'Application/JSON;q=0.5',
]

for (const [revision, post] of REVISIONS) {
  test.each(PLAIN)(`${revision}: Accept “%s” gets JSON`, async (accept) => {
    const response = await post(accept, LIST)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
    const { id, result } = await response.json<{ id: number; result: { tools: { name: string }[] } }>()
    expect(id).toBe(1)
    expect(result.tools.map(({ name }) => name)).toContain('run_python')
  })

  test.each(['application/json, text/event-stream', 'text/event-stream, application/json', '*/*, text/event-stream'])(
    `${revision}: Accept “%s” gets events`,
    async (accept) => {
      const response = await post(accept, LIST)
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
      expect(await response.text()).toContain('data: {')
    },
  )

  test(`${revision}: a program's whole outcome comes as one JSON value, behind blanks`, async () => {
    const code = 'import time\nfor n in range(3): print(n, "ü", flush=True); time.sleep(0.6)\n1/0'
    const text = await (await post('*/*', call(7, 'run_python', { code }))).text()
    expect(text).toMatch(/^ +\{/)
    const { id, result } = JSON.parse(text) as { id: number; result: { isError: boolean } }
    expect([id, result.isError]).toEqual([7, true])
    expect(dataOf(result)).toMatchObject({ status: 'error', stdout: '0 ü\n1 ü\n2 ü\n' })
  })

  test(`${revision}: characters that end lines elsewhere end no JSON`, async () => {
    const code = String.raw`print("a\u2028b\u2029c")`
    const { result } = await (await post('*/*', call(7, 'run_python', { code }))).json<{ result: object }>()
    expect(dataOf(result)).toMatchObject({ stdout: 'a\u2028b\u2029c\n' })
  })

  test(`${revision}: what is refused is refused as always`, async () => {
    const unknown = await post('*/*', { jsonrpc: '2.0', id: 3, method: 'nothing/such', params: {} })
    expect(await unknown.json()).toMatchObject({ id: 3, error: { code: -32601 } })
    expect(
      (
        await post('*/*', {
          jsonrpc: '2.0',
          method: 'notifications/progress',
          params: { progressToken: 1, progress: 1 },
        })
      ).status,
    ).toBe(202)
  })
}

test('a client that has gone is noticed, and its program of 2026-07-28 ends', async () => {
  const code = 'import time\nprint("begun", flush=True)\ntime.sleep(300)'
  const message = call(1, 'run_python', { code, description: 'left alone', timeout: 600 })
  const reader = (await in2026('*/*', message)).body!.getReader()
  await reader.read()
  const runs = async () => {
    const { runs } = await (await sendTo('/runs', 'GET')).json<{ runs: { objective: string; status: string }[] }>()
    return runs.filter(({ objective }) => objective === 'left alone').map(({ status }) => status)
  }
  await vi.waitFor(async () => expect(await runs()).toEqual(['running']), { timeout: 30_000 })
  await reader.cancel()
  await vi.waitFor(async () => expect(await runs()).toEqual(['cancelled']), { timeout: 30_000 })
})

test('a request that is cancelled ends with an error, as JSON', async () => {
  const code = 'import time\nprint("begun", flush=True)\ntime.sleep(300)'
  const response = await in2025('*/*', call(21, 'run_python', { code, timeout: 600 }))
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = (await reader.read()).value ?? ''
  await send('POST', { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 21 } }, session)
  for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value
  expect(JSON.parse(text)).toMatchObject({ id: null, error: { message: expect.stringContaining('Next: ') } })
})

test('a batch gets an array', async () => {
  const old = await openSession(undefined, '2025-03-26')
  const batch = [call(1, 'run_python', { code: 'print(1)' }), { ...LIST, id: 2 }]
  const answers = await (await posted('*/*', batch, old)).json<{ id: number }[]>()
  expect(new Set(answers.map(({ id }) => id))).toEqual(new Set([1, 2]))
})

test('the whole of a session by curl: initialize, a program, the end', async () => {
  const opened = await posted('*/*', initialize('2025-11-25', {}, 'curl'), {})
  expect(await opened.json()).toMatchObject({ id: 0, result: { serverInfo: { name: 'mcp-code-mode' } } })
  const own = { 'mcp-session-id': opened.headers.get('mcp-session-id')!, 'mcp-protocol-version': '2025-11-25' }
  const ran = await posted('*/*', call(1, 'run_python', { code: 'print(6 * 7)' }), own)
  expect(await ran.json()).toMatchObject({ result: { content: [{ text: expect.stringContaining('42') }] } })
})

test('a listening stream stays one', async () => {
  const listen = {
    jsonrpc: '2.0',
    id: 1,
    method: 'subscriptions/listen',
    params: { notifications: { toolsListChanged: true } },
  }
  const response = await in2026('*/*', listen)
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  await response.body!.cancel()
})

/** A `_meta` that is none: -32602, which key is wrong and what it must be, for clients of both revisions. */
import { SELF } from 'cloudflare:test'
import { beforeAll, expect, test } from 'vitest'
import { CLIENT_HEADERS } from '../support/mcp-by-hand.ts'
import { answer, openSession, send } from './support/mcp.ts'

const session: Record<string, string> = {}
beforeAll(async () => {
  Object.assign(session, await openSession())
})

const P = 'io.modelcontextprotocol/'
const noObject = ': it is no object. Next: give an object, such as {"progressToken": 1}.'
const noToken = '.progressToken: it is no token. Next: give a text or a whole number, or leave it out.'
const both: [meta: unknown, words: string][] = [
  ...[5, 'x', [], null].map((meta): [unknown, string] => [meta, noObject]),
  ...[{}, 1.5, null, true].map((progressToken): [unknown, string] => [{ progressToken }, noToken]),
  [
    { [`${P}related-task`]: 5 },
    `.${P}related-task: 5 is not valid. Next: give an object, such as {"name": "text"}, or leave it out.`,
  ],
  [{ [`${P}related-task`]: { taskId: 5 } }, `.${P}related-task.taskId: 5 is not valid. Next: give a text.`],
]
const whole = {
  [`${P}protocolVersion`]: '2026-07-28',
  [`${P}clientInfo`]: { name: 'test', version: '1' },
  [`${P}clientCapabilities`]: {},
}
const only2026: typeof both = [
  [{ [`${P}protocolVersion`]: 5 }, `.${P}protocolVersion: 5 is not valid. Next: give a text.`],
  [
    { [`${P}clientInfo`]: 5 },
    `.${P}clientInfo: 5 is not valid. Next: give an object, such as {"name": "text"}, or leave it out.`,
  ],
  [{ [`${P}clientInfo`]: { name: 'x', version: 1 } }, `.${P}clientInfo.version: 1 is not valid. Next: give a text.`],
  [{ [`${P}clientCapabilities`]: 'x' }, `.${P}clientCapabilities: it is no object. Next: give an object, such as {}.`],
  [
    { [`${P}clientCapabilities`]: { extensions: [] } },
    `.${P}clientCapabilities.extensions: a list is not valid. Next: give an object, such as {"name": "text"}, or leave it out.`,
  ],
  [
    { [`${P}logLevel`]: 'loud' },
    `.${P}logLevel: "loud" is not valid. Next: give one of "debug", "info", "notice", "warning", "error", "critical", "alert", "emergency", or leave it out.`,
  ],
]
const METHODS = ['ping', 'tools/list', 'tools/call', 'resources/read', 'prompts/get', 'no/such']

test.each(both)('_meta %j in a session', async (_meta, words) => {
  for (const method of METHODS) {
    const response = await send('POST', { jsonrpc: '2.0', id: 7, method, params: { _meta } }, session)
    expect([response.status, await response.json()]).toEqual([200, refused(7, method, words)])
  }
})

test.each([...both, ...only2026])('_meta %j in a request of 2026-07-28', async (meta, words) => {
  const isWhole = typeof meta === 'object' && meta !== null && !Array.isArray(meta)
  const _meta = isWhole ? { ...whole, ...meta } : meta
  for (const method of [...METHODS, 'server/discover', 'subscriptions/listen', 'tasks/get']) {
    const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method }
    const response = await send('POST', { jsonrpc: '2.0', id: 'a', method, params: { _meta } }, headers)
    expect([response.status, await response.json()]).toEqual([400, refused('a', method, words)])
  }
})

test('one of a notification or of a batch is refused without an id', async () => {
  const wrong = { jsonrpc: '2.0', method: 'notifications/progress', params: { _meta: 5 } }
  const told = await send('POST', wrong, session)
  expect([told.status, await told.json()]).toEqual([400, refused(null, wrong.method, noObject)])
  const old = await openSession(undefined, '2025-03-26')
  const batch = [
    { jsonrpc: '2.0', id: 1, method: 'tools/list' },
    { jsonrpc: '2.0', id: 2, method: 'ping', params: { _meta: { progressToken: {} } } },
  ]
  const response = await send('POST', batch, old)
  expect([response.status, await response.json()]).toEqual([400, refused(null, 'ping', noToken)])
})

test('what a client alone knows stays its own, and so do tokens of both kinds', async () => {
  for (const progressToken of [0, -1, '', 'x']) {
    const params = { _meta: { progressToken, 'example.com/x': [5], traceparent: 5 } }
    const response = await send('POST', { jsonrpc: '2.0', id: 7, method: 'ping', params }, session)
    expect(await answer(response)).toEqual({ jsonrpc: '2.0', id: 7, result: {} })
  }
})

test('a name that is written with an escape is the same name', async () => {
  const body = `{"jsonrpc":"2.0","id":7,"method":"ping","params":{"\\u005fmeta":5}}`
  const authorization = 'Bearer session-tests'
  const headers = { host: 'localhost', authorization, ...CLIENT_HEADERS, ...session }
  const response = await SELF.fetch('http://localhost/mcp', { method: 'POST', headers, body })
  expect([response.status, await response.json()]).toEqual([200, refused(7, 'ping', noObject)])
})

function refused(id: unknown, method: string, words: string) {
  return { jsonrpc: '2.0', id, error: { code: -32602, message: `Invalid params of ${method}. _meta${words}` } }
}

/** Texts around what a message is about: one that is too long is refused with the limit and the next step, before anything uses it. */
import { beforeAll, expect, test } from 'vitest'
import { MAX_TEXT_CHARS } from '../../worker/session/lanes/message-bounds.ts'
import { answer, ask, openSession, send } from './support/mcp.ts'
import { userToken } from './support/users.ts'
import { dataOf } from '../support/tool-result.ts'

const LONG = 'x'.repeat(100_000)
const TOO_LONG = { code: -32602, message: expect.stringMatching(/^\S+ has 1000\d\d characters, more than .*Next: /) }

const session: Record<string, string> = {}
beforeAll(async () => {
  const token = await userToken('Bounds')
  Object.assign(session, await openSession(token), { authorization: `Bearer ${token}` })
})

const asked: [string, string, object][] = [
  ['the address of a resource', 'resources/read', { uri: `codemode://files/${LONG}` }],
  ['the address of a subscription', 'resources/subscribe', { uri: `codemode://files/${LONG}` }],
  ['the name of a tool', 'tools/call', { name: LONG, arguments: {} }],
  ['the name of a prompt', 'prompts/get', { name: LONG }],
  ['what is to be completed', 'completion/complete', completion(LONG)],
  ['a cursor', 'resources/list', { cursor: LONG }],
  ['a progress token', 'tools/call', { name: 'get_learnings', arguments: {}, _meta: { progressToken: LONG } }],
  ['what only the client knows', 'tools/list', { _meta: { 'example.com/mark': [[LONG]] } }],
]

function completion(value: string) {
  return { ref: { type: 'ref/resource', uri: 'codemode://files/{+path}' }, argument: { name: 'path', value } }
}

test.each(asked)('%s is bounded in a session', async (_, method, params) => {
  const response = await send('POST', { jsonrpc: '2.0', id: 7, method, params }, session)
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({ jsonrpc: '2.0', id: 7, error: TOO_LONG })
})

test('a request of 2026-07-28 is refused as a bad one', async () => {
  const message = { jsonrpc: '2.0', id: 7, method: 'tools/list', params: { cursor: LONG } }
  const response = await ask(await userToken('Bounds'), message)
  expect(response.status).toBe(400)
  expect(await response.json()).toEqual({ jsonrpc: '2.0', id: 7, error: TOO_LONG })
})

test('an id that is too long is not repeated, and neither is that of a batch', async () => {
  const call = { jsonrpc: '2.0', method: 'tools/list' }
  for (const body of [
    { ...call, id: LONG },
    [
      { ...call, id: 1 },
      { ...call, id: LONG },
    ],
  ]) {
    const response = await send('POST', body, session)
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ jsonrpc: '2.0', id: null, error: TOO_LONG })
  }
})

test('what is as long as it may be is answered', async () => {
  const uri = `codemode://files/${'x'.repeat(MAX_TEXT_CHARS - 'codemode://files/'.length)}`
  const message = { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri } }
  const { error } = await answer(await send('POST', message, session))
  expect(error?.message).toMatch(/more than the 4000 that a file's may have. Next: /)
})

test('arguments have bounds of their own', async () => {
  const arguments_ = { code: `print(${'1 + '.repeat(30_000)}1)` }
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'run_python', arguments: arguments_ } }
  const { result, error } = await answer(await send('POST', call, session))
  expect(error).toBeUndefined()
  expect(dataOf(result)?.status).toBeDefined()
})

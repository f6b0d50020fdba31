/** Messages of MCP that are nearly right, in both revisions. */
import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { FUZZ_PATIENCE_MS, inputs, sayTheSeed } from '../../support/fuzz.ts'
import { oddBody, oddJson, oddMessage, oddText } from '../../support/odd-values.ts'
import { answered, normalBetween, messagesOf } from '../support/fuzzed.ts'
import { ask, answer, call, headersOf, modern, openSession } from '../support/mcp.ts'
import { userToken } from '../support/users.ts'
import { CALLS } from '../../support/tool-calls.ts'

const request = (method: string, params: object = {}) => ({ jsonrpc: '2.0', id: 1, method, params })

const MESSAGES = [
  request('ping'),
  request('tools/list', { cursor: '1' }),
  request('tools/call', { name: 'get_learnings', arguments: { search: 'x', limit: 3 }, _meta: { progressToken: 1 } }),
  request('tools/call', { name: 'runs', arguments: { action: 'list' } }),
  request('resources/list'),
  request('resources/templates/list'),
  request('resources/read', { uri: 'codemode://config' }),
  request('resources/read', { uri: 'codemode://files/a.txt' }),
  request('prompts/list'),
  request('prompts/get', { name: 'explain_run', arguments: { run_id: 'r_0123456789abcdef' } }),
  request('completion/complete', {
    ref: { type: 'ref/resource', uri: 'codemode://runs/{id}' },
    argument: { name: 'id', value: 'r' },
    context: { arguments: {} },
  }),
  request('completion/complete', {
    ref: { type: 'ref/prompt', name: 'explain_run' },
    argument: { name: 'run_id', value: '' },
  }),
  request('logging/setLevel', { level: 'debug' }),
  { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1, reason: 'x' } },
  { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } },
  { jsonrpc: '2.0', id: 1, result: {} },
  { jsonrpc: '2.0', id: 1, error: { code: 1, message: 'x' } },
]
const ONLY_2025 = [
  request('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } }),
  request('resources/subscribe', { uri: 'codemode://learnings' }),
  request('resources/unsubscribe', { uri: 'codemode://learnings' }),
  { jsonrpc: '2.0', method: 'notifications/initialized' },
]
const ONLY_2026 = [
  request('server/discover'),
  request('tasks/get', { taskId: 'r_0123456789abcdef' }),
  request('tasks/cancel', { taskId: 'r_0123456789abcdef' }),
  request('tasks/update', { taskId: 'r_0123456789abcdef', inputResponses: {} }),
].map((message) => modern(message))

const JSON_HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  host: 'localhost',
}

let token: string
let normal: () => Promise<void>
let session: Record<string, string>
beforeAll(async () => {
  sayTheSeed()
  token = await userToken(crypto.randomUUID())
  normal = normalBetween(token)
  session = await openSession(token)
})

async function send(body: string, headers: Record<string, string>): Promise<void> {
  const init = { method: 'POST', body, headers: { ...JSON_HEADERS, authorization: `Bearer ${token}`, ...headers } }
  messagesOf(await answered('/mcp', init))
  await normal()
}

test('odd messages of 2025', { timeout: FUZZ_PATIENCE_MS }, async () => {
  const messages = oddMessage([...MESSAGES, ...ONLY_2025])
  const body = oddBody(
    fc.oneof({ weight: 5, arbitrary: messages }, { weight: 1, arbitrary: fc.array(messages, { maxLength: 3 }) }),
  )
  await fc.assert(
    fc.asyncProperty(body, (text) => send(text, session)),
    inputs(400),
  )
})

test('odd messages of 2026', { timeout: FUZZ_PATIENCE_MS }, async () => {
  const whole = [...MESSAGES.filter((message) => 'params' in message).map((message) => modern(message)), ...ONLY_2026]
  const sent = fc.tuple(fc.nat(whole.length - 1), fc.boolean()).chain(([which, isNamed]) => {
    const headers = isNamed ? headersOf(whole[which]) : { 'mcp-protocol-version': '2026-07-28' }
    return fc.tuple(oddBody(oddMessage([whole[which]])), fc.constant(headers))
  })
  await fc.assert(
    fc.asyncProperty(sent, ([text, headers]) => send(text, headers)),
    inputs(400),
  )
})

/** What each tool takes, by its schema, with values that do little. */
const ARGUMENTS: Record<string, Record<string, unknown>> = {
  run_python: {
    code: '1',
    description: 'x',
    timeout: 5,
    auto_install: false,
    files: { 'a.txt': 'x' },
    stdin: 'x',
    env: { A: '1' },
    show_last: false,
    background: true,
  },
  run_python_stream: { code: '1', description: 'x', timeout: 5 },
  run_with_retry: { code: '1', description: 'x', max_retries: 1, timeout: 5 },
  add_learning: { error_pattern: 'x', solution: 'y', context: 'z', tags: ['a'] },
  record_semantic_failure: {
    objective: 'x',
    failed_approach: 'y',
    successful_approach: 'z',
    context: 'c',
    tags: ['a'],
  },
  get_learnings: { search: 'x', kind: 'error', limit: 3 },
  pip_install: { package_name: '' },
  configure: { action: 'set', key: 'default_timeout', value: '5' },
  runs: {
    action: 'list',
    run_id: 'r_0123456789abcdef',
    wait_s: 0,
    from_line: 1,
    search: 'x',
    status: 'error',
    before: 'r_fedcba9876543210',
    limit: 3,
  },
  get_system_context: {},
}

test('every tool is among them with all that it takes', () => {
  const names = (of: Record<string, object>) =>
    Object.fromEntries(Object.entries(of).map(([name, args]) => [name, Object.keys(args).toSorted()]))
  expect(names(ARGUMENTS)).toEqual(names(CALLS))
})

test('odd arguments of every tool', { timeout: FUZZ_PATIENCE_MS }, async () => {
  const tool = fc.constantFrom(...Object.keys(ARGUMENTS))
  const args = tool.chain((name) => {
    const known = Object.keys(ARGUMENTS[name]!)
    const key =
      known.length > 0
        ? fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: oddText })
        : oddText
    // An odd program or package would be run or looked for: what those become is asked elsewhere.
    const values = fc
      .array(fc.tuple(key, oddJson), { maxLength: 3 })
      .map((pairs) => Object.fromEntries(pairs.filter(([each]) => each !== 'code' && each !== 'package_name')))
    return fc.tuple(fc.constant(name), values, fc.subarray(known))
  })
  await fc.assert(
    fc.asyncProperty(args, async ([name, odd, left]) => {
      const given = Object.fromEntries(Object.entries(ARGUMENTS[name]!).filter(([key]) => !left.includes(key)))
      const { result, error } = await answer(await ask(token, call(1, name, { ...given, ...odd })))
      expect(error ?? result).toBeDefined()
      if (error !== undefined)
        expect(error).toMatchObject({ code: expect.any(Number), message: expect.stringMatching(/\S/) })
      await normal()
    }),
    inputs(400),
  )
})

/** Params that a method does not take: -32602, what is wrong and the next step, for clients of both revisions. */
import { beforeAll, expect, test } from 'vitest'
import { answer, ask, openSession, send, workspace } from './support/mcp.ts'

const session: Record<string, string> = {}
beforeAll(async () => {
  Object.assign(session, await openSession())
})

const text = 'it is missing. Next: give a text.'
const list = (method: string): [string, object, string] => [
  method,
  { cursor: 5 },
  'cursor: 5 is not valid. Next: give a text, or leave it out.',
]
const ref = { type: 'ref/prompt', name: 'solve_in_python' }
const argument = { name: 'task', value: 'x' }

const both: [method: string, params: object, words: string][] = [
  list('tools/list'),
  list('resources/list'),
  list('resources/templates/list'),
  list('prompts/list'),
  ['tools/call', {}, `name: ${text}`],
  [
    'tools/call',
    { name: 'get_learnings', arguments: [] },
    'arguments: a list is not valid. Next: give an object, such as {"name": "text"}, or leave it out.',
  ],
  ['resources/read', {}, `uri: ${text}`],
  ['resources/read', { uri: null }, `uri: ${text}`],
  ['resources/read', { uri: {} }, 'uri: an object is not valid. Next: give a text.'],
  ['prompts/get', {}, `name: ${text}`],
  [
    'prompts/get',
    { name: 'solve_in_python', arguments: { task: 5 } },
    'arguments.task: 5 is not valid. Next: give a text.',
  ],
  [
    'completion/complete',
    {},
    'ref: it is no reference. Next: give {"type": "ref/prompt", "name": …} or {"type": "ref/resource", "uri": …}. argument: it is no argument. Next: give {"name": …, "value": …}.',
  ],
  [
    'completion/complete',
    { ref: { type: 'ref/tool' }, argument },
    'ref.type: "ref/tool" is not valid. Next: give one of "ref/prompt", "ref/resource".',
  ],
  [
    'completion/complete',
    { ref: { type: 'ref/resource', name: 'x' }, argument },
    'ref: it names nothing. Next: give a ref/prompt its name, or a ref/resource its uri.',
  ],
  [
    'completion/complete',
    { ref, argument: { name: 'task', value: 5 } },
    'argument.value: 5 is not valid. Next: give a text.',
  ],
]
const only2025 = ['resources/subscribe', 'resources/unsubscribe'].flatMap((method): typeof both => [
  [method, {}, `uri: ${text}`],
  [method, { uri: 5 }, 'uri: 5 is not valid. Next: give a text.'],
])
const flags = ['toolsListChanged', 'promptsListChanged', 'resourcesListChanged']
const listening: [notifications: unknown, words: string][] = [
  ...[undefined, null, 5, []].map((notifications): [unknown, string] => [
    notifications,
    'it says nothing to listen for. Next: give an object, such as {"resourcesListChanged": true}.',
  ]),
  ...flags.map((flag): [unknown, string] => [
    { [flag]: 5 },
    `${flag}: 5 is not valid. Next: give true or false, or leave it out.`,
  ]),
  ...['resourceSubscriptions', 'taskIds'].flatMap((list): [unknown, string][] => [
    [{ [list]: 'x' }, `${list}: "x" is not valid. Next: give a list, or leave it out.`],
    [{ [list]: ['x', 5] }, `${list}.1: 5 is not valid. Next: give a text.`],
  ]),
]
const only2026 = ['tasks/get', 'tasks/update', 'tasks/cancel'].map((method): [string, object, string] => [
  method,
  {},
  `taskId: ${text}`,
])

test.each([...both, ...only2025])('%s with %j in a session', async (method, params, words) => {
  const response = await send('POST', { jsonrpc: '2.0', id: 7, method, params }, session)
  expect(await answer(response)).toEqual(refused(method, words))
})

test.each([...both, ...only2026])('%s with %j in a request of 2026-07-28', async (method, params, words) => {
  // A header can only repeat a text.
  const headers = { 'mcp-name': 'x' }
  const tasks = { extensions: { 'io.modelcontextprotocol/tasks': {} } }
  const named = Object.values(params).some((value) => typeof value === 'string')
  const response = await ask('session-tests', { jsonrpc: '2.0', id: 7, method, params }, named ? {} : headers, tasks)
  expect(await answer(response)).toEqual(refused(method, words))
})

test.each(listening)('subscriptions/listen for %j', async (notifications, words) => {
  const response = await ask('session-tests', {
    jsonrpc: '2.0',
    id: 7,
    method: 'subscriptions/listen',
    params: { notifications },
  })
  const path = `notifications${words.startsWith('it ') ? ': ' : '.'}`
  expect([response.status, await response.json()]).toEqual([200, refused('subscriptions/listen', path + words)])
})

test('no params at all are wrong where some are needed', async () => {
  const response = await send('POST', { jsonrpc: '2.0', id: 7, method: 'resources/read' }, session)
  expect(await answer(response)).toEqual(refused('resources/read', `uri: ${text}`))
})

test('arguments that scopes cannot be judged by are not understood either', async () => {
  const code = "open('unscoped', 'w')"
  for (const arguments_ of [null, JSON.stringify({ code }), [{ code }]]) {
    const request = {
      jsonrpc: '2.0',
      id: 7,
      method: 'tools/call',
      params: { name: 'run_python', arguments: arguments_ },
    }
    for (const response of [await send('POST', request, session), await ask('session-tests', request)]) {
      expect((await answer(response)).error).toMatchObject({
        code: -32602,
        message: expect.stringMatching(/^Invalid params of tools\/call\. arguments: .*Next: give an object/),
      })
    }
  }
  expect((await (await workspace()).listFiles()).files.map(({ path }) => path)).not.toContain('unscoped')
})

test.each([
  ['tools/call', { name: 'no' }, 'Tool no not found. Next: call a tool that tools/list names.'],
  ['prompts/get', { name: 'no' }, 'Prompt no not found. Next: name a prompt that prompts/list has.'],
  [
    'prompts/get',
    { name: 'solve_in_python' },
    'Invalid arguments for prompt solve_in_python: task: it is missing. Next: give a text.',
  ],
  [
    'resources/read',
    { uri: 'codemode://no' },
    'Resource not found: codemode://no. Next: read what resources/list names, or what fits a template of resources/templates/list.',
  ],
  [
    'resources/read',
    { uri: 'no' },
    'Resource URI no is invalid. Next: read what resources/list names, or what fits a template of resources/templates/list.',
  ],
  [
    'completion/complete',
    { ref: { type: 'ref/prompt', name: 'no' }, argument },
    'Prompt no not found. Next: name a prompt that prompts/list has, or a template that resources/templates/list has.',
  ],
])('%s of what is not there: %j', async (method, params, message) => {
  const request = { jsonrpc: '2.0', id: 7, method, params }
  for (const response of [await send('POST', request, session), await ask('session-tests', request)]) {
    expect((await answer(response)).error).toMatchObject({ code: -32602, message })
  }
})

test('one wrong request of a batch leaves the others as they are', async () => {
  const old = await openSession(undefined, '2025-03-26')
  const body = [
    { jsonrpc: '2.0', id: 1, method: 'resources/read', params: {} },
    { jsonrpc: '2.0', id: 2, method: 'prompts/list' },
  ]
  const told = await (await send('POST', body, old)).text()
  const data = [...told.matchAll(/^data: (\{.*)$/gm)].map(([, json]) => JSON.parse(json!))
  const shown = data.map(({ id, error }) => [id, error?.message ?? 'answered'])
  expect(shown.toSorted(([a], [b]) => a - b)).toEqual([
    [1, `Invalid params of resources/read. uri: ${text}`],
    [2, 'answered'],
  ])
})

function refused(method: string, words: string) {
  return { jsonrpc: '2.0', id: 7, error: { code: -32602, message: `Invalid params of ${method}. ${words}` } }
}

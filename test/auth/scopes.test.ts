/** What each request needs, and that no tool was forgotten. */
import { expect, test } from 'vitest'
import { scopesOfMessage } from '../../worker/auth/scopes.ts'
import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import type { Caller } from '../../worker/mcp/caller.ts'
import { createServer } from '../../worker/mcp/server.ts'

const call = (name: string, args?: unknown) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name, ...(args !== undefined && { arguments: args }) },
})

test.each([
  ['run_python', { code: 'x' }, ['python:run']],
  ['run_python_stream', { code: 'x' }, ['python:run']],
  ['run_with_retry', { code: 'x' }, ['python:run']],
  ['pip_install', { package_name: 'x' }, ['python:run']],
  ['add_learning', {}, ['learnings:write']],
  ['record_semantic_failure', {}, ['learnings:write']],
  ['get_learnings', {}, []],
  ['get_system_context', undefined, []],
  ['configure', undefined, []],
  ['configure', {}, []],
  ['configure', { action: 'view' }, []],
  ['configure', { action: null, key: null }, []],
  ['configure', { action: 'null' }, ['settings:write']],
  ['configure', { action: 'set', key: 'max_retries', value: '1' }, ['settings:write']],
  ['configure', { action: 'reset' }, ['settings:write']],
  ['configure', { action: 'reset', key: 'workspace', value: 'yes' }, ['settings:write', 'python:run']],
  ['configure', { action: 'SET' }, ['settings:write']],
  ['runs', {}, []],
  ['runs', { action: null }, []],
  ['runs', { action: 'list' }, []],
  ['runs', { action: 'wait', run_id: 'x' }, []],
  ['runs', { action: 'output', run_id: 'x' }, []],
  ['runs', { action: ['wait'] }, ['python:run']],
  ['runs', { action: 'cancel', run_id: 'x' }, ['python:run']],
  ['runs', { action: ['cancel'] }, ['python:run']],
  ['toString', {}, []],
  ['__proto__', {}, []],
])('%s %o needs %o', (name, args, needed) => {
  expect(scopesOfMessage(call(name, args))).toEqual(needed)
})

test('a batch needs what its messages need', () => {
  expect(scopesOfMessage([call('run_python', {}), call('add_learning', {}), call('run_python', {})])).toEqual([
    'python:run',
    'learnings:write',
  ])
})

test.each([null, 1, 'x', [], [[]], {}, { method: 1 }, { method: 'tools/call' }, { method: 'tools/call', params: 1 }])(
  '%o needs nothing, as it will be refused for what it is',
  (message) => {
    expect(scopesOfMessage(message)).toEqual([])
  },
)

test('lists in lists need nothing, however deep', () => {
  expect(scopesOfMessage(JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)))).toEqual([])
  expect(scopesOfMessage([[call('run_python', {})]])).toEqual([])
})

test('ending a task ends a run', () => {
  expect(scopesOfMessage({ method: 'tasks/cancel', params: { taskId: 'x' } })).toEqual(['python:run'])
  expect(scopesOfMessage({ method: 'tasks/get', params: { taskId: 'x' } })).toEqual([])
})

test('a tool that needs no scope says that it only reads', async () => {
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  const client = new Client({ name: 'test', version: '1' })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the list of tools asks nothing of the session
  await Promise.all([createServer({} as Caller, false).connect(theirs), client.connect(ours)])
  const { tools } = await client.listTools()
  expect(tools.length).toBeGreaterThan(0)
  for (const { name, annotations } of tools) {
    // The most that it can be asked for.
    const needed = scopesOfMessage(call(name, { action: 'set' }))
    expect(needed.length > 0, name).toBe(annotations?.readOnlyHint !== true)
  }
})

/** The `configure` tool through a real client, over settings kept in memory. */
import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import { McpServer } from '@modelcontextprotocol/server'
import { beforeEach, expect, test } from 'vitest'
import type { SettingsCaller } from '../../worker/mcp/caller.ts'
import { registerConfigure } from '../../worker/mcp/tools/configure.ts'
import { RunnerError } from '../../worker/run/contract/errors.ts'
import type { ShownSetting } from '../../worker/settings/facts.ts'
import { SETTING_KEYS, type SettingKey, type SettingValue } from '../../worker/settings/settings.ts'
import { ACCEPTED, HERE, REFUSED } from '../fixtures/settings.ts'
import { dataOf } from '../support/tool-result.ts'

interface Result {
  isError?: boolean
  content: { text: string }[]
  data?: { message: string; settings: ShownSetting[] }
}

const changed = new Map<SettingKey, SettingValue>()
let emptied = 0
let failure: Error | undefined
const caller: SettingsCaller = {
  changedSettings: () => changed,
  setSetting: (key, value) => void changed.set(key, value),
  resetSetting: (key) => void changed.delete(key),
  resetSettings: () => changed.clear(),
  capabilities: () => HERE,
  resetWorkspace: async () => {
    if (failure) throw failure
    emptied++
    return { files: 3, packages: 2 }
  },
}
beforeEach(() => {
  changed.clear()
  emptied = 0
  failure = undefined
})

async function connected() {
  const server = new McpServer({ name: 'settings', version: '1' })
  registerConfigure(server, caller)
  const client = new Client({ name: 'test', version: '1' })
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  await Promise.all([server.connect(theirs), client.connect(ours)])
  return client
}

async function configure(args: Record<string, unknown>): Promise<Result> {
  const result = await (await connected()).callTool({ name: 'configure', arguments: args })
  return { ...(result as object), data: dataOf(result) } as Result
}

test('the tool is named as in the original, with its parameters', async () => {
  const { tools } = await (await connected()).listTools()
  expect(tools).toMatchSnapshot()
  expect(Object.keys(tools[0]?.inputSchema.properties ?? {})).toEqual(['action', 'key', 'value'])
})

test('view is the default, and shows every setting in text and structure', async () => {
  changed.set('default_timeout', 90)
  const { content, data, isError } = await configure({})
  expect(isError).toBeUndefined()
  expect(data?.settings.map(({ key }) => key)).toEqual([...SETTING_KEYS, 'docker_image'])
  expect(data?.settings[1]).toMatchObject({
    key: 'default_timeout',
    value: 90,
    default: 50,
    range: '1 to 900 s',
    changed: true,
  })
  for (const { key, range } of data?.settings ?? []) {
    expect(content[0]?.text).toContain(key)
    expect(content[0]?.text).toContain(range)
  }
  expect(content[0]?.text).toContain('default_timeout = 90 (changed; default 50; 1 to 900 s)')
})

test('one setting can be viewed, the image as well', async () => {
  expect((await configure({ key: 'network' })).data?.settings).toHaveLength(1)
  expect((await configure({ key: 'docker_image' })).content[0]?.text).toContain('chosen when a server is deployed')
  expect(await configure({ key: 'netwrok' })).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining('Did you mean network?') }],
  })
})

test('valid values are stored, in canonical form', async () => {
  for (const [key, value, stored] of ACCEPTED) {
    const { data } = await configure({ action: 'set', key, value })
    expect(data?.settings).toEqual([expect.objectContaining({ key, value: stored, changed: true })])
    expect(changed.get(key as SettingKey)).toEqual(stored)
  }
})

test('adversarial values are refused with a reason, and nothing changes', async () => {
  changed.set('default_timeout', 77)
  const client = await connected()
  for (const [key, value, words] of REFUSED) {
    const result = (await client.callTool({
      name: 'configure',
      arguments: { action: 'set', key, value },
    })) as unknown as Result
    expect(result.isError, `${key} = ${value}`).toBe(true)
    expect(result.content[0]?.text).toContain(words)
  }
  expect([...changed]).toEqual([['default_timeout', 77]])
})

test.each([
  { action: 'delete' },
  { action: 'set', key: 'default_timeout', value: 90 },
  { action: 'set', key: 'default_timeout', value: null },
  { action: 'set', key: ['default_timeout'], value: '90' },
  { action: 'set', key: 'default_timeout', value: '90', force: true },
  { action: 'set', key: 'k'.repeat(200), value: '90' },
  { action: 'set', key: 'allowed_packages', value: 'a,'.repeat(20_000) },
])('arguments that are not the tool’s are refused: %j', async (args) => {
  expect((await configure(args)).isError).toBe(true)
  expect(changed.size).toBe(0)
})

test('reset takes one setting back, or all', async () => {
  changed.set('default_timeout', 90).set('max_retries', 1).set('auto_install', false)
  expect((await configure({ action: 'reset', key: 'default_timeout' })).data?.settings).toEqual([
    expect.objectContaining({ key: 'default_timeout', value: 50, changed: false }),
  ])
  expect(changed.size).toBe(2)
  expect((await configure({ action: 'reset', key: 'everything' })).isError).toBe(true)
  expect((await configure({ action: 'reset', key: 'docker_image' })).isError).toBe(true)
  expect(changed.size).toBe(2)
  await configure({ action: 'reset' })
  expect(changed.size).toBe(0)
})

test('the workspace is emptied only on a clear yes', async () => {
  for (const value of ['', 'no', 'y', 'true', 'yes please']) {
    expect(await configure({ action: 'reset', key: 'workspace', value })).toMatchObject({ isError: true })
  }
  expect((await configure({ action: 'set', key: 'workspace', value: 'yes' })).isError).toBe(true)
  expect((await configure({ action: 'reset', value: 'yes' })).isError).toBeUndefined()
  expect(emptied).toBe(0)
  expect((await configure({ action: 'reset', key: 'workspace', value: 'yes' })).content[0]?.text).toContain(
    '3 files and 2 packages',
  )
  expect(emptied).toBe(1)
})

test('a workspace that cannot be emptied is told with the reason', async () => {
  failure = new RunnerError('conflict', 'a program is running; wait for it to end, or cancel it')
  const { isError, content } = await configure({ action: 'reset', key: 'workspace', value: 'yes' })
  expect(isError).toBe(true)
  expect(content[0]?.text).toBe('Nothing was deleted: a program is running; wait for it to end, or cancel it.')
})

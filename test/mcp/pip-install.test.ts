/** The `pip_install` tool through a real client, with a scripted installer. */
import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import { McpServer } from '@modelcontextprotocol/server'
import { expect, test } from 'vitest'
import type { PackagesCaller } from '../../worker/mcp/caller.ts'
import { registerPipInstall } from '../../worker/mcp/tools/pip-install.ts'
import type { InstallEvent } from '../../worker/run/contract/protocol.ts'
import { RunnerError } from '../../worker/run/contract/errors.ts'
import { DEFAULTS, type Settings } from '../../worker/settings/settings.ts'
import { REFUSED, REFUSED_BY_THE_WORKER } from '../fixtures/requirements.ts'
import { dataOf } from '../support/tool-result.ts'

interface Result {
  isError?: boolean
  content: { text: string }[]
  data?: {
    status: string
    requested: string[]
    installed: string[]
    refused: { name: string; suggestion: string | null }[]
    message: string
  }
}

const DONE: InstallEvent = {
  type: 'done',
  status: 'success',
  installed: ['pandas==2.3.3', 'numpy==2.3.4'],
  message: null,
}

/** `events`: an error among them is thrown; a promise is waited for. */
async function connected(
  events: (InstallEvent | Error | Promise<unknown>)[] = [DONE],
  settings: Partial<Settings> = {},
) {
  const asked: string[][] = []
  const caller: PackagesCaller = {
    settings: () => ({ ...DEFAULTS, ...settings }),
    async *install(specs) {
      asked.push(specs)
      for (const event of events) {
        if (event instanceof Error) throw event
        if (event instanceof Promise) await event
        else yield event
      }
    },
    clientReady: () => Promise.resolve(),
  }
  const server = new McpServer({ name: 'packages', version: '1' })
  registerPipInstall(server, caller)
  const client = new Client({ name: 'test', version: '1' })
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  await Promise.all([server.connect(theirs), client.connect(ours)])
  const install = async (package_name: string, onprogress?: (text: string) => void) => {
    const result = await client.callTool(
      { name: 'pip_install', arguments: { package_name } },
      onprogress && { onprogress: ({ message }) => onprogress(message ?? '') },
    )
    return { ...(result as object), data: dataOf(result) } as Result
  }
  return { asked, install, client }
}

test('the tool is named as in the original, with its parameter', async () => {
  const { tools } = await (await connected()).client.listTools()
  expect(tools).toMatchSnapshot()
})

test('specifiers reach the installer one by one, and what is new comes back', async () => {
  const { asked, install } = await connected()
  const { data, content, isError } = await install('pandas>=2,<3, httpx[http2,socks] numpy')
  expect(asked).toEqual([['pandas>=2,<3', 'httpx[http2,socks]', 'numpy']])
  expect(isError).toBeUndefined()
  expect(data).toMatchObject({
    status: 'success',
    installed: ['pandas==2.3.3', 'numpy==2.3.4'],
    refused: [],
  })
  expect(content[0]?.text).toContain('pandas==2.3.3')
})

test('the installer’s output arrives while it works', async () => {
  let seen!: () => void
  const sawIt = new Promise<void>((resolve) => (seen = resolve))
  // The installation goes on only when its first line has arrived: collected output would never end.
  const { install } = await connected([
    { type: 'output', text: 'Collecting pandas\n' },
    sawIt,
    { type: 'output', text: 'Installing\n' },
    DONE,
  ])
  const lines: string[] = []
  await install('pandas', (text) => {
    lines.push(text)
    if (text.includes('Collecting')) seen()
  })
  expect(lines.join('')).toMatch(/Collecting pandas\n[^]*Installing/)
})

test('a slip is refused with its suggestion, and the rest is installed', async () => {
  const { asked, install } = await connected()
  const { data, content, isError } = await install('reqeusts, pandas')
  expect(asked).toEqual([['pandas']])
  expect(isError).toBe(true)
  expect(data).toMatchObject({ status: 'error', refused: [{ name: 'reqeusts', suggestion: 'requests' }] })
  expect(content[0]?.text).toContain('Refused reqeusts: ')
})

test.each([
  ['reqeusts', {}, 'looks like "requests"'],
  ['sklearn', {}, 'install "scikit-learn"'],
  ['asyncio', {}, 'standard library'],
  ['Pandas', { blocked_packages: ['pandas'] }, 'blocked_packages'],
  ['numpy', { allowed_packages: ['pandas'] }, 'allowed_packages'],
])('%s with %j is not given to the installer', async (name, settings, words) => {
  const { asked, install } = await connected([DONE], settings)
  const { isError, content } = await install(name)
  expect(isError).toBe(true)
  expect(content[0]?.text).toContain(words)
  expect(asked).toEqual([])
})

test('nothing adversarial reaches the installer', async () => {
  const { asked, install } = await connected()
  for (const text of [...REFUSED, ...REFUSED_BY_THE_WORKER]) {
    const { isError, content } = await install(text)
    expect(isError, text).toBe(true)
    expect(content[0]?.text).toMatch(/^Nothing was installed\. .{20}/)
  }
  expect(asked).toEqual([])
})

test('what is there already is said so', async () => {
  const { install } = await connected([{ ...DONE, installed: [] }])
  expect((await install('pandas')).data).toMatchObject({
    status: 'success',
    message: 'Already there: pandas.',
  })
})

test.each<[string, (InstallEvent | Error)[], string]>([
  [
    'unheard-of-thing',
    [{ type: 'done', status: 'error', installed: [], message: 'No matching distribution found' }],
    'check the name "unheard-of-thing"',
  ],
  [
    'pandas==99',
    [{ type: 'done', status: 'error', installed: [], message: 'No matching distribution found' }],
    'no such version with a file for this Python',
  ],
  ['pandas', [{ type: 'output', text: 'Collecting' }], 'broke off'],
  ['pandas', [new RunnerError('unreachable', 'gone')], 'cannot be reached'],
  ['pandas', [new RunnerError('bad_request', 'specs must hold 1 to 50 requirement specifiers')], 'specs must hold'],
])('%s fails with its reason: %#', async (name, events, words) => {
  const { isError, content } = await (await connected(events)).install(name)
  expect(isError).toBe(true)
  expect(content[0]?.text).toContain(words)
})

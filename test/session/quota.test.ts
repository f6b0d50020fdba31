/** The workspace's quota through the Worker's own fetch: what a user is told who has no room left. */
import { env, runInDurableObject, SELF } from 'cloudflare:test'
import { getAgentByName } from 'agents'
import { beforeEach, expect, test } from 'vitest'
import type { Env } from '../../worker/env.ts'
import { answer, call, type Frame, headersOf, modern } from './support/mcp.ts'
import { CLIENT_HEADERS } from '../support/mcp-by-hand.ts'
import { idOfUser, userToken } from './support/users.ts'
import { dataOf } from '../support/tool-result.ts'

const MIB = 1024 ** 2

/** A new one for each test, with a workspace of its own. */
let user: string
let token: string
beforeEach(async () => {
  user = crypto.randomUUID()
  token = await userToken(user)
  await setQuota('8')
})

async function setQuota(mib: string): Promise<void> {
  const stub = await getAgentByName((env as Env).SESSION, await idOfUser(user))
  await runInDurableObject(stub, (session) => {
    Object.defineProperty(session, 'env', { value: { ...(env as Env), WORKSPACE_QUOTA_MIB: mib }, configurable: true })
  })
}

function ask(method: string, path: string, body?: string | Uint8Array<ArrayBuffer>, headers = {}) {
  const length = body === undefined ? {} : { 'content-length': String(body.length) }
  const request = new Request(`http://localhost${path}`, {
    method,
    headers: { host: 'localhost', authorization: `Bearer ${token}`, ...length, ...headers },
    ...(body !== undefined && { body }),
  })
  return SELF.fetch(request)
}

async function tool(name: string, args: object): Promise<NonNullable<Frame['message']['result']>> {
  const request = call(1, name, args)
  const headers = { ...CLIENT_HEADERS, ...headersOf(request) }
  const { result } = await answer(await ask('POST', '/mcp', JSON.stringify(modern(request)), headers))
  return result!
}

const textOf = (result: object) => (result as { content: { text: string }[] }).content[0]!.text

test('an upload without room is 507 with cause and next step, and leaves the old file as it was', async () => {
  expect((await ask('PUT', '/files/a.bin', new Uint8Array(6 * MIB))).status).toBe(200)
  for (const path of ['/files/a.bin', '/files/new/b.bin']) {
    const refused = await ask('PUT', path, new Uint8Array(9 * MIB))
    expect([refused.status, await refused.json()]).toEqual([
      507,
      { error: expect.stringMatching(/no room.* would hold .* of 8 MiB; delete files/) },
    ])
  }
  const { files, use }: { files: object[]; use: { bytes: number } } = await (await ask('GET', '/files')).json()
  expect(files).toMatchObject([{ path: 'a.bin', bytes: 6 * MIB }])
  expect(use).toMatchObject({ limit_bytes: 8 * MIB, at_least: false })
  expect(use.bytes).toBeGreaterThan(6 * MIB - 1)
  await (await ask('DELETE', '/files/a.bin')).text()
  expect((await ask('PUT', '/files/b.bin', new Uint8Array(7 * MIB))).status).toBe(200)
})

test('a run whose files find no room is not run, and says so', async () => {
  const files = { 'a.txt': 'x', 'b.txt': 'x'.repeat(3 * MIB) }
  await ask('PUT', '/files/big.bin', new Uint8Array(6 * MIB))
  const result = await tool('run_python', { code: 'print(1)', files })
  expect(result).toMatchObject({ isError: true })
  expect(textOf(result)).toMatch(/was not run: there is no room.* of 8 MiB; delete files that are not needed\./)
  const { files: listed }: { files: object[] } = await (await ask('GET', '/files')).json()
  expect(listed).toMatchObject([{ path: 'big.bin' }])
})

test('a full workspace is told with every result until a program, or a reset, has made room', async () => {
  const big = await tool('run_python', { code: `open('big.bin', 'wb').write(b'x' * ${9 * MIB})` })
  expect(dataOf(big)).toMatchObject({ status: 'success', hints: [expect.stringMatching(FULL)] })
  const writes = await tool('run_python', { code: "open('more.txt', 'w').write('x' * 100_000)" })
  expect(dataOf(writes)).toMatchObject({
    status: 'error',
    error: { type: 'WorkspaceQuota', line: 1 },
    hints: [expect.stringMatching(FULL)],
  })
  const context = await tool('get_system_context', {})
  expect(textOf(context)).toMatch(
    /The workspace takes 9(\.\d+)? MiB of 8 MiB: it is full, so programs can read and delete/,
  )
  const installed = await tool('pip_install', { package_name: 'requests' })
  expect(textOf(installed)).toMatch(/is full: it holds 9.* of 8 MiB; delete files/)
  const frees = await tool('run_python', { code: "import os; os.remove('big.bin')" })
  expect(dataOf(frees)).toMatchObject({
    status: 'success',
    hints: [expect.stringMatching(/was full when the program started.*now there is room.*Next:/)],
  })
  const again = await tool('run_python', { code: "open('more.txt', 'w').write('x' * 100_000)" })
  expect(dataOf(again)).toMatchObject({ status: 'success', hints: [] })
  await tool('run_python', { code: `open('big.bin', 'wb').write(b'x' * ${9 * MIB})` })
  await tool('configure', { action: 'reset', key: 'workspace', value: 'yes' })
  expect(textOf(await tool('get_system_context', {}))).toMatch(/takes 0(\.\d+)? MiB of 8 MiB, packages/)
})

const FULL =
  /The workspace is full: .* take 9(\.\d+)? MiB of 8 MiB, so programs can read and delete.*Next: delete.*configure/

test.each(['banana', '0', '-1', '1.5', '99999999'])(
  'WORKSPACE_QUOTA_MIB=%s runs nothing, and is named',
  async (mib) => {
    await setQuota(mib)
    const result = await tool('run_python', { code: 'print(1)' })
    expect(result).toMatchObject({ isError: true })
    expect(textOf(result)).toMatch(/WORKSPACE_QUOTA_MIB is .* whole number from 1 to 1048576\. Next:/)
  },
)

/** A disk that is full: said, with the next step, while reading and deleting work. The disk is a small one of the server's own. */
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, statfsSync, unlinkSync, writeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CLIENTS, type TestClient } from '../support/clients.ts'
import { type DevServer, startDevServer } from '../support/dev-server.ts'
import { call } from '../support/mcp-by-hand.ts'
import { NOT_TAKEN_UP } from '../../worker/run/words/platform.ts'
import { type RawResponse, rawFrames, rawSend, rawSendModern, rawSession } from '../support/raw-mcp.ts'

const MIB = 1024 ** 2
const MOUNT = `for argument; do case "$argument" in --persist-to=*) state="\${argument#--persist-to=}";; esac; done
mount -t tmpfs -o size=256m tmpfs "\${state%/*}" && exec "$@"`
const IN_A_NAMESPACE = ['--map-root-user', '--mount']
const canMount =
  process.platform === 'linux' &&
  spawnSync('unshare', [...IN_A_NAMESPACE, 'mount', '-t', 'tmpfs', 'tmpfs', '/tmp']).status === 0

let server: DevServer
let client: TestClient
let disk: string
beforeAll(async () => {
  if (!canMount) return
  const dev = fileURLToPath(new URL('../../container/commands/dev.ts', import.meta.url))
  server = await startDevServer(
    {},
    { command: ['unshare', ...IN_A_NAMESPACE, 'sh', '-c', MOUNT, 'sh', process.execPath, dev], ownWorkspaces: true },
  )
  disk = `/proc/${server.child.pid}/root${server.root}`
  client = await CLIENTS['sdk v2, 2026-07-28']!.connect(server.origin, server.token)
})
afterAll(async () => {
  await client?.close()
  await server?.stop()
})

/** Leaves so many bytes of the disk. */
function fill(left: number): void {
  const file = openSync(`${disk}/filler`, 'a')
  const piece = Buffer.alloc(64 * 1024)
  const free = () => {
    const { bavail, bsize } = statfsSync(disk)
    return bavail * bsize
  }
  try {
    while (free() > left) writeSync(file, piece, 0, Math.min(piece.length, free() - left))
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOSPC') throw error
  } finally {
    closeSync(file)
  }
}

const makeRoom = () => unlinkSync(`${disk}/filler`)

async function http(path: string, method = 'GET', body?: string) {
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' }
  const response = await fetch(server.origin + path, { method, headers, ...(body !== undefined && { body }) })
  return { status: response.status, body: await response.text() }
}

const learn = (problem: string) =>
  http('/learnings/import', 'POST', JSON.stringify([{ kind: 'error', problem, solution: 's' }]))

test.skipIf(!canMount)('a nearly full disk takes no files and packages; programs read and delete', async () => {
  expect(await http('/files/a.txt', 'PUT', 'x'.repeat(MIB))).toMatchObject({ status: 200 })
  expect((await client.run({ code: 'open("b.bin", "wb").write(b"x" * 2**20)' })).outcome.status).toBe('success')
  fill(20 * MIB)

  const room =
    /no room for it, as the disk has [\d.]+ MiB left, of which 32 MiB are kept free; delete files that are not needed, or make room on the machine/
  const put = await http('/files/c.txt', 'PUT', 'x'.repeat(MIB))
  expect(put.status).toBe(507)
  expect(put.body).toMatch(room)
  const given = await client.run({ code: 'print(1)', files: { 'd.txt': 'x' } })
  expect([given.isError, given.text]).toEqual([true, expect.stringMatching(room)])
  const { text } = await client.call('pip_install', { package_name: 'tabulate' })
  expect(text).toMatch(/no room for packages, as the disk has [\d.]+ MiB left.*make room on the machine/)

  const greedy = await client.run({
    code: 'import time\nwith open("e.bin", "wb", 0) as file:\n    while True: file.write(b"x" * 2**18); time.sleep(0.05)',
    timeout: 60,
  })
  expect(greedy.outcome).toMatchObject({ status: 'error', error: { type: 'DiskFull' } })
  expect(greedy.outcome.error?.message).toMatch(/^the disk has [\d.]+ \w+ left, so the program was stopped; delete/)

  expect(await http('/files/a.txt')).toMatchObject({ status: 200, body: 'x'.repeat(MIB) })
  expect(await http('/files')).toMatchObject({ status: 200, body: expect.stringContaining('"e.bin"') })
  const removed = await client.run({ code: 'import os\nos.remove("e.bin")\nprint(os.path.getsize("b.bin"))' })
  expect(removed.outcome).toMatchObject({ status: 'success', stdout: `${MIB}\n` })
  expect(await http('/files/b.bin', 'DELETE')).toMatchObject({ status: 200 })
  // What the server itself keeps has what the others leave.
  expect(await learn('zebra')).toMatchObject({ status: 200, body: expect.stringContaining('"added":1') })
  makeRoom()
  expect(await http('/files/c.txt', 'PUT', 'x')).toMatchObject({ status: 200 })
})

test.skipIf(!canMount)(
  'a disk with nothing left: refused with 507, and all that was acknowledged is there',
  async () => {
    const acknowledged = ['lion']
    expect(await learn('lion')).toMatchObject({ status: 200 })
    fill(0)
    // The database may have some room of its own, which it uses up first.
    let refused = await learn('first')
    for (let n = 0; refused.status === 200 && n < 200; n++) {
      acknowledged.push(n === 0 ? 'first' : `${n - 1} ${'x'.repeat(1900)}`)
      refused = await learn(`${n} ${'x'.repeat(1900)}`)
    }
    expect(refused).toMatchObject({
      status: 507,
      body: expect.stringMatching(/The storage of this server is full.*Next: make room/),
    })
    const put = await http('/files/d.txt', 'PUT', 'x')
    expect([put.status, put.body]).toEqual([507, expect.stringMatching(/make room on the machine/)])
    expect(await http('/runs')).toMatchObject({ status: 200 })
    expect(await http('/files/a.txt')).toMatchObject({ status: 200, body: 'x'.repeat(MIB) })
    expect(await http('/files/a.txt', 'DELETE')).toMatchObject({ status: 200 })
    makeRoom()
    const { learnings } = JSON.parse((await http('/learnings?limit=200')).body)
    expect(learnings.map(({ problem }: { problem: string }) => problem)).toEqual(expect.arrayContaining(acknowledged))
    expect((await client.run({ code: 'print(42)' })).outcome).toMatchObject({ status: 'success', stdout: '42\n' })
  },
)

test.skipIf(!canMount)(
  'a server that starts again with nothing left is read, and no run of before is shown as running',
  async () => {
    await client.call('configure', { action: 'set', key: 'max_parallel_runs', value: '1' })
    const code = 'import time\ntime.sleep(3000)'
    const start = async () =>
      String((await client.call('run_python', { code, timeout: 300, background: true })).structured.run_id)
    const ids = [await start(), await start()].toReversed()
    const of2025 = await rawSession(server)
    const listTools = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }
    const listRuns = call(2, 'runs', { action: 'list', limit: 2 })
    const overMcp = async (request: unknown) => [
      await lastMessage(await rawSendModern(server, request)),
      await lastMessage(await rawSend(server, 'POST', request, of2025)),
    ]
    const json = async (path: string) => JSON.parse((await http(path)).body)
    const read = async () => ({
      listed: await json('/runs?limit=2'),
      waited: await json(`/runs/${ids[0]}`),
      gone: await json(`/runs/${ids[1]}`),
      files: (await json('/files')).files.map(({ path, bytes, modified }: Record<string, unknown>) => ({
        path,
        bytes,
        modified,
      })),
      tools: await overMcp(listTools),
      runs: (await overMcp(listRuns)).map(({ result }) => result),
    })
    while ((await json(`/runs/${ids[1]}`)).started_at === null) continue
    const before = await read()
    expect(before.listed.runs.map(statusOf)).toEqual(['queued', 'running'])

    fill(0)
    for (let n = 0; n < 200 && (await learn(`again ${n} ${'x'.repeat(1900)}`)).status === 200; n++) continue
    await server.crashRuntime()
    const lost = (run: { outcome: object; created_at: string }) => ({
      ...run,
      status: 'lost',
      ended_at: run.created_at,
      outcome: { ...run.outcome, status: 'lost', hints: [NOT_TAKEN_UP] },
    })
    const runs = before.listed.runs.map((run: object) => ({ ...run, status: 'lost' }))
    const line = String.raw`r_\w{16} · lost · \d+ (?:s|min) ago · program "time\.sleep\(3000\)"\n`
    const text = expect.stringMatching(
      new RegExp(
        `^(${line}){2}Next: call runs with action "wait" and a run_id for its result(, or .* for older ones)?\\.$`,
      ),
    )
    const expected = {
      ...before,
      listed: { ...before.listed, runs },
      waited: lost(before.waited),
      gone: lost(before.gone),
      runs: before.runs.map((result) => ({
        ...JSON.parse(JSON.stringify(result).replaceAll(/"status":"(queued|running)"/g, '"status":"lost"')),
        content: [{ type: 'text', text }],
      })),
    }
    expect(await read()).toEqual(expected)
    expect(await learn('nothing is stored')).toMatchObject({ status: 507 })
    expect(await read()).toEqual(expected)

    makeRoom()
    // The one is taken up again, and ends as the runner says: as the disk was full, or by this.
    await http(`/runs/${ids[1]}`, 'DELETE')
    const after = await read()
    const never =
      'The program was waiting in the queue when the server was restarted; nothing of it ran. Next: call again.'
    expect(after.waited).toMatchObject({ status: 'lost', outcome: { hints: [never] } })
    const { status, outcome } = after.gone
    expect([status, outcome.error?.type]).toEqual(
      outcome.error === null ? ['cancelled', undefined] : ['error', 'DiskFull'],
    )
    expect(outcome.hints).not.toContain(NOT_TAKEN_UP)
    expect(after.listed.runs.map(statusOf)).toEqual(['lost', status])
  },
)

const statusOf = ({ status }: { status: string }) => status

// oxlint-disable-next-line typescript/no-explicit-any -- what arrives is what the test looks at
async function lastMessage(answer: RawResponse): Promise<any> {
  return (await Array.fromAsync(rawFrames(answer))).at(-1)?.message
}

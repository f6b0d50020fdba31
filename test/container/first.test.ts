/** The container's first process: what tells the container to end reaches the supervisor, and the SDK's server, which would end at once, hears nothing of it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hasProc, processesOf } from '../support/processes.ts'
import { testPython } from '../support/python.ts'

const CONTAINER = fileURLToPath(new URL('../../container/', import.meta.url))
const TOKEN = 'x'.repeat(32)

/** As the SDK's server does: starts its command, goes on without it, and at SIGTERM passes the signal on and ends without waiting. */
const SERVER = `
const child = require('node:child_process').spawn(process.argv[1], process.argv.slice(2), { stdio: 'inherit' })
child.on('exit', (code) => { if (code) process.exit(code) })
process.on('SIGTERM', () => { child.kill('SIGTERM'); process.exit(0) })
setInterval(() => {}, 1000)`

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'first-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function first(...server: string[]): Promise<ChildProcess> {
  const PATH = [dirname(await testPython()), process.env['PATH']].join(delimiter)
  return spawn(join(CONTAINER, 'first.sh'), server, {
    env: { PATH, SUPERVISOR_PID_FILE: join(root, 'pid'), RUNNER_TOKEN: TOKEN, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

test.skipIf(!hasProc)('told to end, it ends when the runner has left, and everything with it', async () => {
  const runner = ['--root', root, '--port', '0', '--leave-s', '600']
  const container = await first(process.execPath, '-e', SERVER, join(CONTAINER, 'supervise.sh'), ...runner)
  const line = await createInterface(container.stdout!)[Symbol.asyncIterator]().next()
  const { port } = JSON.parse(line.value) as { port: number }
  const ask = (method: string, path: string, body?: object, headers: object = {}) =>
    fetch(`http://127.0.0.1:${port}/w/w1${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const code =
    'import os, time\nprint("begun", flush=True)\nwhile not os.path.exists("go"): time.sleep(0.02)\nprint("done")'
  const run = await ask('POST', '/runs', { id: 'r_1', code, timeout_s: 300 })
  const reader = run.body!.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]()
  let events = ''
  while (!events.includes('begun')) events += (await reader.next()).value
  container.kill('SIGTERM')
  const isLeaving = async () => ((await (await ask('GET', '/health')).json()) as { leaving: boolean }).leaving
  await expect.poll(isLeaving, { timeout: 20_000 }).toBe(true)
  expect((await ask('PUT', '/files/go')).status).toBe(201)
  for (let piece = await reader.next(); piece.done !== true; piece = await reader.next()) events += piece.value
  expect(events).toContain('done\\n')
  expect(events).toContain('"status": "success"')

  const archive = await ask('GET', '/archives/files')
  const etag = archive.headers.get('etag')!
  expect((await archive.arrayBuffer()).byteLength).toBeGreaterThan(0)
  expect((await ask('GET', '/archives/packages')).status).toBe(204)
  expect(container.exitCode).toBeNull()
  const ended = once(container, 'exit')
  expect((await ask('GET', '/archives/files', undefined, { 'if-none-match': etag })).status).toBe(304)
  expect(await ended).toEqual([0, null])
  await expect.poll(() => processesOf(root), { timeout: 10_000 }).toEqual([])
})

test('when the server ends by itself so does the container, with its code', async () => {
  const container = await first('sh', '-c', 'exit 7')
  expect(await once(container, 'exit')).toEqual([7, null])
})

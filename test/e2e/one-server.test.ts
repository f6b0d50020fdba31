/** One state folder has one server, whoever asks for a second one, and however the first one ended. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { type DevServer, startDevServer } from '../support/dev-server.ts'

const COMMANDS = fileURLToPath(new URL('../../container/commands', import.meta.url))
const servers: DevServer[] = []
const folders: string[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()))
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

async function started(...options: Parameters<typeof startDevServer>): Promise<DevServer> {
  const server = await startDevServer(...options)
  servers.push(server)
  return server
}

function command(name: 'dev' | 'demo', state: string, env: Record<string, string> = {}): ChildProcess {
  const args = [join(COMMANDS, `${name}.ts`), '--port=0', `--persist-to=${state}`]
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
}

async function outcome(child: ChildProcess) {
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout!), text(child.stderr!), ended])
  return { stdout, stderr, code }
}

test('a second start says where the first is and what to do, and takes nothing from it', async () => {
  const server = await started()
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' }
  const code = 'import time; print("began", flush=True); time.sleep(5); print("whole")'
  const run = await fetch(`${server.origin}/runs`, { method: 'POST', headers, body: JSON.stringify({ code }) })

  const second = await outcome(command('dev', server.state))
  expect(second).toEqual({
    stdout: '',
    stderr: `A server runs at ${server.origin} already, over ${server.state} (process ${server.child.pid}). Fix: use it, end it with "kill ${server.child.pid}", or keep this one's state elsewhere: --persist-to DIR.\n`,
    code: 1,
  })
  const events = await run.text()
  expect(events).toContain('"status":"success"')
  expect(events).toContain('whole')
})

test('of several starts at once one serves', async () => {
  const state = mkdtempSync(join(tmpdir(), 'one-server-'))
  folders.push(state)
  const children = [1, 2, 3, 4].map(() => command('dev', state, { DEV_TOKEN: 'one' }))
  const refused: string[] = []
  const serving = await Promise.race(
    children.map(
      (child) =>
        new Promise<ChildProcess>((resolve) => {
          let said = ''
          child.stderr!.on('data', (chunk) => (said += chunk))
          child.once('close', () => refused.push(said)) // all that it said has come
          child.stdout!.on('data', (chunk) => String(chunk).includes('is ready') && resolve(child))
        }),
    ),
  )
  await expect.poll(() => refused, { timeout: 30_000 }).toHaveLength(3)
  for (const words of refused) expect(words).toMatch(/^A server (is starting|runs at http:\S+ already,) over .*\n$/)
  serving.kill('SIGTERM')
  await new Promise((resolve) => serving.once('exit', resolve))
  expect(readdirSync(state).filter((name) => name.startsWith('server.json'))).toEqual([])
})

test('servers of several state folders start in the same seconds', async () => {
  const all = await Promise.all([1, 2, 3].map(() => startDevServer()))
  servers.push(...all)
  expect(new Set(all.map(({ origin }) => origin)).size).toBe(3)
  for (const { origin } of all) expect((await fetch(`${origin}/health`)).status).toBe(200)
})

test('the demo finds a server on whatever port it is', async () => {
  const server = await started()
  const { stdout, code } = await outcome(command('demo', server.state, { DEV_TOKEN: server.token }))
  expect(stdout).toMatch(new RegExp(`^Connected to ${server.origin}/mcp`))
  expect(code).toBe(0)
})

test('what a killed server left is taken over, also when its process id is somebody else’s by now', async () => {
  const killed = await startDevServer()
  await killed.kill()
  const entry = { pid: process.pid, started: '1', marker: 'x', origin: killed.origin }
  writeFileSync(join(killed.state, 'server.json'), JSON.stringify(entry))
  const next = await started({}, { from: killed })
  expect((await fetch(`${next.origin}/health`)).status).toBe(200)
})

test('an entry that cannot be read is taken over', async () => {
  const killed = await startDevServer()
  await killed.kill()
  writeFileSync(join(killed.state, 'server.json'), '{"pid":')
  const next = await started({}, { from: killed })
  expect((await fetch(`${next.origin}/health`)).status).toBe(200)
})

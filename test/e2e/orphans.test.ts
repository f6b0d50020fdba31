/** What a killed or stopped process of a local server leaves: the next start ends it, and nobody else's process with it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { identityOf } from '../../container/commands/dev/processes.ts'
import { type DevServer, startDevServer } from '../support/dev-server.ts'
import { commandOf, descendantsOf, hasProc, isAlive } from '../support/processes.ts'
import { freePort } from '../support/reachable.ts'

// A server starts up to twice, and one test waits until another one gives up.
vi.setConfig({ testTimeout: 180_000 })

const GONE = { timeout: 30_000, interval: 50 }
const PARTS = {
  runtime: /workers-runtime\.ts/,
  workerd: /workerd serve/,
  runner: /-m runner --port/,
} as const

const servers: DevServer[] = []
const others: ChildProcess[] = []
afterEach(async () => {
  for (const child of others.splice(0)) child.kill('SIGKILL')
  await Promise.all(servers.splice(0).map((server) => server.stop()))
})

async function started(...options: Parameters<typeof startDevServer>): Promise<DevServer> {
  const server = await startDevServer(...options)
  servers.push(server)
  return server
}

function partOf(server: DevServer, part: keyof typeof PARTS): number {
  const found = descendantsOf(server.child.pid!).find((pid) => PARTS[part].test(commandOf(pid)))
  if (found === undefined) throw new Error(`there is no ${part}`)
  return found
}

async function runs(server: DevServer): Promise<string> {
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ code: 'print(6 * 7)' })
  const response = await fetch(`${server.origin}/runs`, { method: 'POST', headers, body })
  return response.text()
}

const HARM: [string, (server: DevServer) => number[]][] = [
  ['start script and runtime are killed at once', (server) => [partOf(server, 'runtime')]],
  [
    'the start script is killed while the runtime is stopped',
    (server) => {
      process.kill(partOf(server, 'runtime'), 'SIGSTOP')
      return []
    },
  ],
  [
    'the start script is killed while the runner is stopped',
    (server) => {
      process.kill(partOf(server, 'runner'), 'SIGSTOP')
      return []
    },
  ],
]

test.runIf(hasProc).each(HARM)('the next start takes port and folder over, after %s', async (_what, harm) => {
  const args = ['--port', String(await freePort())]
  const killed = await startDevServer({}, { args })
  const left = descendantsOf(killed.child.pid!)
  const ended = once(killed.child, 'exit')
  const more = harm(killed)
  for (const pid of [killed.child.pid!, ...more]) process.kill(pid, 'SIGKILL')
  await ended

  const next = await started({}, { from: killed, args })
  expect(next.origin).toBe(killed.origin)
  expect(await runs(next)).toContain('"status":"success"')
  await expect.poll(() => left.filter(isAlive).map(commandOf), GONE).toEqual([])
  const ofNext = once(next.child, 'exit')
  next.child.kill('SIGTERM')
  expect(await ofNext).toEqual([0, null])
  expect(readdirSync(join(next.state, 'tmp'))).toEqual([])
})

test.runIf(hasProc)('when npm is killed, the server ends', async () => {
  const server = await started({}, { command: ['npm', 'run', 'dev', '--'] })
  const processes = descendantsOf(server.child.pid!)
  process.kill(server.child.pid!, 'SIGKILL')
  await expect.poll(() => processes.filter(isAlive).map(commandOf), GONE).toEqual([])
})

test.runIf(hasProc)('nobody else’s process is ended for one of a killed server', async () => {
  const killed = await startDevServer()
  await killed.kill()
  const [reused, renamed] = [1, 2].map(() => {
    const child = spawn('sleep', ['600'])
    others.push(child)
    return child
  })
  await expect.poll(() => identityOf(renamed!.pid!)?.command).toBe('sleep 600')
  const file = join(killed.state, 'server.json')
  const entry = JSON.parse(readFileSync(file, 'utf8'))
  const children = [
    { ...identityOf(reused!.pid!), started: '1' },
    { ...identityOf(renamed!.pid!), command: entry.children[0].command },
  ]
  writeFileSync(file, JSON.stringify({ ...entry, children }))
  const next = await started({}, { from: killed })
  expect(await runs(next)).toContain('"status":"success"')
  expect([reused, renamed].map((child) => isAlive(child!.pid!))).toEqual([true, true])
})

test.runIf(hasProc)('a server that does not answer any more ends, and says so', async () => {
  const server = await started()
  const processes = descendantsOf(server.child.pid!)
  const ended = once(server.child, 'close')
  process.kill(partOf(server, 'workerd'), 'SIGSTOP')
  expect(await ended).toEqual([1, null])
  expect(server.output().split('Ctrl-C ends it.\n\n')[1]?.split('\n')).toContain(
    `The server has not answered at ${server.origin} for 30 s; stopping. Next: npm run dev`,
  )
  await expect.poll(() => processes.filter(isAlive).map(commandOf), GONE).toEqual([])
})

test.runIf(hasProc)('a killed runtime process is named, and what it leaves is ended', async () => {
  const server = await started()
  const processes = descendantsOf(server.child.pid!)
  const ended = once(server.child, 'close')
  process.kill(partOf(server, 'runtime'), 'SIGKILL')
  expect(await ended).toEqual([1, null])
  expect(server.output().split('Ctrl-C ends it.\n\n')[1]?.split('\n')).toContain(
    'The Workers runtime ended unexpectedly with SIGKILL; stopping. Next: npm run dev',
  )
  await expect.poll(() => processes.filter(isAlive).map(commandOf), GONE).toEqual([])
})

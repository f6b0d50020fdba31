/** Starting and stopping, as a user does it: what goes wrong is said in one line, and nothing is left behind. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorkersRuntime } from '../../container/commands/dev/workers-runtime-process.ts'
import { CLIENTS } from '../support/clients.ts'
import { type DevServer, startDevServer } from '../support/dev-server.ts'
import { commandOf, descendantsOf, isAlive } from '../support/processes.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const DEV = join(PROJECT, 'container', 'commands', 'dev.ts')

function dev(...args: string[]) {
  return spawnSync(process.execPath, [DEV, ...args], { encoding: 'utf8', timeout: 60_000 })
}

test('a taken port is one line with the fix', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as { port: number }
  const folder = await mkdtemp(join(tmpdir(), 'taken-'))
  const { status, stderr } = dev('--port', String(port), '--persist-to', folder)
  taken.close()
  await rm(folder, { recursive: true })
  expect(status).toBe(1)
  expect(stderr).toMatch(new RegExp(`^Port ${port} is in use\\. Fix: .*--port ${port + 1}\\n$`))
})

test.each([
  ['no command', null, /there is no command ".*"\. Fix: install it/],
  [
    'a daemon that does not run',
    'echo "Cannot connect to it" >&2; exit 1',
    /not answer \(Cannot connect to it\)\. Fix: start it/,
  ],
  ['an old Docker', 'test "$1" = version', /lacks\. Fix: install Docker 23 or newer/],
])('a container without Docker is one line with the fix: %s', async (_what, script, reason) => {
  const folder = await mkdtemp(join(tmpdir(), 'docker-'))
  const docker = join(folder, 'docker')
  if (script !== null) await writeFile(docker, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const env = { ...process.env, WRANGLER_DOCKER_BIN: docker }
  const { status, stderr } = spawnSync(process.execPath, [DEV, '--container'], { encoding: 'utf8', env })
  await rm(folder, { recursive: true })
  expect(status).toBe(1)
  expect(stderr).toMatch(/^--container needs Docker.* or leave out --container to run programs without it\.\n$/)
  expect(stderr).toMatch(reason)
})

test('an image that cannot be fetched is one line with the fix, and the containers of this server are removed before and after', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'docker-'))
  const docker = join(folder, 'docker')
  const script = `#!/bin/sh
echo "$@" >> "${folder}/log"
case "$*" in
  "ps --all"*) echo one; echo two ;;
  "images "*) echo cloudflare-dev/sandbox:abc ;;
  "build "*) cat > /dev/null ;;
  "image inspect"*) exit 1 ;;
  "pull "*) echo "no such host" >&2; exit 1 ;;
esac`
  await writeFile(docker, script, { mode: 0o755 })
  const env = {
    ...process.env,
    WRANGLER_DOCKER_BIN: docker,
    DOCKER_HOST: `unix://${folder}/none`,
    MINIFLARE_CONTAINER_EGRESS_IMAGE: 'aside',
  }
  const args = [DEV, '--container', '--port', '0', '--persist-to', join(folder, 'state')]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env, timeout: 120_000 })
  const log = (await readFile(join(folder, 'log'), 'utf8')).split('\n')
  await rm(folder, { recursive: true })
  expect(status).toBe(1)
  expect(stdout).toContain('one user')
  expect(stderr).toContain(
    '\nThe image aside is not on this machine and could not be fetched. Next: start again with a network, or leave out --container.\n',
  )
  const cleaning = log.filter((line) => /^(ps|rm|images|rmi) /.test(line))
  const [mark] = /(?<=label=mcp-code-mode\.server=)\w{8}$/.exec(cleaning[0]!)!
  const once = [
    `ps --all --quiet --filter label=mcp-code-mode.server=${mark}`,
    'rm --force --volumes one two',
    `images --filter reference=cloudflare-dev/*:${mark} --format {{.Repository}}:{{.Tag}}`,
    'rmi cloudflare-dev/sandbox:abc',
  ]
  expect(cleaning).toEqual([...once, ...once])
  expect(log.find((line) => line.startsWith('build '))).toContain(` -t cloudflare-dev/sandbox:${mark} `)
}, 180_000)

test('Windows is pointed to WSL', () => {
  const asWindows = `Object.defineProperty(process, 'platform', { value: 'win32' }); await import(${JSON.stringify(DEV)})`
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', asWindows], { encoding: 'utf8' })
  expect(status).toBe(1)
  expect(stderr).toMatch(/^Windows is not supported.*WSL\.\n$/)
})

describe('a running server', () => {
  let server: DevServer
  beforeAll(async () => {
    server = await startDevServer()
  })
  afterAll(() => server.stop())

  test('prints a client configuration that works', async () => {
    const config = /^\{"mcpServers".*\}$/m.exec(server.output())
    const { url, headers } = JSON.parse(config![0]).mcpServers['code-mode']
    const answer = await fetch(url, { method: 'POST', headers, body: '{}' })
    expect(answer.status).not.toBe(401)
  })

  test('without a token there is a page, /health, and a way to sign in', async () => {
    const home = await fetch(`${server.origin}/`)
    expect([home.status, await home.text()]).toEqual([200, expect.stringContaining(`${server.origin}/mcp`)])
    const health = await fetch(`${server.origin}/health`)
    expect([health.status, await health.json()]).toEqual([200, { ok: true, version: '0.1.0' }])
    for (const path of ['/mcp', '/runs', '/files/x', '/learnings', '/config']) {
      const answer = await fetch(server.origin + path)
      const challenge = answer.headers.get('www-authenticate')
      const metadata = `${server.origin}/.well-known/oauth-protected-resource${path === '/mcp' ? path : ''}`
      expect([path, answer.status, challenge]).toEqual([path, 401, expect.stringContaining(`"${metadata}"`)])
      expect((await fetch(metadata)).status).toBe(200)
    }
    for (const path of ['/nothing', '/health/x', '/mcpx']) {
      expect([path, (await fetch(server.origin + path)).status]).toEqual([path, 404])
    }
  })

  test.each([
    ['a wrong token', { authorization: 'Bearer wrong' }],
    ['an empty token', { authorization: 'Bearer ' }],
    ['Basic', { authorization: `Basic ${btoa('dev:e2e-token-0123456789abcdef')}` }],
    ['the token without a scheme', { authorization: 'e2e-token-0123456789abcdef' }],
    ['two tokens', { authorization: 'Bearer e2e-token-0123456789abcdef, Bearer e2e-token-0123456789abcdef' }],
    ['the token in a cookie', { cookie: 'token=e2e-token-0123456789abcdef' }],
    [
      'a forged caller',
      { 'x-codemode-caller': '{"userId":"00000000000000000000000000000000","scopes":["*"],"client":"x"}' },
    ],
  ])('%s is refused', async (_what, headers) => {
    const answer = await fetch(`${server.origin}/mcp`, { method: 'POST', headers, body: '{}' })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
  })

  test('a token in the query is no token', async () => {
    expect((await fetch(`${server.origin}/mcp?token=${server.token}&access_token=${server.token}`)).status).toBe(401)
  })

  test.each([
    ['Origin', 'http://evil.example'],
    ['Origin', 'null'],
    ['Origin', 'http://localhost.evil.example'],
    ['Host', 'evil.example'],
    ['Host', 'localhost.evil.example'],
  ])('a foreign %s (%s) is refused on every path', async (header, value) => {
    const { request } = await import('node:http')
    for (const path of ['/mcp', '/health', '/']) {
      const headers = { authorization: `Bearer ${server.token}`, [header]: value }
      const [response] = await once(request(server.origin + path, { headers }).end(), 'response')
      response.resume()
      expect([path, response.statusCode]).toEqual([path, 403])
    }
  })

  test('what it prints of requests holds no program, code or secret of theirs', async () => {
    const before = server.output().length
    const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' }
    const code = 'import sys; print("SECRET", file=sys.stderr); raise KeyError("SECRET")'
    const body = JSON.stringify({ code, stdin: 'SECRET' })
    await (await fetch(`${server.origin}/runs`, { method: 'POST', headers, body })).text()
    for (const path of [
      '/sign-in/oidc/callback?code=SECRET&state=SECRET',
      '/files/a.txt?signature=SECRET',
      '/SECRET?',
    ]) {
      await (
        await fetch(server.origin + path, { headers: { cookie: 'a=SECRET', authorization: 'Bearer SECRET' } })
      ).text()
    }
    expect(server.output().slice(before)).toBe('')
  })

  test('a page of this machine may call with its token', async () => {
    const preflight = await fetch(`${server.origin}/mcp`, {
      method: 'OPTIONS',
      headers: { origin: 'http://localhost:6274', 'access-control-request-method': 'POST' },
    })
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([
      204,
      'http://localhost:6274',
    ])
  })
})

test('SIGTERM ends everything, with exit code 0', async () => {
  const server = await startDevServer()
  const processes = descendantsOf(server.child.pid!)
  expect(processes.length).toBeGreaterThan(2)
  await server.stop()
  expect(server.child.exitCode).toBe(0)
  await expect.poll(() => processes.filter(isAlive), { timeout: 30_000 }).toEqual([])
})

test('SIGTERM to npm ends everything, too', async () => {
  const server = await startDevServer({}, { command: ['npm', 'run', 'dev', '--'] })
  const processes = descendantsOf(server.child.pid!)
  expect(processes.map(commandOf).join()).toContain('container/commands/start.mjs dev')
  await server.stop()
  try {
    await expect.poll(() => processes.filter(isAlive).map(commandOf), { timeout: 30_000 }).toEqual([])
  } finally {
    for (const pid of processes.filter(isAlive)) process.kill(pid, 'SIGKILL')
  }
})

test('when the runner crashes, everything ends and says why', async () => {
  const server = await startDevServer()
  const processes = descendantsOf(server.child.pid!)
  const runner = processes.find((pid) => commandOf(pid).includes('-m runner --port'))
  const ended = once(server.child, 'close')
  process.kill(runner!, 'SIGKILL')
  expect(await ended).toEqual([1, null])
  expect(server.output()).toContain('The Python runner ended unexpectedly')
  await expect.poll(() => processes.filter(isAlive), { timeout: 30_000 }).toEqual([])
  await server.stop()
})

test('when the Workers runtime crashes, everything ends with an exit code that says so', async () => {
  const server = await startDevServer()
  const processes = descendantsOf(server.child.pid!)
  const runtime = processes.find((pid) => commandOf(pid).includes('workers-runtime.ts'))
  const ended = once(server.child, 'exit')
  process.kill(runtime!, 'SIGKILL')
  const [code] = await ended
  expect(code).not.toBe(0)
  await expect.poll(() => processes.filter(isAlive).map(commandOf), { timeout: 30_000 }).toEqual([])
  await server.stop()
})

test('a Worker without a runner says what is missing', async () => {
  const state = await mkdtemp(join(tmpdir(), 'bare-'))
  const { child, origin } = startWorkersRuntime({
    config: join(PROJECT, 'wrangler.toml'),
    envFiles: [],
    vars: { DEV_TOKEN: 'bare' },
    state,
    port: 0,
    containers: null,
    watch: false,
    verbose: false,
  })
  try {
    const client = await CLIENTS['sdk v2, 2026-07-28']!.connect(await origin, 'bare')
    const { isError, text } = await client.run({ code: 'print(1)' })
    expect(isError).toBe(true)
    expect(text).toMatch(/without a Python runner and without containers.*Nothing of the program ran.*npm run dev/)
    await client.close()
  } finally {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
    await rm(state, { recursive: true })
  }
})

test('when it is killed, nothing of it stays', async () => {
  const server = await startDevServer()
  const processes = descendantsOf(server.child.pid!)
  process.kill(server.child.pid!, 'SIGKILL')
  await expect.poll(() => processes.filter(isAlive).map(commandOf), { timeout: 30_000 }).toEqual([])
  await server.stop()
})

test('the demo starts a server when none runs, and shows each line', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'demo-'))
  const { stdout } = await demo(folder)
  await rm(folder, { recursive: true })
  expect(stdout).toContain('No server is running')
  expect(stdout).toContain('MCP 2026-07-28')
  expect(stdout.match(/^ +\d+\.\d\d s {2}step/gm)).toHaveLength(10)
  expect(stdout).toContain('[success · ')
})

async function demo(state: string, DEV_TOKEN = 'demo-token-0123456789abcdef') {
  const child = spawn(process.execPath, [join(PROJECT, 'container', 'commands', 'demo.ts'), '--persist-to', state], {
    env: { ...process.env, DEV_TOKEN },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return { stdout: Buffer.concat(await child.stdout.toArray()).toString() }
}

/** What a web page, another user of the machine, or a forgotten folder gets of a local server. */
import { once } from 'node:events'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { type DevServer, startDevServer } from '../support/dev-server.ts'
import { listeningPorts } from '../support/listening.ts'
import { commandOf, descendantsOf, hasProc } from '../support/processes.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))

let server: DevServer
beforeAll(async () => {
  server = await startDevServer()
  // wrangler may follow when the server answers already. What it opens counts, too.
  if (!hasProc) return
  await vi.waitUntil(() => processesOf(server).some((pid) => commandOf(pid).includes('esbuild')), { timeout: 60_000 })
})
afterAll(() => server.stop())

const processesOf = ({ child }: DevServer) => [child.pid!, ...descendantsOf(child.pid!)]

/** Asks with headers that fetch does not send. An upgrade that was granted counts as status 101, no answer in time as 0. */
async function ask(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  { method = 'GET', timeout = 20_000 } = {},
) {
  const asked = request({ host: '127.0.0.1', port, path, method, headers, timeout }).end()
  return new Promise<{ status: number; body: string }>((resolve) => {
    const refused = (body: string) => resolve({ status: 0, body })
    asked.once('error', ({ message }) => refused(message))
    asked.once('timeout', () => asked.destroy(new Error('no answer')))
    asked.once('upgrade', (_response, socket) => {
      socket.destroy()
      resolve({ status: 101, body: '' })
    })
    asked.once('response', (response) => {
      const read = text(response).catch(() => '') // it broke off: the status says enough
      void read.then((body) => resolve({ status: response.statusCode!, body }))
    })
  })
}

/** What a page of another site can send to open a WebSocket. */
const upgrade = (origin: string): Record<string, string> => ({
  connection: 'Upgrade',
  upgrade: 'websocket',
  origin,
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
})

describe.runIf(hasProc)('no port lets a debugger in', () => {
  test('of a server as it starts', async () => {
    const ports = listeningPorts(processesOf(server))
    expect(ports).toContain(Number(new URL(server.origin).port))
    // The Worker's, the runtime's own, wrangler's way back, the runner's.
    expect(ports.length).toBeGreaterThanOrEqual(4)
    for (const port of ports) {
      for (const path of ['/json', '/json/list', '/json/version']) {
        const { status } = await ask(port, path)
        expect([port, path, status >= 400]).toEqual([port, path, true])
      }
      for (const path of ['/', '/ws', '/core:user:mcp-code-mode', '/cdn-cgi/live-reload']) {
        for (const headers of [
          upgrade('http://evil.example'),
          { ...upgrade('http://evil.example'), 'sec-websocket-protocol': 'WRANGLER_PROXYWORKER_LIVE_RELOAD_PROTOCOL' },
        ]) {
          const { status } = await ask(port, path, headers, { timeout: 2_000 })
          expect([port, path, status === 0 || status >= 400]).toEqual([port, path, true])
        }
      }
    }
  })

  test('but of one that was asked for it, which says what that means', async () => {
    const debugged = await startDevServer({}, { args: ['--inspector-port=0'] })
    try {
      const answers = await Promise.all(
        listeningPorts(processesOf(debugged)).map(async (port) => (await ask(port, '/json')).status),
      )
      expect(answers.filter((status) => status === 200)).toHaveLength(1)
      expect(debugged.output()).toContain('A debugger may connect to 127.0.0.1:')
    } finally {
      await debugged.stop()
    }
  })
})

test.runIf(hasProc)('a page of another site in a browser reaches none of its ports', async () => {
  const site = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>another site</title>')
  }).listen(0, '127.0.0.1')
  await once(site, 'listening')
  const browser = await launchBrowser(['--host-resolver-rules=MAP evil.example 127.0.0.1'])
  try {
    const page = await browser.newPage()
    await page.goto(`http://evil.example:${(site.address() as AddressInfo).port}/`)
    const ports = listeningPorts(processesOf(server))
    const reached = await page.evaluate(attack, [server.token, ports] as const)
    expect(reached).toEqual([])
  } finally {
    await browser.close()
    site.close()
  }
})

/** Runs in the page: what it could open or read, by WebSocket, and by requests with and without a preflight. */
async function attack([token, ports]: readonly [string, number[]]): Promise<string[]> {
  const reached: string[] = []
  const opens = (url: string, protocols?: string[]) =>
    new Promise<boolean>((resolve) => {
      const socket = new WebSocket(url, protocols)
      socket.addEventListener('open', () => resolve(true))
      socket.addEventListener('error', () => resolve(false))
      setTimeout(() => resolve(false), 2_000)
    })
  const reads = (url: string, init: RequestInit) =>
    fetch(url, { ...init, signal: AbortSignal.timeout(2_000) }).then(
      ({ ok }) => ok,
      () => false,
    )
  await Promise.all(
    ports.flatMap((port) =>
      ['127.0.0.1', 'localhost'].flatMap((host) => [
        ...['', 'ws', 'core:user:mcp-code-mode', 'mcp', 'cdn-cgi/live-reload'].map(async (path) => {
          const url = `ws://${host}:${port}/${path}`
          if (await opens(url)) reached.push(url)
          if (await opens(url, ['WRANGLER_PROXYWORKER_LIVE_RELOAD_PROTOCOL'])) reached.push(url)
        }),
        ...['', 'json', 'health', 'runs', 'mcp', 'cdn-cgi/explorer/api', 'w/x/health'].map(async (path) => {
          const url = `http://${host}:${port}/${path}`
          if (await reads(url, {})) reached.push(url)
          if (await reads(url, { headers: { authorization: `Bearer ${token}` } })) reached.push(url)
          if (await reads(url, { method: 'POST', body: '{}' })) reached.push(url)
        }),
      ]),
    ),
  )
  return reached
}

describe('what the runtime has for developers of Workers is nowhere', () => {
  const fromWrangler = createRequire(createRequire(join(PROJECT, 'package.json')).resolve('wrangler'))
  const { CorePaths } = fromWrangler('miniflare') as { CorePaths: Record<string, string> }
  const paths = [
    ...Object.values(CorePaths),
    '/cdn-cgi/explorer',
    '/cdn-cgi/explorer/api',
    '/cdn-cgi/local/explorer/api/storage/kv/namespaces',
    '/cdn-cgi/local/explorer/api/workers/durable_objects/namespaces',
    '/cdn-cgi/local/explorer/api/local/observability/query',
    '/cdn-cgi/local/r2/public/mcp-code-mode-backups/x',
    '/cdn-cgi/handler/scheduled',
    '/cdn-cgi/handler/email',
    '/cdn-cgi/mf/scheduled',
    '/cdn-cgi/mf/reload',
    '/cdn-cgi/platform-proxy',
    '/cdn-cgi/live-reload',
    '/cdn-cgi/trace',
    '/cdn-cgi/',
  ]

  test.each(['GET', 'POST', 'PUT', 'DELETE'])(
    '%s on the port of the Worker is the Worker’s own 404',
    async (method) => {
      expect(Object.values(CorePaths).length).toBeGreaterThan(5)
      const port = Number(new URL(server.origin).port)
      for (const path of paths) {
        const { status, body } = await ask(port, path, { 'mf-op': 'GET', 'mf-route-override': 'x' }, { method })
        const words = `There is nothing at ${path}. Next: the MCP endpoint is /mcp.`
        expect([path, status, body]).toEqual([path, 404, JSON.stringify({ error: words })])
      }
    },
  )

  test.runIf(hasProc)('and an error on every other port', async () => {
    for (const port of listeningPorts(processesOf(server))) {
      for (const path of paths) {
        for (const method of ['GET', 'POST']) {
          const { status } = await ask(port, path, { 'mf-op': 'GET' }, { method })
          expect([port, path, status >= 400]).toEqual([port, path, true])
        }
      }
    }
  })
})

describe('the state folder', () => {
  test('keeps no request, link, code or name of who asked', async () => {
    const headers = { authorization: `Bearer ${server.token}` }
    const secrets = ['SECRETCODE', 'SECRETPATH', 'SECRETSIGNATURE', 'SECRETCOOKIE']
    for (const path of [
      '/sign-in/oidc/callback?code=SECRETCODE&state=x',
      '/SECRETPATH',
      '/files/a.txt?signature=SECRETSIGNATURE',
    ]) {
      await (await fetch(server.origin + path, { headers: { ...headers, cookie: 'a=SECRETCOOKIE' } })).text()
    }
    expect(keepers(server.state, secrets)).toEqual([])
  })

  test('keeps nothing of a user who has deleted everything', async () => {
    const deleting = await startDevServer({}, { ownWorkspaces: true })
    const headers = { authorization: `Bearer ${deleting.token}`, 'content-type': 'application/json' }
    const send = async (method: string, path: string, body: string) => {
      const answer = await fetch(deleting.origin + path, { method, headers, body })
      expect([path, answer.ok]).toEqual([path, true])
      return answer.text()
    }
    const browser = await launchBrowser()
    try {
      await send('PUT', '/files/GONE-upload.txt', 'GONE-content')
      const code =
        'open("GONE-made.txt", "w").write("GONE-written"); print("GONE-printed"); raise KeyError("GONE-raised")'
      await send('POST', '/runs', JSON.stringify({ code, description: 'GONE-objective', stdin: 'GONE-input' }))
      const learning = { kind: 'error', error_pattern: 'GONE-pattern', solution: 'GONE-solution', context: '' }
      await send('POST', '/learnings/import', JSON.stringify({ learnings: [learning] }))
      const page = await browser.newPage()
      await page.goto(`${deleting.origin}/account`)
      await page.getByRole('button', { name: 'Continue as the local developer' }).click()
      await page.getByLabel('What it is for').fill('GONE-token')
      await page.locator('form[action="/account/tokens"] button').click()
      // Two files of the workspace, and the session's and the account's database.
      expect(keepers(deleting.state, ['GONE-']).length).toBeGreaterThanOrEqual(4)
      await page.locator('form[action="/account/delete"] input[name="confirm"]').fill('Delete')
      await page.locator('form[action="/account/delete"] button').click()
      await page.getByText('deleted').first().waitFor()
      expect(keepers(deleting.state, ['GONE-'])).toEqual([])
    } finally {
      await browser.close()
      await deleting.stop()
    }
  }, 120_000)

  test('belongs to one user alone, and what is in it', () => {
    const stores = join(server.state, 'v3')
    const files = filesBelow(stores)
    expect(files.length).toBeGreaterThan(3)
    expect(modeOf(server.state)).toBe('700')
    expect([...files, join(server.state, 'server.json')].filter(hasAnother('600'))).toEqual([])
    expect(foldersBelow(stores).filter(hasAnother('700'))).toEqual([])
  })

  test('of an older version is cleaned at the start', async () => {
    const old = await startDevServer()
    await old.kill()
    const traces = join(old.state, 'v3', 'observability')
    mkdirSync(traces, { mode: 0o755 })
    writeFileSync(join(traces, 'traces.sqlite'), 'x', { mode: 0o644 })
    writeFileSync(join(old.state, 'runner.env'), 'RUNNER_TOKEN=x', { mode: 0o600 })
    const lax = join(old.state, 'v3', 'do', 'lax.sqlite')
    writeFileSync(lax, '', { mode: 0o644 })
    const upgraded = await startDevServer({}, { from: old })
    try {
      expect([existsSync(traces), existsSync(join(old.state, 'runner.env')), modeOf(lax)]).toEqual([
        false,
        false,
        '600',
      ])
    } finally {
      await upgraded.stop()
    }
  })

  test('what programs write is as open as their user has it', async () => {
    const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ code: 'open("mine.txt", "w").close()' })
    await (await fetch(`${server.origin}/runs`, { method: 'POST', headers, body })).text()
    const umask = process.umask()
    expect(modeOf(join(server.workspace, 'mine.txt'))).toBe((0o666 & ~umask).toString(8))
  })

  /** Files that hold one of these texts, in their name or their bytes. */
  const keepers = (folder: string, texts: string[]) =>
    filesBelow(folder).filter((file) => {
      const content = unlessGone(() => readFileSync(file, 'latin1'))
      if (content === null) return false
      return texts.some((text) => content.includes(text) || file.includes(text))
    })
  const modeOf = (path: string) => unlessGone(() => (lstatSync(path).mode & 0o777).toString(8))
  /** Whether a file is there with a mode that is not this one. */
  const hasAnother = (mode: string) => (path: string) => ![mode, null].includes(modeOf(path))
  const entriesBelow = (folder: string) => readdirSync(folder, { recursive: true, withFileTypes: true })
  const filesBelow = (folder: string) =>
    entriesBelow(folder)
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
  const foldersBelow = (folder: string) =>
    entriesBelow(folder)
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name))
})

test.runIf(hasProc)('no secret stands on a command line', () => {
  const commands = processesOf(server).map(commandOf)
  expect(commands.join('\n')).toContain('workers-runtime.ts')
  const token = environmentValue(processesOf(server), 'RUNNER_TOKEN')
  for (const secret of [server.token, ...token]) expect(commands.filter((line) => line.includes(secret))).toEqual([])
})

function environmentValue(pids: number[], name: string): string[] {
  return pids.flatMap((pid) => {
    const variables = unlessGone(() => readFileSync(`/proc/${pid}/environ`, 'latin1'))?.split('\0') ?? []
    const value = variables.find((variable) => variable.startsWith(`${name}=`))?.slice(name.length + 1)
    return value ? [value] : []
  })
}

/** Null: what was listed has gone by now, as a database's files and short-lived processes do. */
function unlessGone<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}

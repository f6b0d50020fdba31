/** `npm run smoke` against a real server, with tokens that a person made on its account page, and against servers that are none. */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { type DevServer, startDevServer } from '../support/dev-server.ts'
import { type PackageIndex, startPackageIndex } from '../support/package-index.ts'

const SMOKE = fileURLToPath(new URL('../../container/commands/smoke.ts', import.meta.url))

let index: PackageIndex
let server: DevServer
let token: string
let readOnly: string
beforeAll(async () => {
  index = await startPackageIndex([{ name: 'iniconfig', version: '2.0', modules: { 'iniconfig/__init__.py': '' } }])
  const [started, browser] = await Promise.all([startDevServer(index.env), launchBrowser()])
  server = started
  token = await newToken(browser, [])
  readOnly = await newToken(browser, [/Run Python programs/])
  await browser.close()
}, 180_000)
afterAll(async () => {
  await server?.stop()
  await index?.[Symbol.asyncDispose]()
})

/** Signs in, and makes a token that may do all but what these labels say. */
async function newToken(browser: Browser, without: RegExp[]): Promise<string> {
  const page = await (await browser.newContext()).newPage()
  await page.goto(`${server.origin}/account`)
  await page.getByRole('button', { name: 'Continue as the local developer' }).click()
  await page.getByLabel('What it is for').fill('smoke test')
  for (const label of without) await page.getByLabel(label).uncheck()
  await page.locator('form[action="/account/tokens"] button').click()
  const made = await page.locator('#new-token').textContent()
  await page.context().close()
  return made ?? ''
}

async function smoke(args: string[], SMOKE_TOKEN = '') {
  const { SMOKE_TOKEN: _, ...env } = process.env
  const child = spawn(process.execPath, [SMOKE, ...args], {
    env: { ...env, ...(SMOKE_TOKEN !== '' && { SMOKE_TOKEN }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { stdout, stderr, code }
}

const checks = (stdout: string) => [...stdout.matchAll(/^ok +[\d.]+ s {2}([^:]+):/gm)].map(([, name]) => name)

const pictures = () => readdirSync(server.workspace).filter((name) => name.startsWith('smoke-'))

test('every check passes with a personal token, and nothing of it stays but the package', async () => {
  expect(token).toMatch(/^mcpcm_/)
  const { stdout, stderr, code } = await smoke([`${server.origin}/mcp`, '--install'], token)
  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(checks(stdout)).toEqual([
    'is reachable',
    'asks for a token',
    'takes the token',
    'MCP 2025-11-25',
    'MCP 2026-07-28',
    'runs a program, live',
    'installs a package',
    'deletes a file',
  ])
  expect(stdout).toContain('installs a package: iniconfig==2.0')
  expect(stdout).toContain(`\n${server.origin} works.\n`)
  expect(stdout).not.toContain(token)
  expect(pictures()).toEqual([])
})

test('a token that is none ends it, with where to get one', async () => {
  const { stdout, stderr, code } = await smoke([server.origin], `${token}x`)
  expect(stderr).toMatch(
    /^FAILED +[\d.]+ s {2}The token was refused \(HTTP 401\).*\n\nNext: make a new one at .*\/account\n$/,
  )
  expect(checks(stdout)).toEqual(['is reachable', 'asks for a token'])
  expect(code).toBe(1)
})

test('so does one that may not run programs', async () => {
  const { stdout, stderr, code } = await smoke([server.origin], readOnly)
  expect(stderr).toMatch(/The token may not run programs \(HTTP 403\)\.\n\nNext: make one at .* that may/)
  expect(checks(stdout)).toContain('MCP 2026-07-28')
  expect(code).toBe(1)
})

test('a program that does not succeed says why, and its picture is deleted all the same', async () => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const configure = (value: string[]) =>
    fetch(`${server.origin}/config`, { method: 'POST', headers, body: JSON.stringify({ blocked_packages: value }) })
  expect((await configure(['iniconfig'])).status).toBe(200)
  const forget = 'import iniconfig, shutil; shutil.rmtree(iniconfig.__path__[0])'
  await (
    await fetch(`${server.origin}/runs`, { method: 'POST', headers, body: JSON.stringify({ code: forget }) })
  ).text()
  const { stderr, code } = await smoke([server.origin, '--install'], token)
  expect(stderr).toMatch(/The program did not succeed: [^]*iniconfig[^]*\n\nNext: do what it says/)
  expect(code).toBe(1)
  expect(pictures()).toEqual([])
  expect((await configure([])).status).toBe(200)
})

test('without a token, and nobody to ask, it says so', async () => {
  const { stderr, code } = await smoke([server.origin])
  expect(stderr).toBe(`There is no token. Fix: make one at ${server.origin}/account, and set SMOKE_TOKEN to it.\n`)
  expect(code).toBe(1)
})

test('without an address it finds the local server', async () => {
  const { stdout, stderr, code } = await smoke(['--persist-to', server.state], server.token)
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain(`${server.origin} works.`)
})

test.each([
  [['--persist-to', '/nowhere'], /^No local server runs, and no address is given\.\n\nnpm run smoke -- /],
  [['code.example.com'], /^npm run smoke -- \[https:\/\/YOUR-HOST\]/],
  [['https://code.example.com', '--token', 'x'], /'--token'/],
  [['http://code.example.com'], /a token goes over https only\. Fix: https:\/\/code\.example\.com/],
])('%j is refused before anything is sent', async (args, words) => {
  const { stdout, stderr, code } = await smoke(args, token)
  expect(stderr).toMatch(words)
  expect(stdout).toBe('')
  expect(code).toBe(1)
})

/** A server on loopback, as long as `use` takes. */
async function serving(listener: RequestListener, use: (origin: string) => Promise<void>): Promise<void> {
  const other = createServer(listener)
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  try {
    await use(`http://127.0.0.1:${(other.address() as AddressInfo).port}`)
  } finally {
    other.closeAllConnections()
    await new Promise((resolve) => other.close(resolve))
  }
}

test('a server that is something else is not shown the token', async () => {
  const shown: (string | undefined)[] = []
  await serving(
    (request, response) => {
      shown.push(request.headers.authorization)
      response.end('<h1>Welcome</h1>')
    },
    async (origin) => {
      const { stderr, code } = await smoke([origin], token)
      expect(stderr).toMatch(/answers, but not as MCP Code Mode does \(HTTP 200\)\.\n\nNext: compare the address/)
      expect(code).toBe(1)
    },
  )
  expect(shown).toEqual([undefined])
})

test('an address where nobody listens cannot be reached', async () => {
  let address = ''
  await serving(
    () => {},
    async (origin) => void (address = origin),
  )
  const { stderr, code } = await smoke([address], token)
  expect(stderr).toMatch(/cannot be reached \(.*ECONNREFUSED.*\)\.\n\nNext: compare the address/)
  expect(code).toBe(1)
})

/** Something between the client and the server, which sends bodies when they are whole, and says that it is `origin`. */
function collecting(origin: (own: string) => string): RequestListener {
  return (request, response) => void answer(request, response)

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const named = (words: string) => words.replaceAll(server.origin, origin(`http://${request.headers.host}`))
    const { authorization, 'content-type': type, accept, ...rest } = request.headers
    const mcp = Object.entries(rest).filter(([name]) => name.startsWith('mcp-'))
    const headers = Object.entries({ authorization, 'content-type': type, accept, ...Object.fromEntries(mcp) })
    const answered = await fetch(`${server.origin}${request.url}`, {
      method: request.method!,
      headers: headers.flatMap(([name, value]): [string, string][] =>
        typeof value === 'string' ? [[name, value]] : [],
      ),
      ...(request.method === 'POST' && { body: await text(request) }),
    })
    const whole = named(await answered.text())
    for (const name of ['content-type', 'www-authenticate', 'mcp-session-id']) {
      const value = answered.headers.get(name)
      if (value !== null) response.setHeader(name, named(value))
    }
    response.writeHead(answered.status).end(whole)
  }
}

test('metadata that names another origin is found out', async () => {
  await serving(
    collecting(() => 'https://elsewhere.example.com'),
    async (origin) => {
      const { stderr, code } = await smoke([origin], token)
      expect(stderr).toMatch(/metadata names https:\/\/elsewhere\.example\.com.*\n\nNext: set PUBLIC_URL/)
      expect(code).toBe(1)
    },
  )
})

test('output that is collected on its way is not live', async () => {
  await serving(
    collecting((own) => own),
    async (origin) => {
      const { stdout, stderr, code } = await smoke([origin], token)
      expect(stderr).toMatch(/came with the result, not while the program ran\.\n\nNext: look for something between/)
      expect(checks(stdout)).toContain('MCP 2026-07-28')
      expect(code).toBe(1)
      expect(pictures()).toEqual([])
    },
  )
})

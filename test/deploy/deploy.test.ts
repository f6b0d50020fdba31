/** `npm run deploy` with an account that is a folder: the wrangler of test/fixtures answers as the real one does, and notes what it was asked. */
import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { testPython } from '../support/python.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const FIXTURES = join(PROJECT, 'test', 'fixtures', 'deploy')
const GITHUB = { GITHUB_CLIENT_ID: 'Iv1.id', GITHUB_CLIENT_SECRET: 'github-secret-of-the-app' }
const EVERYTHING = { ALLOWED_USERS: 'ann@example.com', ...GITHUB }

let cloud: string
beforeEach(() => {
  cloud = mkdtempSync(join(tmpdir(), 'cloud-'))
  mkdirSync(join(cloud, 'bin'))
  mkdirSync(join(cloud, 'home'))
  answer({})
  symlinkSync(join(FIXTURES, 'wrangler.mjs'), join(cloud, 'bin', 'wrangler'))
  script('docker', 'exit 0')
})
afterEach(() => rmSync(cloud, { recursive: true, force: true }))

function script(name: string, body: string): void {
  writeFileSync(join(cloud, 'bin', name), `#!/bin/sh\n${body}\n`)
  chmodSync(join(cloud, 'bin', name), 0o755)
}

function answer(answers: object): void {
  writeFileSync(join(cloud, 'answers.json'), JSON.stringify(answers))
}

/** Nothing of the developer's own: no login, no token, no secrets. */
function environment(added: Record<string, string>): Record<string, string> {
  const PATH = [join(cloud, 'bin'), process.env['PATH']].join(delimiter)
  return { PATH, HOME: join(cloud, 'home'), CLOUD: cloud, ...added }
}

const DEPLOY = [join(PROJECT, 'container', 'commands', 'deploy.ts'), '--skip-checks']

async function deploy(args: string[] = [], added: Record<string, string> = {}) {
  const child = spawn(process.execPath, [...DEPLOY, ...args], { cwd: cloud, env: environment(added) })
  child.stdin.end()
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { stdout, stderr, code }
}

interface Call {
  args: string[]
  input: string
}

const calls = (): Call[] =>
  existsSync(join(cloud, 'calls'))
    ? readFileSync(join(cloud, 'calls'), 'utf8')
        .trim()
        .split('\n')
        .map((line): Call => JSON.parse(line))
    : []

const asked = () => calls().map(({ args }) => args.filter((arg) => !arg.startsWith('--env=')).join(' '))

const stored = (): Record<string, string> => JSON.parse(readFileSync(join(cloud, 'secrets.json'), 'utf8'))

test('a first deployment stores the secrets, and says where the server is', async () => {
  const { stdout, stderr, code } = await deploy([], EVERYTHING)
  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(asked()).toEqual([
    'whoami --json',
    'r2 bucket list',
    'secret list --format=json',
    'secret bulk',
    expect.stringMatching(/^deploy( --tag \S+)?$/),
  ])
  expect(stored()).toEqual({ ...EVERYTHING, AUTH_SECRET: expect.stringMatching(/^[\w-]{43}$/) })
  expect(stdout).toContain('Deployed: https://mcp-code-mode.ann.workers.dev/mcp\n')
  expect(stdout).toContain('Ann’s account')

  // A secret is where it belongs, and nowhere else.
  const seen = [stdout, stderr, ...calls().map(({ args }) => args.join(' '))].join('\n')
  for (const secret of [stored()['AUTH_SECRET']!, GITHUB.GITHUB_CLIENT_SECRET]) expect(seen).not.toContain(secret)
})

test('a second run changes nothing but the code', async () => {
  await deploy([], EVERYTHING)
  const before = stored()
  const { stdout, code } = await deploy([], { ...EVERYTHING, ALLOWED_USERS: 'somebody.else@example.com' })
  expect(code).toBe(0)
  expect(stdout).toContain('all there; they stay as they are')
  expect(asked().filter((call) => call === 'secret bulk')).toHaveLength(1)
  expect(stored()).toEqual(before)
})

test('preview is a Worker of its own in every step', async () => {
  const { stdout, code } = await deploy(['--env', 'preview'], EVERYTHING)
  expect(code).toBe(0)
  expect(calls().map(({ args }) => args.filter((arg) => arg.startsWith('--env')))).toEqual(
    calls().map(() => ['--env=preview']),
  )
  expect(stdout).toContain('https://mcp-code-mode-preview.ann.workers.dev/mcp')
  expect(stdout).toContain('mcp-code-mode-preview-backups')
})

test('what is missing is named where nobody can be asked, and nothing is built or changed', async () => {
  const { stderr, code } = await deploy([], { GITHUB_CLIENT_ID: 'Iv1.id' })
  expect(code).toBe(1)
  expect(stderr).toMatch(/lacks ALLOWED_USERS; GITHUB_CLIENT_SECRET\. Nobody can be asked here\. Fix: /)
  expect(asked()).toEqual(['whoami --json', 'r2 bucket list', 'secret list --format=json'])
})

test('without a login it says how to log in', async () => {
  answer({ accounts: null })
  const { stderr, code } = await deploy([], EVERYTHING)
  expect(code).toBe(1)
  expect(stderr).toMatch(/^\nNot logged in to Cloudflare\. Fix: npx wrangler login; .*CLOUDFLARE_API_TOKEN/)
  expect(asked()).toEqual(['whoami --json'])
})

test('so it does with the real wrangler', async () => {
  rmSync(join(cloud, 'bin', 'wrangler'))
  const { stderr, code } = await deploy([], EVERYTHING)
  expect(stderr).toMatch(/^\nNot logged in to Cloudflare\. Fix: npx wrangler login/)
  expect(code).toBe(1)
})

test('when Cloudflare cannot be asked, wrangler’s own words are shown', async () => {
  answer({ whoami: { message: 'fetch failed' } })
  const { stderr, code } = await deploy([], EVERYTHING)
  expect(stderr).toMatch(
    /who is logged in failed: fetch failed\n✘ \[ERROR\] fetch failed\nFix: the network, or the login:/,
  )
  expect(code).toBe(1)
})

test('of several accounts one has to be named', async () => {
  const accounts = [
    { id: 'a1', name: 'Ann' },
    { id: 'b2', name: 'The company' },
  ]
  answer({ accounts })
  const { stderr } = await deploy([], EVERYTHING)
  expect(stderr).toMatch(/several accounts\. Fix: .*CLOUDFLARE_ACCOUNT_ID=a1.*\n {2}a1 {2}Ann\n {2}b2 {2}The company\n/)
  const named = await deploy([], { ...EVERYTHING, CLOUDFLARE_ACCOUNT_ID: 'b2' })
  expect(named).toMatchObject({ code: 0, stdout: expect.stringContaining('The company') })
})

test.each([
  [{ code: 10000, message: 'Authentication error' }, /^\nDeploying failed: .*\nFix: .*Edit Cloudflare Workers/],
  [
    { message: 'The image could not be pushed.' },
    /^\nDeploying failed: The image could not be pushed\.\nNext: .*again/,
  ],
])('a deployment that fails with %j says what to do, and the next one goes on from there', async (failure, words) => {
  answer({ deploy: failure })
  const { stderr, code } = await deploy([], EVERYTHING)
  // After what wrangler itself has said.
  expect(stderr.replace(/^✘.*\n/, '')).toMatch(words)
  expect(code).toBe(1)

  const before = stored()
  answer({})
  expect(await deploy()).toMatchObject({ code: 0 })
  expect(stored()).toEqual(before)
})

test.each([
  ['is not there', undefined, /needs Docker, and there is no command ".*nowhere"\. Fix: install it/],
  [
    'does not answer',
    'echo "Cannot connect to the daemon" >&2; exit 1',
    /does not answer \(Cannot connect.*\)\. Fix: start it\./,
  ],
])('Docker that %s ends it before anything is asked', async (_, body, words) => {
  if (body !== undefined) script('docker', body)
  const docker = body === undefined ? { WRANGLER_DOCKER_BIN: join(cloud, 'nowhere') } : {}
  const { stderr, code } = await deploy([], { ...EVERYTHING, ...docker })
  expect(stderr).toMatch(words)
  expect(code).toBe(1)
  expect(calls()).toEqual([])
})

test.each([
  [['--env', 'staging'], /no environment "staging"\. Fix: --env production, or --env preview\./],
  [['--fast'], /'--fast'[^]*npm run deploy -- \[--env/],
  [['preview'], /'preview'[^]*npm run deploy -- \[--env/],
])('%j is refused', async (args, words) => {
  const { stderr, code } = await deploy(args, EVERYTHING)
  expect(stderr).toMatch(words)
  expect(code).toBe(1)
  expect(calls()).toEqual([])
})

test('--dry-run needs neither account nor Docker', async () => {
  rmSync(join(cloud, 'bin', 'wrangler'))
  script('docker', 'exit 1')
  const { stdout, stderr, code } = await deploy(['--dry-run', '--env', 'preview'], { ALLOWED_USERS: '*' })
  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(stdout).toContain('from the environment: ALLOWED_USERS\n')
  expect(stdout).toContain('env.BACKUP_BUCKET (mcp-code-mode-preview-backups)')
  expect(stdout).toContain('Nothing was changed.')
})

/** Deploys in a terminal, where a person types. */
async function typed(lines: [string, string][], added: Record<string, string> = {}) {
  const { stdout, status } = spawnSync(
    await testPython(),
    [join(FIXTURES, 'terminal.py'), JSON.stringify(lines), process.execPath, ...DEPLOY],
    { env: { ...environment(added), TERM: 'dumb' }, encoding: 'utf8' },
  )
  return { shown: stdout, code: status }
}

test('in a terminal it asks, says where each answer comes from, and shows no secret', async () => {
  const { shown, code } = await typed([
    ['ALLOWED_USERS: ', ' , \r'],
    ['ALLOWED_USERS: ', ' ann, @example.com \r'],
    ['1 or 2: ', '1\r'],
    ['GITHUB_CLIENT_ID: ', 'Iv1.typed\r'],
    ['GITHUB_CLIENT_SECRET: ', '\r'],
    ['GITHUB_CLIENT_SECRET: ', 'typed-secret\r'],
  ])
  expect(code).toBe(0)
  expect(stored()).toMatchObject({
    ALLOWED_USERS: 'ann, @example.com',
    GITHUB_CLIENT_ID: 'Iv1.typed',
    GITHUB_CLIENT_SECRET: 'typed-secret',
  })
  expect(shown).toContain('ALLOWED_USERS names nobody.')
  expect(shown).toContain('https://mcp-code-mode.YOUR-SUBDOMAIN.workers.dev/sign-in/github/callback')
  expect(shown).not.toContain('typed-secret')
})

test.each([
  ['Ctrl-C', '\x03'],
  ['Ctrl-D', '\x04'],
])('%s ends it without a change', async (_, key) => {
  const { shown, code } = await typed([['1 or 2: ', key]], {
    ALLOWED_USERS: '*',
    PUBLIC_URL: 'https://code.example.com',
  })
  expect(shown).toContain('Stopped without an answer; nothing was changed.')
  expect(code).toBe(1)
  expect(asked()).toEqual(['whoami --json', 'r2 bucket list', 'secret list --format=json'])
})

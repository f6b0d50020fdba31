/**
 * `npm run dev`: the Python runner as a plain process beside `wrangler dev`. Both start together and end together. Everything after
 * `--` goes to wrangler, but `--workspace DIR`, the folder in which programs work, and `--container`, which runs programs in the
 * container of a deployment instead, by Docker.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { CannotStart } from './cannot-start.ts'
import { assertDocker } from './docker.ts'
import { endOrphans } from './orphans.ts'
import { baseInterpreter } from './python.ts'
import { type RunnerProcess, startRunner } from './runner-process.ts'

const PROJECT = fileURLToPath(new URL('..', import.meta.url))
const DEFAULT_PORT = 8787
/** How long wrangler may take to end by itself. */
const STOP_TIMEOUT_MS = 5_000
const PARENT_CHECK_MS = 500
/** In the environment of wrangler and of all that it starts: which start they belong to. */
const STARTED_BY = 'MCP_CODE_MODE_DEV'
/** What wrangler says over its IPC channel once it serves. */
const devServerReady = z.object({ event: z.literal('DEV_SERVER_READY'), port: z.int() })

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof CannotStart)) throw error
  console.error(error.message)
  process.exit(1)
}

async function main(args: string[]): Promise<void> {
  if (process.platform === 'win32') {
    throw new CannotStart('Windows is not supported, as programs need POSIX processes. Fix: run this inside WSL.')
  }
  const { workspace, container, port, state, wranglerArgs } = parseArgs(args)
  if (container) assertDocker('--container', ', or leave out --container to run programs without it')
  if (port !== 0) await assertFree(port)
  const devVars = join(PROJECT, '.dev.vars')
  const devToken = ensureDevToken(devVars)
  const runner = container ? null : await localRunner(state, workspace)

  // wrangler reads variables from files; one of our own keeps the runner's secret out of .dev.vars and off the command line.
  mkdirSync(state, { recursive: true })
  const runnerVars = join(state, 'runner.env')
  const where = runner === null ? '' : `RUNNER_URL=${runner.url}\nRUNNER_TOKEN=${runner.token}\n`
  writeFileSync(runnerVars, `${where}DEV_TOKEN=${devToken}\n`, { mode: 0o600 })
  const started = randomBytes(16).toString('hex')
  const wrangler = spawn(
    process.execPath,
    [
      // Not through bin/wrangler.js, which only starts this as a child: killed, it would leave everything behind it running.
      '--no-warnings',
      join(PROJECT, 'node_modules', 'wrangler', 'wrangler-dist', 'cli.js'),
      'dev',
      ...wranglerArgs,
      ...(container ? ['--enable-containers'] : []),
      // Not there when DEV_TOKEN came from the environment, and Node itself would refuse to start.
      ...(existsSync(devVars) ? [`--env-file=${devVars}`] : []),
      `--env-file=${runnerVars}`,
    ],
    {
      cwd: PROJECT,
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: {
        WRANGLER_SEND_METRICS: 'false',
        CLOUDFLARE_CF_FETCH_ENABLED: 'false',
        ...process.env,
        [STARTED_BY]: started,
      },
    },
  )
  wrangler.on('message', (text: string) => {
    const ready = devServerReady.safeParse(JSON.parse(text))
    if (!ready.success) return
    const { port } = ready.data
    if (container) printReady(port, devToken, 'comes up when its image is built', IN_A_CONTAINER)
    else printReady(port, devToken, 'is ready', onThisMachine(workspace))
  })
  endTogether(wrangler, runner?.child ?? null, `${STARTED_BY}=${started}`)
}

function localRunner(state: string, workspace: string | undefined): Promise<RunnerProcess> {
  return startRunner(baseInterpreter(join(PROJECT, '.venv', 'base')), join(state, 'runner'), workspace)
}

interface Args {
  workspace?: string
  container: boolean
  port: number
  /** wrangler's state folder. */
  state: string
  wranglerArgs: string[]
}

function parseArgs(args: string[]): Args {
  const wranglerArgs: string[] = []
  let workspace: string | undefined
  let container = false
  const rest = args.values()
  for (const arg of rest) {
    if (arg === '--workspace') workspace = rest.next().value ?? ''
    else if (arg.startsWith('--workspace=')) workspace = arg.slice('--workspace='.length)
    else if (arg === '--container') container = true
    else wranglerArgs.push(arg)
  }
  const state = resolve(option(wranglerArgs, '--persist-to') ?? join(PROJECT, '.wrangler', 'state'))
  const port = Number(option(wranglerArgs, '--port') ?? DEFAULT_PORT)
  if (workspace === undefined) return { container, port, state, wranglerArgs }
  if (container) {
    throw new CannotStart(
      '--workspace: a container cannot work in a folder of this machine. Fix: leave one of both out.',
    )
  }
  const folder = resolve(workspace)
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new CannotStart(`--workspace: there is no folder "${workspace}". Fix: make it, or name another.`)
  }
  return { container, port, state, wranglerArgs, workspace: folder }
}

function option(args: string[], name: string): string | undefined {
  const joined = args.find((arg) => arg.startsWith(`${name}=`))
  if (joined !== undefined) return joined.slice(name.length + 1)
  const index = args.indexOf(name)
  return index >= 0 ? args[index + 1] : undefined
}

async function assertFree(port: number): Promise<void> {
  const server = createServer()
  await new Promise<void>((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be used (${error.message})`
      fail(
        new CannotStart(
          `Port ${port} ${reason}. Fix: end what uses it, or choose another: npm run dev -- --port ${port + 1}`,
        ),
      )
    })
    server.listen(port, '127.0.0.1', () => server.close(() => done()))
  })
}

/** DEV_TOKEN of the environment, else of `.dev.vars`, to which a random one is added when there is none. */
function ensureDevToken(file: string): string {
  const given = process.env['DEV_TOKEN']
  if (given) return given
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const known = parseEnv(text)['DEV_TOKEN']
  if (known) return known
  const token = randomBytes(24).toString('hex')
  const separator = text === '' || text.endsWith('\n') ? '' : '\n'
  appendFileSync(file, `${separator}DEV_TOKEN=${token}\n`, { mode: 0o600 })
  return token
}

const IN_A_CONTAINER =
  'The first build takes minutes. Programs run in a container, which starts when a client connects, or with the first program. Files and packages outlive it.'

function onThisMachine(workspace: string | undefined): string {
  const folder = workspace === undefined ? '' : `, in ${workspace}`
  return `Programs run as your own user on this machine${folder}: use it with clients you trust.`
}

function printReady(port: number, token: string, state: string, where: string): void {
  const url = `http://127.0.0.1:${port}/mcp`
  const config = { mcpServers: { 'code-mode': { type: 'http', url, headers: { Authorization: `Bearer ${token}` } } } }
  console.log(`
MCP Code Mode ${state}: ${url}
${where}

A client that knows OAuth needs this address alone, and opens a browser. With a token, for all clients:

Client configuration (VS Code calls "mcpServers" "servers"):
${JSON.stringify(config, null, 2)}

Claude Code:
claude mcp add --transport http code-mode ${url} --header "Authorization: Bearer ${token}"
`)
}

/** Ctrl-C, a signal, or the end of either process ends both (null: there is no runner); the exit code is 0 only when we were asked to end. */
function endTogether(wrangler: ChildProcess, runner: ChildProcess | null, marker: string): void {
  let exitCode: number | undefined
  const end = (code: number) => {
    if (exitCode !== undefined) return
    exitCode = code
    // The runner ends with its input.
    runner?.stdin?.end()
    wrangler.kill('SIGTERM')
    setTimeout(() => {
      wrangler.kill('SIGKILL')
      runner?.kill('SIGKILL')
    }, STOP_TIMEOUT_MS).unref()
  }
  if (process.env['npm_lifecycle_event'] !== undefined) {
    // npm hands a SIGTERM on to its shell, which ends of it without a word to us.
    const shell = process.ppid
    setInterval(() => process.ppid !== shell && end(0), PARENT_CHECK_MS).unref()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(0))
  wrangler.once('exit', (code) => {
    endOrphans(marker)
    end(code ?? 1)
  })
  runner?.once('exit', (code) => {
    if (exitCode === undefined)
      console.error(`The Python runner ended unexpectedly with code ${code}; stopping. Next: npm run dev`)
    end(1)
  })
  process.once('beforeExit', () => process.exit(exitCode ?? 0))
}

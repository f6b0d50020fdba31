/** `npm run demo`: a real MCP client runs a program that takes some seconds, and shows each line with the time it arrived at. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { CannotStart } from './cannot-start.ts'
import { devToken } from './dev/dev-token.ts'
import { parseOptions, typedIn } from './dev/options.ts'
import { runningServer } from './dev/running-server.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const START_TIMEOUT_MS = 120_000
const START_CHECK_MS = 100

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof CannotStart)) throw error
  console.error(error.message)
  process.exitCode = 1
}

/** Takes the options of `npm run dev`: they name the server, and the way to start one. */
async function main(args: string[]): Promise<void> {
  const state = parseOptions(args, typedIn(), PROJECT)?.state
  if (state === undefined) return console.log('npm run demo takes the options of "npm run dev -- --help".')
  const running = runningServer(state)
  const server = running === null ? startServer(args) : undefined
  try {
    await demo(await originOf(state, server))
  } finally {
    server?.kill('SIGTERM')
  }
}

async function demo(origin: string): Promise<void> {
  const client = new Client({ name: 'demo', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } })
  const authorization = `Bearer ${devToken(join(PROJECT, '.dev.vars'))}`
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${origin}/mcp`), { requestInit: { headers: { authorization } } }),
  )
  console.log(`Connected to ${origin}/mcp, MCP ${client.getNegotiatedProtocolVersion()}\n`)

  const code = readFileSync(join(PROJECT, 'container', 'commands', 'demo.py'), 'utf8')
  const began = Date.now()
  const at = () => `${((Date.now() - began) / 1000).toFixed(2).padStart(6)} s`
  const result = await client.callTool(
    { name: 'run_python', arguments: { code, description: 'demo' } },
    {
      onprogress: ({ message }) => {
        for (const line of (message ?? '').split('\n').filter(Boolean)) console.log(`${at()}  ${line}`)
      },
    },
  )
  console.log(`\n${at()}  the call's result:\n`)
  for (const block of result.content) if (block.type === 'text') console.log(block.text)
  await client.close()
  if (result.isError === true) process.exitCode = 1
}

/** Starts a server at any free port, unless another is asked for. */
function startServer(args: string[]): ChildProcess {
  console.log('No server is running; starting one for the demo …')
  return spawn(process.execPath, [join(PROJECT, 'container', 'commands', 'dev.ts'), '--port=0', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** Address of the server of a state folder, once it answers. */
async function originOf(state: string, started: ChildProcess | undefined): Promise<string> {
  const deadline = Date.now() + START_TIMEOUT_MS
  for (;;) {
    const running = runningServer(state)
    if (running !== null && running.origin !== null) return running.origin
    const hasEnded = started === undefined ? running === null : started.exitCode !== null
    if (hasEnded || Date.now() > deadline) {
      throw new CannotStart('The server did not start. Next: npm run dev, and see what it says.')
    }
    await new Promise((resolve) => setTimeout(resolve, START_CHECK_MS))
  }
}

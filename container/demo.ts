/** `npm run demo`: a real MCP client runs a program that takes some seconds, and shows each line with the time it arrived at. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { fileURLToPath } from 'node:url'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'

const PROJECT = fileURLToPath(new URL('..', import.meta.url))
const ORIGIN = `http://127.0.0.1:${process.env['PORT'] ?? 8787}`
const START_TIMEOUT_MS = 60_000

const server = (await isUp()) ? undefined : await startServer()
try {
  await demo()
} finally {
  server?.kill('SIGTERM')
}

async function demo(): Promise<void> {
  const client = new Client({ name: 'demo', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } })
  const authorization = `Bearer ${devToken()}`
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${ORIGIN}/mcp`), { requestInit: { headers: { authorization } } }),
  )
  console.log(`Connected to ${ORIGIN}/mcp, MCP ${client.getNegotiatedProtocolVersion()}\n`)

  const code = readFileSync(join(PROJECT, 'container', 'demo.py'), 'utf8')
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

async function isUp(): Promise<boolean> {
  try {
    return (await fetch(`${ORIGIN}/health`)).ok
  } catch {
    return false // nothing listens there
  }
}

async function startServer(): Promise<ChildProcess> {
  console.log('No server is running; starting one …')
  const child = spawn(process.execPath, [join(PROJECT, 'container', 'dev.ts'), '--port', new URL(ORIGIN).port], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const deadline = Date.now() + START_TIMEOUT_MS
  while (!(await isUp())) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGTERM')
      console.error('The server did not start. Next: npm run dev, and see what it says.')
      process.exit(1)
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  return child
}

function devToken(): string {
  const file = join(PROJECT, '.dev.vars')
  return (existsSync(file) && parseEnv(readFileSync(file, 'utf8'))['DEV_TOKEN']) || ''
}

/** The test entry under `wrangler dev`: its own port, its own state in a temporary folder, its own process group. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { startRunner } from '../support/runner.ts'

const START_TIMEOUT_MS = 60_000
/** How long wrangler may take to end by itself before it is killed. */
const STOP_TIMEOUT_MS = 5_000

export interface TestEntry {
  /** The MCP endpoint, on loopback. */
  url: string
  stop(): Promise<void>
}

/** The suite's server with a runner of its own. */
export async function startConformanceServer(): Promise<TestEntry> {
  const runner = await startRunner()
  try {
    const vars = { RUNNER_URL: runner.url, RUNNER_TOKEN: runner.token }
    const entry = await startTestEntry(localPath('./wrangler.toml'), [], vars)
    const stop = async () => {
      await entry.stop()
      await runner.stop()
    }
    return { url: entry.url, stop }
  } catch (error) {
    await runner.stop()
    throw error
  }
}

/** Starts an entry and resolves when it answers; throws, with wrangler's output, when it does not start. `vars`: also secrets. */
export async function startTestEntry(
  config: string,
  args: string[] = [],
  vars: Record<string, string> = {},
): Promise<TestEntry> {
  const state = await mkdtemp(join(tmpdir(), 'conformance-state-'))
  const varsFile = join(state, 'vars.env')
  const lines = Object.entries(vars).map(([name, value]) => `${name}=${value}\n`)
  await writeFile(varsFile, lines.join(''), { mode: 0o600 })
  const wrangler = spawn(
    process.execPath,
    [
      localPath('../../node_modules/wrangler/bin/wrangler.js'),
      'dev',
      `--config=${config}`,
      '--ip=127.0.0.1',
      '--port=0',
      '--inspector-port=0',
      `--persist-to=${state}`,
      ...(lines.length > 0 ? [`--env-file=${varsFile}`] : []),
      ...args,
    ],
    {
      // A group of its own, so that workerd ends with it. Over the ipc channel wrangler tells which port it got.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
    },
  )
  // `exit` also covers a process.exit() in between; it leaves no time to wait, hence the kill.
  const kill = () => signalGroup(wrangler, 'SIGKILL')
  process.once('exit', kill)
  const stop = async () => {
    process.off('exit', kill)
    await end(wrangler)
    await rm(state, { recursive: true, force: true })
  }
  try {
    return { url: `http://127.0.0.1:${await readyPort(wrangler)}/mcp`, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function readyPort(wrangler: ChildProcess): Promise<number> {
  let output = ''
  wrangler.stdout?.on('data', (chunk) => (output += chunk))
  wrangler.stderr?.on('data', (chunk) => (output += chunk))
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => reject(new Error(`The test entry ${reason}.\n${output}`))
    const timer = setTimeout(() => fail(`was not ready after ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS)
    wrangler.once('exit', (code) => {
      clearTimeout(timer)
      fail(`ended with code ${code} before it was ready`)
    })
    wrangler.on('message', (text: string) => {
      const { event, port } = JSON.parse(text) as { event: string; port: number }
      if (event !== 'DEV_SERVER_READY') return
      clearTimeout(timer)
      resolve(port)
    })
  })
}

async function end(wrangler: ChildProcess): Promise<void> {
  if (wrangler.exitCode !== null || wrangler.signalCode !== null) return
  const ended = once(wrangler, 'exit')
  signalGroup(wrangler, 'SIGTERM')
  const timer = setTimeout(() => signalGroup(wrangler, 'SIGKILL'), STOP_TIMEOUT_MS)
  await ended
  clearTimeout(timer)
}

function signalGroup(leader: ChildProcess, signal: NodeJS.Signals): void {
  if (leader.pid === undefined) return
  try {
    process.kill(-leader.pid, signal)
  } catch {
    // The group has ended already.
  }
}

function localPath(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url))
}

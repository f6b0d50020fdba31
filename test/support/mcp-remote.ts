/** mcp-remote as a stdio host starts it, with a folder of its own for what it keeps. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const PROXY = fileURLToPath(new URL('../clients/node_modules/mcp-remote/dist/proxy.js', import.meta.url))
const PATIENCE_MS = 60_000

export interface McpRemote extends AsyncDisposable {
  /** What it asks its user to visit. */
  authorizationUrl: Promise<string>
  /** Sends it a JSON-RPC message. */
  send(message: object): Promise<void>
  /** The answer to the request with this id. */
  answer(id: number): Promise<unknown>
}

export async function startMcpRemote(url: string): Promise<McpRemote> {
  const home = await mkdtemp(join(tmpdir(), 'mcp-remote-'))
  // It would open the browser of whoever runs the tests.
  await writeFile(join(home, 'xdg-open'), '#!/bin/sh\n')
  await chmod(join(home, 'xdg-open'), 0o755)
  const child = spawn(process.execPath, [PROXY, url], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: `${home}:/bin`, HOME: home, MCP_REMOTE_CONFIG_DIR: home },
  })
  let log = ''
  const answers = new Map<number, unknown>()
  const changed = new EventTarget()
  child.stderr.on('data', (chunk) => {
    log += chunk
    changed.dispatchEvent(new Event('change'))
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line) as { id?: number }
    if (message.id !== undefined) answers.set(message.id, message)
    changed.dispatchEvent(new Event('change'))
  })
  child.once('exit', () => changed.dispatchEvent(new Event('change')))

  /** What `find` finds, as soon as it is there. */
  async function waitFor<T>(find: () => T | undefined): Promise<T> {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      if (child.exitCode !== null || signal.aborted) throw new Error(`mcp-remote did not answer:\n${log}`)
      await Promise.race([once(changed, 'change'), once(signal, 'abort')])
    }
  }

  return {
    authorizationUrl: waitFor(() => /visiting:\s+(http\S+)\s/.exec(log)?.[1]),
    send: async (message) => {
      child.stdin.write(`${JSON.stringify(message)}\n`)
    },
    answer: (id) => waitFor(() => answers.get(id)),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit')
        child.kill('SIGKILL')
        await ended
      }
      await rm(home, { recursive: true, force: true })
    },
  }
}

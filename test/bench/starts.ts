/** From the start of a local server's command to its first answer. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/reachable.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const WRANGLER = join(PROJECT, 'node_modules', 'wrangler', 'bin', 'wrangler.js')

export interface StartCommand {
  /** The words of node's command line. */
  args(port: number, state: string): string[]
  cwd: string
}

/** What `npm run dev` starts. */
export const OURS: StartCommand = {
  args: (port, state) => [
    ...[join(PROJECT, 'container', 'commands', 'start.mjs'), 'dev'],
    ...[`--port=${port}`, `--persist-to=${state}`],
  ],
  cwd: PROJECT,
}

/** `wrangler dev` of a Worker that says hello, in a folder of its own. */
export function bareWorker(folder: string): StartCommand {
  const own = mkdtempSync(join(folder, 'bare-'))
  writeFileSync(join(own, 'hello.js'), 'export default { fetch: () => new Response("hello") }\n')
  writeFileSync(
    join(own, 'wrangler.toml'),
    'name = "hello"\nmain = "hello.js"\ncompatibility_date = "2026-11-01"\n[dev]\nip = "127.0.0.1"\n',
  )
  return {
    args: (port, state) => [WRANGLER, 'dev', `--port=${port}`, '--inspector-port=0', `--persist-to=${state}`],
    cwd: own,
  }
}

/** Milliseconds; the server is ended afterwards. */
export async function startToFirstAnswer(command: StartCommand, folder: string): Promise<number> {
  const port = await freePort()
  const state = mkdtempSync(join(folder, 'state-'))
  const began = performance.now()
  const child = spawn(process.execPath, command.args(port, state), {
    cwd: command.cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false' },
  })
  let errors = ''
  child.stderr.on('data', (chunk) => (errors += chunk))
  const ended = once(child, 'exit')
  try {
    for (;;) {
      if (child.exitCode !== null) throw new Error(`it ended with code ${child.exitCode}: ${errors}`)
      const response = await fetch(`http://127.0.0.1:${port}/health`).catch(() => null)
      if (response?.status === 200) return performance.now() - began
      await setTimeout(5)
    }
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}

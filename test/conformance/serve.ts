/** The test entry in the Workers runtime of a local server: its own port, its own state in a temporary folder. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startWorkersRuntime } from '../../container/commands/dev/workers-runtime-process.ts'
import { startRunner } from '../support/runner.ts'

export interface TestEntry {
  /** The MCP endpoint, on loopback. */
  url: string
  stop(): Promise<void>
}

/** The suite's server with a runner of its own. */
export async function startConformanceServer(): Promise<TestEntry> {
  const runner = await startRunner()
  const state = await mkdtemp(join(tmpdir(), 'conformance-state-'))
  const { child, origin } = startWorkersRuntime({
    config: fileURLToPath(new URL('wrangler.toml', import.meta.url)),
    envFiles: [],
    vars: { RUNNER_URL: runner.url, RUNNER_TOKEN: runner.token },
    state,
    port: 0,
    containers: null,
    watch: false,
    verbose: false,
  })
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    }
    await runner.stop()
    await rm(state, { recursive: true, force: true })
  }
  try {
    return { url: `${await origin}/mcp`, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

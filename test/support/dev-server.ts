/** `npm run dev` as a user starts it, on a free port, with state and workspace in a temporary folder. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { commandOf, descendantsOf, isAlive } from './processes.ts'
import { isHealthy } from './reachable.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const START_TIMEOUT_MS = 120_000

export interface DevServer {
  /** `http://127.0.0.1:PORT` */
  origin: string
  token: string
  /** The folder in which programs work. */
  workspace: string
  child: ChildProcess
  /** What it printed so far. */
  output: () => string
  stop(): Promise<void>
  /** Kills the process with the objects, and waits until the one that is started in its place answers. */
  crashRuntime(): Promise<void>
  /** Ends every one of its processes as a power cut does; its folders stay, for a start `from` it. */
  kill(): Promise<void>
  /** Where it keeps users, files and history. */
  state: string
  /** Holds state and workspace. */
  root: string
}

interface Options {
  /** A killed one, whose folders it takes over. */
  from?: DevServer
  /** Variables of the Worker, as an operator would set them. */
  vars?: Record<string, string>
  /** What stands before the arguments. */
  command?: [string, ...string[]]
  /** Further arguments. */
  args?: string[]
  /** Programs work where they do unless a folder is named: below the state folder. */
  ownWorkspaces?: boolean
}

/** Starts it and resolves when it serves. `env` is added to its environment. */
export async function startDevServer(
  env: Record<string, string> = {},
  {
    from,
    vars = {},
    args = [],
    ownWorkspaces = false,
    command = [process.execPath, join(PROJECT, 'container', 'commands', 'dev.ts')],
  }: Options = {},
): Promise<DevServer> {
  const root = from?.root ?? (await mkdtemp(join(tmpdir(), 'dev-server-')))
  const state = join(root, 'state')
  const workspace = join(root, 'workspace')
  await mkdir(workspace, { recursive: true })
  const token = 'e2e-token-0123456789abcdef'
  const [program, ...first] = command
  const child = spawn(
    program,
    [
      ...first,
      '--port=0',
      `--persist-to=${state}`,
      ...(ownWorkspaces ? [] : ['--workspace', workspace]),
      ...args,
      ...Object.entries(vars).flatMap(([name, value]) => ['--var', `${name}:${value}`]),
    ],
    { cwd: PROJECT, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env, DEV_TOKEN: token } },
  )
  let output = ''
  child.stderr.on('data', (chunk) => (output += chunk))
  const origin = await new Promise<string>((resolve, reject) => {
    const fail = (reason: string) => reject(new Error(`npm run dev ${reason}\n${output}`))
    const timer = globalThis.setTimeout(() => fail('was not ready in time'), START_TIMEOUT_MS)
    child.once('exit', (code) => fail(`ended with code ${code}`))
    child.stdout.on('data', (chunk) => {
      output += chunk
      const ready = /for clients {2}(http:\S+)\/mcp/.exec(output)?.[1]
      if (ready === undefined) return
      clearTimeout(timer)
      resolve(ready)
    })
  })
  return {
    origin,
    token,
    workspace,
    state,
    child,
    output: () => output,
    root,
    async crashRuntime() {
      const [runtime] = descendantsOf(child.pid!).filter((pid) => commandOf(pid).includes('/workerd-'))
      process.kill(runtime!, 'SIGKILL')
      while (isAlive(runtime!)) await setTimeout(20)
      while (!(await isHealthy(origin))) await setTimeout(50)
    },
    async kill() {
      const processes = [child.pid!, ...descendantsOf(child.pid!)]
      for (const pid of processes) {
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // it ended with its parent
        }
      }
      while (processes.some(isAlive)) await setTimeout(20)
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit')
        child.kill('SIGTERM')
        await ended
      }
      await rm(root, { recursive: true, force: true })
    },
  }
}

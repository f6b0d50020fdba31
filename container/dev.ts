/**
 * `npm run dev`: the Python runner and the Workers runtime as processes beside each other. They start together and end together. With
 * `--container` programs run in the container of a deployment instead, by Docker.
 */
import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CannotStart } from './cannot-start.ts'
import { announcement } from './dev/announce.ts'
import { ensureDevToken } from './dev/dev-token.ts'
import { DEFAULT_PORT, type Options, parseOptions, typedIn, USAGE } from './dev/options.ts'
import { endOrphans } from './dev/orphans.ts'
import { type Claim, claimStateFolder, MARKER_NAME } from './dev/running-server.ts'
import { openStateFolder } from './dev/state-folder.ts'
import { onReload, startWorkersRuntime } from './dev/workers-runtime-process.ts'
import { assertDocker } from './docker.ts'
import { baseInterpreter } from './python.ts'
import { startRunner } from './runner-process.ts'

const PROJECT = fileURLToPath(new URL('..', import.meta.url))
/** How long the Workers runtime may take to end by itself. */
const STOP_TIMEOUT_MS = 5_000
const PARENT_CHECK_MS = 500

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
  const options = parseOptions(args, typedIn(), PROJECT)
  if (options === null) return console.log(USAGE)
  if (options.container) assertDocker('--container', ', or leave out --container to run programs without it')
  openStateFolder(options.state)
  const claim = claimStateFolder(options.state)
  process.once('exit', () => claim.release())
  if (options.port !== 0) await assertFree(options.port)
  await serve(options, claim)
}

async function serve(options: Options, claim: Claim): Promise<void> {
  const { container, state, workspace, inspectorPort } = options
  const devVars = join(PROJECT, '.dev.vars')
  const token = ensureDevToken(devVars)
  const root = join(state, 'runner')
  const runner = container ? null : await startRunner(baseInterpreter(join(PROJECT, '.venv', 'base')), root, workspace)
  if (container) console.log("Building the container's image; the first time this takes minutes …")
  const runtime = startWorkersRuntime(
    {
      config: join(PROJECT, 'wrangler.toml'),
      envFiles: existsSync(devVars) ? [devVars] : [],
      vars: {
        ...options.vars,
        ...(runner !== null && { RUNNER_URL: runner.url, RUNNER_TOKEN: runner.token }),
        DEV_TOKEN: token,
      },
      state,
      port: options.port,
      ...(inspectorPort !== undefined && { inspectorPort }),
      container,
      watch: true,
      verbose: options.verbose,
    },
    { [MARKER_NAME]: claim.marker },
  )
  const ended = endTogether(runtime.child, runner?.child ?? null, `${MARKER_NAME}=${claim.marker}`)
  onReload(runtime.child, (isBuilt) => {
    console.log(
      isBuilt ? 'The Worker was started anew.' : 'The Worker as it was before goes on. Next: mend what is said above.',
    )
  })
  try {
    const origin = await runtime.origin
    claim.serves(origin)
    console.log(announcement({ origin, token, workspace: container ? null : (workspace ?? root), inspectorPort }))
  } catch (error) {
    if (ended() || !(error instanceof CannotStart)) return
    console.error(error.message)
  }
}

async function assertFree(port: number): Promise<void> {
  const server = createServer()
  await new Promise<void>((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be used (${error.message})`
      const another = port < 65_535 ? port + 1 : DEFAULT_PORT
      fail(
        new CannotStart(
          `Port ${port} ${reason}. Fix: end what uses it, or choose another: npm run dev -- --port ${another}`,
        ),
      )
    })
    server.listen(port, '127.0.0.1', () => server.close(() => done()))
  })
}

/**
 * Ctrl-C, a signal, or the end of either process ends both (null: there is no runner); the exit code is 0 only when we were asked to end.
 * Returns whether that has begun.
 */
function endTogether(runtime: ChildProcess, runner: ChildProcess | null, marker: string): () => boolean {
  let exitCode: number | undefined
  const end = (code: number) => {
    if (exitCode !== undefined) return
    exitCode = code
    // The runner ends with its input.
    runner?.stdin?.end()
    runtime.kill('SIGTERM')
    setTimeout(() => {
      runtime.kill('SIGKILL')
      runner?.kill('SIGKILL')
    }, STOP_TIMEOUT_MS).unref()
  }
  if (process.env['npm_lifecycle_event'] !== undefined) {
    // npm hands a SIGTERM on to its shell, which ends of it without a word to us.
    const shell = process.ppid
    setInterval(() => process.ppid !== shell && end(0), PARENT_CHECK_MS).unref()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(0))
  runtime.once('exit', (code) => {
    // What a killed one leaves running: workerd, which would keep the port.
    endOrphans(marker)
    end(code ?? 1)
  })
  runner?.once('exit', (code) => {
    if (exitCode === undefined)
      console.error(`The Python runner ended unexpectedly with code ${code}; stopping. Next: npm run dev`)
    end(1)
  })
  process.once('beforeExit', () => process.exit(exitCode ?? 0))
  return () => exitCode !== undefined
}

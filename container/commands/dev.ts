/**
 * `npm run dev`: the Python runner and the Workers runtime as processes beside each other. They start together and end together. With
 * `--container` programs run in the container of a deployment instead, by Docker.
 */
import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ONE_TIME_LIFE_MS, ONE_TIME_PATH, oneTimeKey } from '../../worker/auth/one-time-key.ts'
import { CannotStart } from './cannot-start.ts'
import { announcement } from './dev/announce.ts'
import { ensureDevToken } from './dev/dev-token.ts'
import { DEFAULT_PORT, type Options, parseOptions, typedIn, USAGE } from './dev/options.ts'
import { fetchInstaller } from './dev/installer.ts'
import { endOrphans } from './dev/orphans.ts'
import { whenParentsEnd } from './dev/parents.ts'
import { type Claim, claimStateFolder, MARKER_NAME } from './dev/running-server.ts'
import { emptyTemporary, openStateFolder } from './dev/state-folder.ts'
import { watchHealth } from './dev/watch-health.ts'
import { startWatchedRunner, type WatchedRunner } from './dev/watched-runner.ts'
import { onReload, type RuntimeOrder, startWorkersRuntime } from './dev/workers-runtime-process.ts'
import { assertDocker, markOf, removeContainers } from './docker.ts'
import { baseInterpreter } from './python.ts'
import { startRunner } from './runner-process.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
/** The virtual environment of the local runner. */
const ENVIRONMENT = join(PROJECT, '.venv', 'base')
/** Longest time that the Workers runtime may take to end by itself. */
const STOP_TIMEOUT_MS = 5_000
const ONE_USER =
  '--container is for one user: programs in one container reach the others of this machine, where they are root.'

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
  const claim = await claimStateFolder(options.state)
  process.once('exit', () => claim.release())
  if (options.port !== 0) await assertFree(options.port)
  await serve(options, claim)
}

async function serve(options: Options, claim: Claim): Promise<void> {
  const { container, state, workspace, inspectorPort } = options
  const devVars = join(PROJECT, '.dev.vars')
  const token = ensureDevToken(devVars)
  const root = join(state, 'runner')
  const containers = container ? markOf(state) : null
  if (containers !== null) {
    console.log(ONE_USER)
    // Containers of a start that was killed.
    removeContainers(containers)
    console.log("Building the container's image; the first time this takes minutes …")
  }
  const runnerVars = Promise.withResolvers<Record<string, string>>()
  const order: RuntimeOrder = {
    config: join(PROJECT, 'wrangler.toml'),
    envFiles: existsSync(devVars) ? [devVars] : [],
    vars: { ...options.vars, DEV_TOKEN: token },
    state,
    port: options.port,
    ...(inspectorPort !== undefined && { inspectorPort }),
    containers,
    watch: true,
    verbose: options.verbose,
  }
  const env = { [MARKER_NAME]: claim.marker, TMPDIR: emptyTemporary(state) }
  const runtime = startWorkersRuntime(order, env, runnerVars.promise)
  const abandon = () => runtime.child.kill('SIGKILL')
  process.once('exit', abandon)
  const runner = container ? null : await startRunnerIn(root, workspace, claim)
  process.off('exit', abandon)
  runnerVars.resolve(runner === null ? {} : { RUNNER_URL: runner.url, RUNNER_TOKEN: runner.token })
  const { hasBegun, end, ending } = endTogether(runtime.child, runner, () => {
    // A killed runtime leaves workerd running, which would keep the port.
    void endOrphans(`${MARKER_NAME}=${claim.marker}`)
    if (containers !== null) removeContainers(containers)
  })
  let serves = false
  onReload(
    runtime.child,
    (isBuilt) => {
      console.log(
        isBuilt
          ? 'The Worker was started anew.'
          : 'The Worker as it was before goes on. Next: mend what is said above.',
      )
    },
    (reason) => serves && console.error(`The Workers runtime failed: ${reason}`),
  )
  try {
    const origin = await runtime.origin
    serves = true
    claim.serves(origin)
    // A debugger may hold it up for as long as somebody looks.
    if (inspectorPort === undefined) {
      watchHealth(origin, (words) => {
        if (!hasBegun()) console.error(words)
        end(1)
      })
    }
    const signInLink = `${origin}${ONE_TIME_PATH}?key=${await oneTimeKey(token, Date.now() + ONE_TIME_LIFE_MS)}`
    const folder = container ? null : (workspace ?? root)
    console.log(announcement({ origin, token, signInLink, workspace: folder, inspectorPort }))
    if (!container) await fetchInstaller(ENVIRONMENT, ending)
  } catch (error) {
    if (hasBegun() || !(error instanceof CannotStart)) return
    console.error(error.message)
    end(1)
  }
}

function startRunnerIn(root: string, workspace: string | undefined, claim: Claim): Promise<WatchedRunner> {
  return startWatchedRunner(async (at) => {
    const started = await startRunner(baseInterpreter(ENVIRONMENT), root, workspace, at)
    if (started.child.pid !== undefined) claim.started(started.child.pid)
    return started
  })
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
 * `cleanUp` follows the runtime's end. Returns how to end both, and whether that has begun, also as a signal.
 */
function endTogether(
  runtime: ChildProcess,
  runner: WatchedRunner | null,
  cleanUp: () => void,
): { end: (code: number) => void; hasBegun: () => boolean; ending: AbortSignal } {
  const ending = new AbortController()
  let exitCode: number | undefined
  const end = (code: number) => {
    if (exitCode !== undefined) return
    exitCode = code
    ending.abort()
    runner?.end()
    runtime.kill('SIGTERM')
    setTimeout(() => {
      runtime.kill('SIGKILL')
      runner?.kill()
    }, STOP_TIMEOUT_MS).unref()
  }
  whenParentsEnd(() => end(0))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(0))
  runtime.once('exit', (code, signal) => {
    if (exitCode === undefined) console.error(unexpectedEnd('Workers runtime', code, signal))
    cleanUp()
    end(code ?? 1)
  })
  void runner?.ended.then(({ code, signal }) => {
    if (exitCode === undefined) console.error(unexpectedEnd('Python runner', code, signal))
    end(1)
  })
  process.once('beforeExit', () => process.exit(exitCode ?? 0))
  return { end, hasBegun: () => exitCode !== undefined, ending: ending.signal }
}

function unexpectedEnd(what: string, code: number | null, signal: NodeJS.Signals | null): string {
  return `The ${what} ended unexpectedly with ${signal ?? `code ${code}`}; stopping. Next: npm run dev`
}

/**
 * `npm run dev`: the Python runner and the Workers runtime as processes beside each other. They start together and end together. With
 * `--container` programs run in the container of a deployment instead, by Docker.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CannotStart } from './cannot-start.ts'
import { announcement } from './dev/announce.ts'
import { ensureDevToken } from './dev/dev-token.ts'
import { type Options, parseOptions, typedIn, USAGE } from './dev/options.ts'
import { fetchInstaller } from './dev/installer.ts'
import { endOrphans } from './dev/orphans.ts'
import { endTogether } from './dev/end-together.ts'
import { assertFree } from './dev/free-port.ts'
import { type Claim, claimStateFolder, MARKER_NAME } from './dev/running-server.ts'
import { emptyTemporary, openStateFolder } from './dev/state-folder.ts'
import { watchHealth } from './dev/watch-health.ts'
import { startClaimedRunner } from './dev/claimed-runner.ts'
import { onReload, type RuntimeOrder, startWorkersRuntime } from './dev/workers-runtime-process.ts'
import { assertDocker, markOf, removeContainers } from './docker.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
/** The virtual environment of the local runner. */
const ENVIRONMENT = join(PROJECT, '.venv', 'base')
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
  const runner = container ? null : await startClaimedRunner(ENVIRONMENT, { root, workspace }, claim)
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
    const folder = container ? null : (workspace ?? root)
    console.log(await announcement({ origin, token, workspace: folder, inspectorPort }))
    if (!container) await fetchInstaller(ENVIRONMENT, ending)
  } catch (error) {
    if (hasBegun() || !(error instanceof CannotStart)) return
    console.error(error.message)
    end(1)
  }
}

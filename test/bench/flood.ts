/**
 * What one user's flood costs the others: `node test/bench/flood.ts [requests per second] [seconds] [apart] [unlimited]`. The bundle as it
 * is deployed, in workerd without wrangler's proxy; four users ask every 50 ms, first alone, then beside a fifth who floods. Prints their
 * latencies in milliseconds and the ratios of the 50th and 99th percentiles. All share one thread, as they do under the local server. With
 * `apart` the fifth has a workerd process of its own, as objects have in a deployment; the load generator shares the machine either way.
 * With `unlimited` there is no limit of requests a minute, as `npm run dev` has none.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { freePort, isHealthy } from '../support/reachable.ts'
import type { Flood, Flooded } from './flood-worker.ts'

const PER_SECOND = Number(process.argv[2] ?? 1000)
const SECONDS = Number(process.argv[3] ?? 20)
const APART = process.argv.includes('apart')
const PER_MINUTE = process.argv.includes('unlimited') ? 1_000_000_000 : 1_200
const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const WRANGLER = join(PROJECT, 'node_modules', 'wrangler', 'bin', 'wrangler.js')
/** The program itself, as what the package's command starts would outlive that command. */
const { default: WORKERD } = createRequire(WRANGLER)('workerd') as { default: string }

const folder = mkdtempSync(join(tmpdir(), 'flood-'))
bundle()
const shared = await serve('shared')
const own = APART ? await serve('own') : shared
try {
  const others = await Promise.all(['a', 'b', 'c', 'd'].map((name) => tokenOf(shared.origin, name)))
  const flooder = await tokenOf(own.origin, 'flooder')
  await measure(others, 3)
  const quiet = await measure(others, SECONDS)
  const workerData: Flood = { url: `${own.origin}/config`, token: flooder, perSecond: PER_SECOND }
  const flood = new Worker(new URL('./flood-worker.ts', import.meta.url), { workerData })
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  const beside = await measure(others, SECONDS)
  flood.postMessage('stop')
  const [flooded] = (await once(flood, 'message')) as [Flooded]
  print('alone', quiet)
  print('beside the flood', beside)
  printFlood(flooded)
  const ratio = (p: number) => (percentile(beside, p) / percentile(quiet, p)).toFixed(2)
  console.log(`beside / alone: p50 ${ratio(50)}, p99 ${ratio(99)}`)
} finally {
  for (const { workerd } of new Set([shared, own])) workerd.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}

function bundle(): void {
  const entry = join('test', 'bench', 'flood-entry.ts')
  const options = ['--dry-run', '--containers-rollout=none', `--outdir=${folder}`]
  const built = spawnSync(process.execPath, [WRANGLER, 'deploy', entry, ...options], { cwd: PROJECT })
  if (built.status !== 0) throw new Error(String(built.stderr))
}

/** Starts workerd with the bundle, on a free port, with objects of its own. */
async function serve(name: string): Promise<{ origin: string; workerd: ChildProcess }> {
  const objects = join(folder, name)
  mkdirSync(objects)
  const port = await freePort()
  const file = join(folder, `${name}.capnp`)
  writeFileSync(file, config(port, objects))
  const workerd = spawn(WORKERD, ['serve', '--experimental', file], { stdio: ['ignore', 'ignore', 'inherit'] })
  const origin = `http://127.0.0.1:${port}`
  while (!(await isHealthy(origin))) await new Promise((resolve) => setTimeout(resolve, 100))
  return { origin, workerd }
}

/** Without the OAuth provider's KV, which personal tokens do not need. */
function config(port: number, objects: string): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker), (name = "objects", disk = (path = "${objects}", writable = true))],
  # The Agents SDK imports a module of the platform for e-mail, which workerd alone does not have.
  extensions = [(modules = [(
    name = "cloudflare-internal:email", internal = true, esModule = "export default { EmailMessage: class {} }",
  )])],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "flood-entry.js", esModule = embed "flood-entry.js")],
  compatibilityDate = "2026-11-01",
  compatibilityFlags = ["global_fetch_strictly_public"],
  bindings = [
    (name = "SESSION", durableObjectNamespace = "Session"),
    (name = "ACCOUNT", durableObjectNamespace = "Account"),
    (name = "AUTH_SECRET", text = "only for this measurement, no secret"),
    (name = "ALLOWED_USERS", text = "*"),
    (name = "REQUESTS_PER_MINUTE", text = "${PER_MINUTE}"),
  ],
  durableObjectNamespaces = [
    (className = "Session", uniqueKey = "session", enableSql = true),
    (className = "Account", uniqueKey = "account", enableSql = true),
  ],
  durableObjectStorage = (localDisk = "objects"),
);
`
}

async function tokenOf(origin: string, name: string): Promise<string> {
  return (await fetch(`${origin}/measurement/token?${name}`)).text()
}

function ask(token: string): Promise<Response> {
  return fetch(`${shared.origin}/config`, { headers: { authorization: `Bearer ${token}` } })
}

/** Latencies of the users' requests, in milliseconds. */
async function measure(tokens: string[], seconds: number): Promise<number[]> {
  const latencies: number[] = []
  const end = performance.now() + seconds * 1000
  const user = async (token: string) => {
    while (performance.now() < end) {
      const start = performance.now()
      const response = await ask(token)
      await response.arrayBuffer()
      if (response.status !== 200) throw new Error(`status ${response.status}`)
      latencies.push(performance.now() - start)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  await Promise.all(tokens.map(user))
  return latencies
}

function percentile(values: number[], p: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * (p / 100))]!
}

function print(what: string, latencies: number[]): void {
  const [p50, p99] = [50, 99].map((p) => percentile(latencies, p).toFixed(1))
  console.log(`${what}: ${latencies.length} requests, p50 ${p50} ms, p99 ${p99} ms`)
}

function printFlood({ ms, ok, refused, failed, heldBack }: Flooded): void {
  const sent = ok + refused + failed
  const rate = (sent / (ms / 1000)).toFixed(0)
  const percent = ((refused / sent) * 100).toFixed(1)
  console.log(`flood: ${rate} requests per second, ${percent} % of them answered with 429, ${failed} failed`)
  if (heldBack > 0) console.log(`${heldBack} more were due while too many had no answer yet`)
}

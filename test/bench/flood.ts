/**
 * What one user's flood costs the others: `node test/bench/flood.ts [requests per second] [seconds]`. The bundle as it is deployed, in
 * one workerd process without wrangler's proxy; four users ask every 50 ms, first alone, then beside a fifth who floods. Prints their
 * latencies in milliseconds and the ratio of the 99th percentiles. In a deployment each user's object has a thread of its own; here all
 * share one, and the load generator its machine.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

const PER_SECOND = Number(process.argv[2] ?? 1000)
const SECONDS = Number(process.argv[3] ?? 20)
const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const WORKERD = join(PROJECT, 'node_modules', '.bin', 'workerd')
const WRANGLER = join(PROJECT, 'node_modules', 'wrangler', 'bin', 'wrangler.js')

const folder = mkdtempSync(join(tmpdir(), 'flood-'))
const { origin, workerd } = await serve()
try {
  const others = await Promise.all(['a', 'b', 'c', 'd'].map(tokenOf))
  const flooder = await tokenOf('flooder')
  await measure(others, 3)
  const quiet = await measure(others, SECONDS)
  const workerData = { url: `${origin}/config`, token: flooder, perSecond: PER_SECOND }
  const flood = new Worker(new URL('./flood-worker.ts', import.meta.url), { workerData })
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  const beside = await measure(others, SECONDS)
  flood.postMessage('stop')
  const [{ sent, refused, ms }] = (await once(flood, 'message')) as [{ sent: number; refused: number; ms: number }]
  print('alone', quiet)
  print('beside the flood', beside)
  const rate = (sent / (ms / 1000)).toFixed(0)
  console.log(`flood: ${rate} requests per second, ${((refused / sent) * 100).toFixed(1)} % of them answered with 429`)
  console.log(`p99 beside / alone: ${(percentile(beside, 99) / percentile(quiet, 99)).toFixed(2)}`)
} finally {
  workerd.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}

/** Starts workerd with the bundle, on a free port. */
async function serve(): Promise<{ origin: string; workerd: ChildProcess }> {
  const entry = join('test', 'bench', 'flood-entry.ts')
  const built = spawnSync(process.execPath, [WRANGLER, 'deploy', entry, '--dry-run', `--outdir=${folder}`], {
    cwd: PROJECT,
  })
  if (built.status !== 0) throw new Error(String(built.stderr))
  mkdirSync(join(folder, 'objects'))
  const port = await freePort()
  writeFileSync(join(folder, 'config.capnp'), config(port))
  const child = spawn(WORKERD, ['serve', '--experimental', join(folder, 'config.capnp')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const origin = `http://127.0.0.1:${port}`
  while (!(await fetch(`${origin}/health`).catch(() => null))?.ok)
    await new Promise((resolve) => setTimeout(resolve, 100))
  return { origin, workerd: child }
}

/** Without the OAuth provider's KV, which personal tokens do not need. */
function config(port: number): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker), (name = "objects", disk = (path = "${folder}/objects", writable = true))],
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
  ],
  durableObjectNamespaces = [
    (className = "Session", uniqueKey = "session", enableSql = true),
    (className = "Account", uniqueKey = "account", enableSql = true),
  ],
  durableObjectStorage = (localDisk = "objects"),
);
`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function tokenOf(name: string): Promise<string> {
  return (await fetch(`${origin}/measurement/token?${name}`)).text()
}

function ask(token: string): Promise<Response> {
  return fetch(`${origin}/config`, { headers: { authorization: `Bearer ${token}` } })
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

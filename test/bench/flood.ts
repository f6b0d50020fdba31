/**
 * What one user's flood costs the others: `node test/bench/flood.ts [requests per second] [seconds] [apart] [unlimited]`. The bundle as it
 * is deployed, in workerd without wrangler's proxy; four users ask every 50 ms, first alone, then beside a fifth who floods. Prints their
 * latencies in milliseconds and the ratios of the 50th and 99th percentiles. All share one thread, as they do under the local server. With
 * `apart` the fifth has a workerd process of its own, as objects have in a deployment; the load generator shares the machine either way.
 * With `unlimited` there is no limit of requests a minute, as under `npm run dev` without ALLOWED_USERS.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Flood, Flooded } from './flood-worker.ts'
import { bundle, startPlainWorkerd } from './plain-workerd.ts'
import { quantile } from './statistics.ts'

const PER_SECOND = Number(process.argv[2] ?? 1000)
const SECONDS = Number(process.argv[3] ?? 20)
const APART = process.argv.includes('apart')
const PER_MINUTE = process.argv.includes('unlimited') ? 1_000_000_000 : 1_200

const folder = mkdtempSync(join(tmpdir(), 'flood-'))
bundle(folder)
const limit = { REQUESTS_PER_MINUTE: String(PER_MINUTE) }
const shared = await startPlainWorkerd(folder, 'shared', limit)
const own = APART ? await startPlainWorkerd(folder, 'own', limit) : shared
try {
  const others = await Promise.all(['a', 'b', 'c', 'd'].map((name) => shared.tokenOf(name)))
  const flooder = await own.tokenOf('flooder')
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
  const ratio = (p: number) => (quantile(beside, p) / quantile(quiet, p)).toFixed(2)
  console.log(`beside / alone: p50 ${ratio(0.5)}, p99 ${ratio(0.99)}`)
} finally {
  for (const workerd of new Set([shared, own])) await workerd.stop()
  rmSync(folder, { recursive: true, force: true })
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

function print(what: string, latencies: number[]): void {
  const [p50, p99] = [0.5, 0.99].map((p) => quantile(latencies, p).toFixed(1))
  console.log(`${what}: ${latencies.length} requests, p50 ${p50} ms, p99 ${p99} ms`)
}

function printFlood({ ms, ok, refused, failed, heldBack }: Flooded): void {
  const sent = ok + refused + failed
  const rate = (sent / (ms / 1000)).toFixed(0)
  const percent = ((refused / sent) * 100).toFixed(1)
  console.log(`flood: ${rate} requests per second, ${percent} % of them answered with 429, ${failed} failed`)
  if (heldBack > 0) console.log(`${heldBack} more were due while too many had no answer yet`)
}

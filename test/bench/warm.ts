/**
 * Warm calls over the whole path (client, wrangler dev, session object, runner, Python) against a new `python script.py` of the same
 * interpreter, in turn: `node test/bench/warm.ts [rounds]`. Prints medians in milliseconds and the median of the paired ratios. The
 * pandas row needs a package index; without one it is left out and says so.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CLIENTS, type TestClient } from '../support/clients.ts'
import { startDevServer } from '../support/dev-server.ts'

const ROUNDS = Number(process.argv[2] ?? 30)
const PYTHON = fileURLToPath(new URL('../../.venv/base/bin/python', import.meta.url))

const PROGRAMS = {
  'print(1)': 'print(1)\n',
  'two lines of pandas': 'import pandas as pd\nprint(pd.DataFrame({"a": range(10)}).sum().a)\n',
}

const folder = mkdtempSync(join(tmpdir(), 'bench-'))
const server = await startDevServer()
try {
  for (const [name, { connect }] of Object.entries(CLIENTS)) {
    const client = await connect(server.origin, server.token)
    for (const [title, code] of Object.entries(PROGRAMS)) await measure(client, name, title, code)
    await client.close()
  }
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}

async function measure(client: TestClient, name: string, title: string, code: string): Promise<void> {
  // The first calls install packages and warm the interpreter up.
  for (let i = 0; i < 5; i++) {
    const { outcome, text } = await client.run({ code, timeout: 120 })
    if (outcome?.status !== 'success') return console.log(`${name}, ${title}: left out: ${text.split('\n')[0]}`)
    if (i === 0) await new Promise((resolve) => setTimeout(resolve, 3000))
  }
  const script = join(folder, 'script.py')
  writeFileSync(script, code)
  const env = { ...process.env, PYTHONPATH: sitePackages() }
  const pairs: [number, number][] = []
  for (let i = 0; i < ROUNDS; i++) {
    let began = performance.now()
    await client.run({ code })
    const call = performance.now() - began
    began = performance.now()
    const { status } = spawnSync(PYTHON, [script], { env })
    if (status !== 0) throw new Error('the script itself fails')
    pairs.push([call, performance.now() - began])
  }
  const [calls, scripts, ratios] = [
    pairs.map(([call]) => call),
    pairs.map(([, script]) => script),
    pairs.map(([call, script]) => call / script),
  ].map(median)
  console.log(
    `${name}, ${title}: ${calls!.toFixed(1)} ms; python script.py ${scripts!.toFixed(1)} ms; ratio ${ratios!.toFixed(2)}`,
  )
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}

/** Where the workspace's packages are, for the plain interpreter. */
function sitePackages(): string {
  const root = join(server.workspace, '..', 'state', 'runner')
  for (const workspace of readdirSync(root)) {
    const packages = join(root, workspace, 'packages', 'current')
    if (existsSync(packages)) return packages
  }
  return ''
}

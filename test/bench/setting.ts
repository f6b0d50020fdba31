/** What rows are measured on: started when a row first asks for it, and ended together. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type DevServer, startDevServer } from '../support/dev-server.ts'
import { type PackageIndex, startPackageIndex } from '../support/package-index.ts'
import { type RunningRunner, startRunner } from '../support/runner.ts'
import type { Wheel } from '../support/wheel.ts'
import type { Target } from './calls.ts'
import { type Original, startOriginal } from './original.ts'
import { bundle, type PlainWorkerd, startPlainWorkerd } from './plain-workerd.ts'

/** The interpreter that runs programs here and under `npm run dev`. */
export const PYTHON = fileURLToPath(new URL('../../.venv/base/bin/python', import.meta.url))

const UNLIMITED = { REQUESTS_PER_MINUTE: '1000000', RUN_MINUTES_PER_DAY: '1440' }

export interface Setting {
  /** A folder that goes at the end. */
  folder: string
  /** The bundle in workerd without wrangler, with a runner of its own. */
  plain(): Promise<Plain>
  /** What `npm run dev` starts. */
  local(): Promise<DevServer>
  /** Another one, whose packages come from the index. */
  plainWithIndex(): Promise<Plain>
  /** An index on loopback with WHEELS. */
  index(): Promise<PackageIndex>
  /** The local original, or null where it cannot be installed. */
  original(): Promise<Original | null>
  /** A plain script's file. */
  script(code: string): string
  end(): Promise<void>
}

export interface Plain {
  workerd: PlainWorkerd
  runner: RunningRunner
  /** A user of the plain workerd. */
  user: (name: string) => Promise<Target>
  /** The folder of the first user's packages, or nothing before there are any. */
  packages(): string
}

export const WHEELS: Wheel[] = Array.from({ length: 24 }, (_, i) => ({
  name: `bench-small-${i}`,
  version: '1.0',
  modules: { [`bench_small_${i}.py`]: 'size = 1\n' },
}))

export function makeSetting(): Setting {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const ends: (() => PromiseLike<unknown>)[] = []
  const once = <T>(make: () => Promise<T>) => {
    let made: Promise<T> | undefined
    return () => (made ??= make())
  }
  const index = once(async () => {
    const started = await startPackageIndex(WHEELS)
    ends.push(() => started[Symbol.asyncDispose]())
    return started
  })
  const startPlain = async (name: string, env: Record<string, string>): Promise<Plain> => {
    process.env['MCP_CODE_MODE_PYTHON'] ??= PYTHON
    await bundled()
    // As under `npm run dev`: what is imported anew in each child is compiled once.
    const runner = await startRunner({ env: { PYTHONDONTWRITEBYTECODE: '', ...env } })
    ends.push(() => runner.stop())
    const workerd = await startPlainWorkerd(folder, name, {
      RUNNER_URL: runner.url,
      RUNNER_TOKEN: runner.token,
      ...UNLIMITED,
    })
    ends.push(() => workerd.stop())
    return {
      workerd,
      runner,
      user: async (subject) => ({ origin: workerd.origin, token: await workerd.tokenOf(subject) }),
      packages: () => packagesBelow(runner.root),
    }
  }
  const bundled = once(() => Promise.resolve(bundle(folder)))
  const plain = once(() => startPlain('plain', installerSettings()))
  const plainWithIndex = once(async () => startPlain('with-index', (await index()).env))
  const local = once(async () => {
    const server = await startDevServer()
    ends.push(() => server.stop())
    // wrangler follows a start that began with what was kept: rows are of a server that has settled.
    await setTimeout(6_000)
    return server
  })
  const original = once(async () => {
    const started = await startOriginal(mkdtempSync(join(folder, 'original-')))
    if (started !== null) ends.push(() => started.end())
    return started
  })
  return {
    folder,
    original,
    plain,
    plainWithIndex,
    local,
    index,
    script(code) {
      const file = join(mkdtempSync(join(folder, 'script-')), 'script.py')
      writeFileSync(file, code)
      return file
    },
    async end() {
      for (const end of ends.toReversed()) await end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Where pip finds packages here, as the runner has a small environment of its own. */
function installerSettings(): Record<string, string> {
  const names = Object.keys(process.env).filter((name) =>
    /^(PIP_|UV_|SSL_|REQUESTS_|https?_proxy|no_proxy)/i.test(name),
  )
  return Object.fromEntries(names.map((name) => [name, process.env[name]!]))
}

function packagesBelow(root: string): string {
  for (const workspace of readdirSync(root)) {
    const packages = join(root, workspace, 'packages', 'current')
    if (existsSync(packages)) return packages
  }
  return ''
}

/** A developer's own variables, such as PYTHONUNBUFFERED, would make the baseline another one. */
const PLAIN_ENVIRONMENT = { PATH: process.env['PATH'], HOME: process.env['HOME'] }

/** Runs a script to its end in the interpreter alone, its output read and dropped. */
export function python(script: string, env: Record<string, string> = {}): void {
  const { status, stderr } = spawnSync(PYTHON, [script], {
    env: { ...PLAIN_ENVIRONMENT, ...env },
    maxBuffer: 1 << 30,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (status !== 0) throw new Error(`the script failed: ${String(stderr)}`)
}

/** Runs Python without blocking this process. `onData` gets what it writes; bytes are counted. */
export function pythonBeside(args: string[], onData: (chunk: Buffer) => void = () => {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(PYTHON, args, { env: PLAIN_ENVIRONMENT, stdio: ['ignore', 'pipe', 'inherit'] })
    child.stdout.on('data', onData)
    child.once('error', reject).once('close', (code) => (code === 0 ? resolve() : reject(new Error(`code ${code}`))))
  })
}

/** Resident MiB of a process (Linux). */
export function residentMiB(child: ChildProcess | number): number {
  const pid = typeof child === 'number' ? child : child.pid!
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024
}

/** Milliseconds that all processors of this machine have worked since it started (Linux, 10 ms each). */
export function busyMs(): number {
  const [user, nice, system, , , irq, softirq] = /^cpu +(.*)$/m
    .exec(readFileSync('/proc/stat', 'utf8'))![1]!
    .split(' ')
    .map(Number)
  return (user! + nice! + system! + irq! + softirq!) * 10
}

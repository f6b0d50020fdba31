/** The rows of the bench: what is measured, against what, and the goal. */
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { callTool, get, listTools, run, type Target } from './calls.ts'
import { worstLearnings } from './learnings.ts'
import type { Original } from './original.ts'
import { busyMs, python, pythonBeside, residentMiB, type Setting, WHEELS } from './setting.ts'
import { bareWorker, OURS, startToFirstAnswer } from './starts.ts'
import { inTurn, measured, type Measured, quantile, timed } from './statistics.ts'

export interface Row {
  id: string
  what: string
  baseline: string
  /** The ratio to reach: at most it, or at least it where more is better. The local original has none. */
  goal: number | null
  /** A rate: more is better. */
  isRate?: true
  /** Unit of `ours` and `baseline`; milliseconds unless said. */
  unit?: string
  /** Throws Unmeasurable when this machine lacks something. */
  measure(setting: Setting): Promise<Measured>
}

/** A row that cannot be measured here, and why. */
export class Unmeasurable extends Error {}

const PRINT = 'print(1)\n'
const PANDAS = 'import pandas as pd\nprint(pd.DataFrame({"a": range(10)}).sum().a)\n'
const FIRST_LINE = 'import time\nprint("first", flush=True)\ntime.sleep(0.2)\n'
const MILLION_LINES = 'for i in range(1_000_000):\n    print(i)\n'
const HUNDRED_MB = 'import sys\nline = "x" * 99 + "\\n"\nfor _ in range(1_000_000):\n    sys.stdout.write(line)\n'
const TEN_A_SECOND =
  'import time\nfor _ in range(100):\n    print(f"at {time.time():.6f}", flush=True)\n    time.sleep(0.1)\n'
const USERS = 32

export const ROWS: readonly Row[] = [
  {
    id: 'P1',
    what: '`print(1)`, plain workerd, one after the other',
    baseline: 'python script.py',
    goal: 1.3,
    measure: async (setting) => smallProgram(setting, await user(setting), 40, 0),
  },
  {
    id: 'P1-paused',
    what: '`print(1)`, plain workerd, 50 ms between calls',
    baseline: 'python script.py',
    goal: 1,
    measure: async (setting) => smallProgram(setting, await user(setting), 40, 50),
  },
  {
    id: 'P2',
    what: '`print(1)`, local server',
    baseline: 'python script.py',
    goal: 2,
    measure: async (setting) => smallProgram(setting, await setting.local(), 40, 0),
  },
  {
    id: 'P3',
    what: 'two lines of pandas, plain workerd',
    baseline: 'python script.py',
    goal: 0.06,
    async measure(setting) {
      const target = await user(setting)
      const installed = await callTool(target, 'pip_install', { package_name: 'pandas' })
      if (installed.isError) throw new Unmeasurable(`pandas cannot be installed: ${installed.text.split('\n')[0]}`)
      await run(target, PANDAS)
      // The fork server that has the packages imports them beside.
      await setTimeout(4_000)
      const env = { PYTHONPATH: (await setting.plain()).packages() }
      return besideScript(setting, PANDAS, 12, () => timed(() => run(target, PANDAS)), { env })
    },
  },
  {
    id: 'P4',
    what: 'the first line, plain workerd',
    baseline: "a pipe's first line",
    goal: 1.2,
    async measure(setting) {
      const target = await user(setting)
      const script = setting.script(FIRST_LINE)
      return inTurn(
        15,
        () => firstOf((told) => run(target, FIRST_LINE, (message) => message.includes('first') && told())),
        () => firstOf((told) => pythonBeside([script], told)),
      )
    },
  },
  {
    id: 'P5',
    what: 'from `print` to the client, 10 lines a second, 99th percentile (in ms)',
    baseline: '1 ms',
    goal: 5,
    async measure(setting) {
      const target = await user(setting)
      const late: number[] = []
      await run(target, TEN_A_SECOND, (message) => {
        const arrived = performance.timeOrigin + performance.now()
        for (const [, at] of message.matchAll(/^at ([\d.]+)$/gm)) late.push(arrived - Number(at) * 1000)
      })
      if (late.length < 90) throw new Error(`only ${late.length} of 100 lines arrived as progress`)
      return measured([[quantile(late, 0.99), 1]])
    },
  },
  {
    id: 'P6',
    what: 'a million short lines, rate',
    baseline: "a buffered pipe's",
    goal: 0.6,
    isRate: true,
    measure: (setting) => rate(setting, MILLION_LINES, 3),
  },
  {
    id: 'P7',
    what: '100 MB of output, rate',
    baseline: "a buffered pipe's",
    goal: 0.4,
    isRate: true,
    measure: (setting) => rate(setting, HUNDRED_MB, 3),
  },
  {
    id: 'P7-memory',
    what: 'what 100 MB of output add to the memory of workerd (in MiB)',
    baseline: '1 MiB',
    goal: 16,
    unit: 'MiB',
    async measure(setting) {
      const target = await user(setting)
      const { workerd } = await setting.plain()
      await run(target, HUNDRED_MB, () => {})
      const before = residentMiB(workerd.process)
      let most = before
      const watch = setInterval(() => (most = Math.max(most, residentMiB(workerd.process))), 20)
      await run(target, HUNDRED_MB, () => {})
      clearInterval(watch)
      return measured([[most - before, 1]])
    },
  },
  {
    id: 'P8',
    what: `calls a second at ${USERS} users, rate`,
    baseline: 'the same programs by python script.py',
    goal: 0.9,
    isRate: true,
    unit: 'calls/s',
    measure: async (setting) => (await manyUsers(setting)).throughput,
  },
  {
    id: 'P8-p99',
    what: `the 99th percentile of a call at ${USERS} users`,
    baseline: 'users ÷ throughput',
    goal: 1.5,
    measure: async (setting) => (await manyUsers(setting)).slowest,
  },
  {
    id: 'P9',
    what: 'learnings: 100,000 rows, the worst query',
    baseline: 'the same query at 1,000 rows',
    goal: 1.5,
    measure: () => Promise.resolve(worstLearnings()),
  },
  {
    id: 'P10',
    what: 'a small wheel by pip_install',
    baseline: 'pip install --target',
    goal: 0.6,
    async measure(setting) {
      const index = await setting.index()
      const target = await user(setting, setting.plainWithIndex())
      let next = 0
      const newFolder = () => mkdtempSync(join(setting.folder, 'wheels-'))
      return inTurn(
        6,
        () =>
          timed(async () => {
            const { isError, text } = await callTool(target, 'pip_install', { package_name: WHEELS[next++]!.name })
            if (isError) throw new Error(text)
          }),
        () =>
          timed(() =>
            pythonBeside([
              ...[
                '-m',
                'pip',
                'install',
                '--quiet',
                '--index-url',
                index.url,
                '--no-cache-dir',
                '--target',
                newFolder(),
              ],
              ...['--disable-pip-version-check', WHEELS[next++]!.name],
            ]),
          ),
        1,
      )
    },
  },
  {
    id: 'P11',
    what: '`tools/list`, plain workerd',
    baseline: '/health',
    goal: 5,
    async measure(setting) {
      const target = await user(setting)
      return inTurn(
        100,
        () => timed(() => listTools(target)),
        () => timed(() => get(target, '/health')),
        10,
      )
    },
  },
  {
    id: 'P12',
    what: 'local start to the first 200',
    baseline: 'wrangler dev of a Worker of one line',
    goal: 1.3,
    measure: async (setting) => {
      const bare = bareWorker(setting.folder)
      return inTurn(
        3,
        () => startToFirstAnswer(OURS, setting.folder),
        () => startToFirstAnswer(bare, setting.folder),
        1,
      )
    },
  },
  {
    id: 'P13',
    what: '`print(1)` with 10,000 files in the workspace',
    baseline: 'with none',
    goal: 1.2,
    async measure(setting) {
      const { user: make } = await setting.plain()
      const [full, empty] = [await make('files'), await make('none')]
      await run(full, 'for i in range(10_000):\n    open(f"f{i}.txt", "w").close()\n', undefined, { timeout: 120 })
      await run(empty, PRINT)
      return inTurn(
        20,
        () => timed(() => run(full, PRINT)),
        () => timed(() => run(empty, PRINT)),
      )
    },
  },
  {
    id: 'P14',
    what: 'processor time of a call, the whole machine (in ms)',
    baseline: '1 ms',
    goal: 12,
    async measure(setting) {
      const target = await user(setting)
      for (let i = 0; i < 5; i++) await run(target, PRINT)
      const pairs: [number, number][] = []
      for (let round = 0; round < 5; round++) {
        const before = busyMs()
        for (let i = 0; i < 60; i++) await run(target, PRINT)
        pairs.push([(busyMs() - before) / 60, 1])
      }
      return measured(pairs)
    },
  },
  {
    id: 'P15',
    what: 'memory of the runner after 120 runs with 2.2 MB of files each (MiB)',
    baseline: 'before them',
    goal: 1.3,
    unit: 'MiB',
    async measure(setting) {
      const { runner } = await setting.plain()
      const target = await user(setting)
      const files = { 'data.txt': 'x'.repeat(2_200_000) }
      await run(target, PRINT)
      const before = residentMiB(runner.pid)
      for (let i = 0; i < 120; i++) await run(target, PRINT, undefined, { files })
      return measured([[residentMiB(runner.pid), before]])
    },
  },
  {
    id: 'original-P1',
    what: '`print(1)`, the local original over stdio',
    baseline: 'python script.py',
    goal: null,
    async measure(setting) {
      const original = await theOriginal(setting)
      return besideScript(setting, PRINT, 40, () => timed(() => original.run(PRINT)), { warmUp: 5 })
    },
  },
  {
    id: 'original-P3',
    what: 'two lines of pandas, the local original',
    baseline: 'python script.py',
    goal: null,
    async measure(setting) {
      const original = await theOriginal(setting)
      const env = { PYTHONPATH: original.packages }
      return besideScript(setting, PANDAS, 8, () => timed(() => original.run(PANDAS)), { env })
    },
  },
  {
    id: 'original-P6',
    what: 'a million short lines, the local original, rate',
    baseline: "a buffered pipe's",
    goal: null,
    isRate: true,
    async measure(setting) {
      const original = await theOriginal(setting)
      return rateOf(setting, MILLION_LINES, 2, () => original.run(MILLION_LINES))
    },
  },
  {
    id: 'original-P11',
    what: '`tools/list`, the local original (in ms)',
    baseline: '1 ms',
    goal: null,
    async measure(setting) {
      const original = await theOriginal(setting)
      const times: [number, number][] = []
      for (let i = 0; i < 100; i++) times.push([await timed(() => original.listTools()), 1])
      return measured(times.slice(10))
    },
  },
]

async function theOriginal(setting: Setting): Promise<Original> {
  const original = await setting.original()
  if (original === null) throw new Unmeasurable('the package index has not got it')
  return original
}

/** A user whose programs are warm. */
async function user(setting: Setting, plain = setting.plain()): Promise<Target> {
  const { user: make } = await plain
  const target = await make('bench')
  for (let i = 0; i < 3; i++) await run(target, PRINT)
  return target
}

async function smallProgram(setting: Setting, target: Target, rounds: number, pauseMs: number): Promise<Measured> {
  const ours = async () => {
    if (pauseMs > 0) await setTimeout(pauseMs)
    return timed(() => run(target, PRINT))
  }
  return besideScript(setting, PRINT, rounds, ours, { warmUp: 5 })
}

/** Ours (milliseconds of a round) in turn with the same program by `python script.py`. */
function besideScript(
  setting: Setting,
  code: string,
  rounds: number,
  ours: () => Promise<number>,
  { env = {}, warmUp }: { env?: Record<string, string>; warmUp?: number } = {},
): Promise<Measured> {
  const script = setting.script(code)
  return inTurn(rounds, ours, () => timed(() => python(script, env)), warmUp)
}

/** Milliseconds until `start` calls back for the first time; it is waited for to its end. */
async function firstOf(start: (told: () => void) => Promise<unknown>): Promise<number> {
  const began = performance.now()
  let first = Number.NaN
  await start(() => {
    if (Number.isNaN(first)) first = performance.now() - began
  })
  if (Number.isNaN(first)) throw new Error('nothing arrived')
  return first
}

/** The baseline's time ÷ ours: our rate as a share of the baseline's. */
async function rate(setting: Setting, code: string, rounds: number): Promise<Measured> {
  const target = await user(setting)
  return rateOf(setting, code, rounds, () => run(target, code, () => {}, { timeout: 120 }))
}

async function rateOf(setting: Setting, code: string, rounds: number, ours: () => Promise<unknown>): Promise<Measured> {
  const script = setting.script(code)
  const { ours: times, baseline } = await inTurn(
    rounds,
    () => timed(ours),
    () => timed(() => pythonBeside([script])),
    1,
  )
  return { ours: times, baseline, ratios: times.map((ms, i) => baseline[i]! / ms) }
}

const manyUsers = onceASetting(async (setting) => {
  const { user: make } = await setting.plain()
  const targets = await Promise.all(Array.from({ length: USERS }, (_, i) => make(`user-${i}`)))
  await atOnce(
    targets.map((target) => () => run(target, PRINT)),
    0,
  )
  const script = setting.script(PRINT)
  const throughput: [number, number][] = []
  const slowest: [number, number][] = []
  for (let round = 0; round < 3; round++) {
    const ours = await atOnce(
      targets.map((target) => () => run(target, PRINT)),
      6_000,
    )
    const scripts = await atOnce(
      targets.map(() => () => pythonBeside([script])),
      4_000,
    )
    throughput.push([ours.perSecond, scripts.perSecond])
    slowest.push([quantile(ours.latencies, 0.99), (USERS / ours.perSecond) * 1000])
  }
  return { throughput: measured(throughput), slowest: measured(slowest) }
})

/** Each in a loop for so long, once at least. */
async function atOnce(
  calls: (() => Promise<unknown>)[],
  ms: number,
): Promise<{ perSecond: number; latencies: number[] }> {
  const latencies: number[] = []
  const began = performance.now()
  const loop = async (call: () => Promise<unknown>) => {
    do latencies.push(await timed(call))
    while (performance.now() - began < ms)
  }
  await Promise.all(calls.map(loop))
  return { perSecond: (latencies.length / (performance.now() - began)) * 1000, latencies }
}

function onceASetting<T>(make: (setting: Setting) => Promise<T>): (setting: Setting) => Promise<T> {
  const made = new WeakMap<Setting, Promise<T>>()
  return (setting) => {
    if (!made.has(setting)) made.set(setting, make(setting))
    return made.get(setting)!
  }
}

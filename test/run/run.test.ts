/** The order of a run, with a scripted runner that implements the runner's interface. */
import { expect, test } from 'vitest'
import type { RefusedHost } from '../../worker/run/network/policy.ts'
import type { CheckedEvent, ExitEvent, InstallEvent, RunEvent, RunRequest } from '../../worker/run/contract/protocol.ts'
import type { CheckResult } from '../../worker/run/contract/check.ts'
import type { Findings } from '../../worker/run/contract/findings.ts'
import { resume, run } from '../../worker/run/execution/run.ts'
import type { RunInput, RunStep } from '../../worker/run/contract/step.ts'
import { NO_NEWS, type Runner, type WorkspaceNews } from '../../worker/run/contract/runner.ts'
import { RunnerError } from '../../worker/run/contract/errors.ts'

const INPUT: RunInput = {
  id: 'r_1',
  code: 'print(1)',
  timeout_s: 5,
  packages: { auto_install: true, allowed_packages: [], blocked_packages: [], network: 'open' },
  max_output_bytes: 1_000_000,
  orphan_grace_s: 30,
  install_timeout_s: 300,
}
const FORMER = { id: 'r_1', timeout_s: 5, installed_packages: ['pillow==12.0.0'], created_at: 0 }
const started: RunEvent = { n: 1, type: 'started', pid: 1 }
const success = exit({ status: 'success', exit_code: 0, bytes: { stdout: 1, stderr: 0 } })

function exit(fields: Partial<ExitEvent>): ExitEvent {
  return {
    n: 9,
    type: 'exit',
    status: 'error',
    exit_code: 1,
    signal: null,
    usage: { wall_ms: 1, cpu_ms: 1, max_rss_bytes: 1 },
    bytes: { stdout: 0, stderr: 0 },
    cut: false,
    ...fields,
  }
}

type Script = (RunEvent | RunnerError)[]
type CheckedScript = (RunEvent | CheckedEvent | RunnerError)[]

/** A runner that answers with the given streams, in order, and writes down what it is asked. */
function scripted(script: {
  check?: Partial<CheckResult>
  start?: Script[]
  /** It can do both with one request. */
  checkAndStart?: CheckedScript[]
  attach?: Script[]
  install?: InstallEvent[][]
  /** It sleeps, and this is how it wakes up. */
  wake?: () => Promise<void>
  /** What it tells of the workspace with each start, in order. */
  news?: WorkspaceNews[]
  /** What it says was refused, by the milliseconds that it is asked about. */
  refused?: (withinMs: number) => Promise<RefusedHost[]>
}) {
  const asked: string[] = []
  async function* play<T>(events: (T | RunnerError)[] | undefined): AsyncGenerator<T> {
    for (const event of events ?? [new RunnerError('not_found', 'no such run')]) {
      if (event instanceof RunnerError) throw event
      yield event
    }
  }
  const runner: Runner = {
    asleep: () => Promise.resolve(script.wake !== undefined),
    wake: () => {
      asked.push('wake')
      return script.wake!()
    },
    warmUp: () => Promise.reject(new Error('not asked for')),
    health: () => Promise.reject(new Error('not asked for')),
    check: () => {
      asked.push('check')
      return Promise.resolve({ syntax_error: null, imports: [], notes: [], ...script.check })
    },
    start: (request, told) => {
      asked.push(`start ${request.id}`)
      told?.(script.news?.shift() ?? NO_NEWS)
      return play(script.start?.shift())
    },
    ...(script.checkAndStart && {
      checkAndStart: (request, told) => {
        asked.push(`check and start ${request.id}`)
        told?.(script.news?.shift() ?? NO_NEWS)
        return play(script.checkAndStart!.shift())
      },
    }),
    attach: (id, after) => {
      asked.push(`attach ${id} ${after}`)
      return play(script.attach?.shift())
    },
    cancel: (id) => {
      asked.push(`cancel ${id}`)
      return Promise.resolve(true)
    },
    install: (specs) => {
      asked.push(`install ${specs.join(' ')}`)
      return play(script.install?.shift())
    },
    refusedHosts: (withinMs) => script.refused?.(withinMs) ?? Promise.resolve([]),
    listFiles: () => Promise.reject(new Error('not asked for')),
    readFile: () => Promise.reject(new Error('not asked for')),
    readPicture: () => Promise.reject(new Error('not asked for')),
    reset: () => Promise.reject(new Error('not asked for')),
    wipe: () => Promise.reject(new Error('not asked for')),
    deleteFile: () => Promise.reject(new Error('not asked for')),
    writeFile: () => Promise.reject(new Error('not asked for')),
    writePiece: () => Promise.reject(new Error('not asked for')),
    listPackages: () => Promise.reject(new Error('not asked for')),
    removePackage: () => Promise.reject(new Error('not asked for')),
    readSeveral: () => Promise.reject(new Error('not asked for')),
    deleteFolder: () => Promise.reject(new Error('not asked for')),
    upload: () => Promise.reject(new Error('not asked for')),
    dropUpload: () => Promise.reject(new Error('not asked for')),
  }
  return { runner, asked }
}

async function outcomeOf(steps: AsyncGenerator<RunStep>) {
  const all = await Array.fromAsync(steps)
  const last = all.at(-1)
  if (last?.type !== 'outcome') throw new Error('the last step is not the outcome')
  expect(all.filter(({ type }) => type === 'outcome')).toHaveLength(1)
  return last.outcome
}

function deps(runner: Runner, signal = new AbortController().signal, spent: (ms: number) => void = () => {}) {
  return { runner, executor: 'local' as const, signal, wait: () => Promise.resolve(), now: clock(), spent }
}

/** Each look at it is a second later. */
function clock() {
  let ms = 0
  return () => (ms += 1_000)
}

const missing = (module: string): CheckResult['imports'] => [{ module, kind: 'missing', line: 1 }]
const done: InstallEvent = { type: 'done', status: 'success', installed: ['pillow==12.0.0'], message: null }

test('a missing import is installed before the program starts, once', async () => {
  const { runner, asked } = scripted({
    check: { imports: missing('PIL') },
    install: [[done]],
    start: [[started, success]],
  })
  const outcome = await outcomeOf(run(INPUT, deps(runner)))
  expect(asked).toEqual(['check', 'install pillow', 'start r_1'])
  expect(outcome).toMatchObject({ status: 'success', installed_packages: ['pillow==12.0.0'] })
})

/** The reading of a cell that asks for a package. */
const asking = (spec: string): CheckResult['reading'] => ({
  repairs: [],
  lines: [{ line: 1, text: `!pip install ${spec}`, how: 'installed' }],
  specs: [{ line: 1, spec, installed: false }],
})

test('what a cell asks for is installed first, and the imports are looked at again', async () => {
  const { runner, asked } = scripted({
    check: { imports: missing('PIL'), reading: asking('pillow==12.0.0') },
    install: [[done], [done]],
    start: [[started, success]],
  })
  const outcome = await outcomeOf(run(INPUT, deps(runner)))
  expect(asked).toEqual(['check', 'install pillow==12.0.0', 'check', 'install pillow', 'start r_1'])
  expect(outcome.hints).toEqual([
    'Taken as a notebook cell: line 1 "!pip install pillow==12.0.0" went to the package installer.',
  ])
})

test('what a cell asks for and may not have is said once, also when all goes well', async () => {
  const { runner, asked } = scripted({ check: { reading: asking('pillow') }, start: [[started, success]] })
  const packages = { ...INPUT.packages, blocked_packages: ['pillow'] }
  const outcome = await outcomeOf(run({ ...INPUT, packages }, deps(runner)))
  expect(asked).toEqual(['check', 'start r_1'])
  expect(outcome.hints).toEqual([expect.stringContaining('"pillow" is on the user\'s list blocked_packages')])
})

test('what is left of a program after its repair is what runs', async () => {
  const { runner } = scripted({
    check: { reading: { program: '\nx', repairs: ['prompts'], lines: [], specs: [] } },
    start: [[started, success]],
  })
  const requests: RunRequest[] = []
  const start: Runner['start'] = (request) => {
    requests.push(request)
    return runner.start(request)
  }
  await outcomeOf(run({ ...INPUT, code: '```\n>>> x\n```' }, deps({ ...runner, start })))
  expect(requests).toMatchObject([{ code: '\nx', show_last: true }])
})

test('a success that has nothing to show says so, with the next step', async () => {
  const quiet = exit({ status: 'success', exit_code: 0 })
  const hints = async (exit: ExitEvent, ...events: RunEvent[]) => {
    const { runner } = scripted({ start: [[started, ...events, exit]] })
    return (await outcomeOf(run(INPUT, deps(runner)))).hints
  }
  expect(await hints(quiet)).toEqual(['It printed nothing and changed no file here. Next: print what you want to see.'])
  const over_quota = { bytes: 1, limit_bytes: 2, at_start: true }
  expect(await hints({ ...quiet, over_quota })).toEqual([expect.stringContaining('now there is room')])
  expect(await hints({ ...quiet, files_cut: true })).toEqual(['It printed nothing. Next: print what you want to see.'])
  expect(await hints({ ...quiet, bytes: { stdout: 0, stderr: 1 } })).toEqual([])
  expect(await hints(quiet, { n: 2, type: 'file', path: 'a', change: 'deleted', bytes: null, mime: null })).toEqual([])
})

test('the time of every installation is told, also of one that fails, and of an attempt that is made again', async () => {
  const failure: InstallEvent = { type: 'done', status: 'error', installed: [], message: 'none' }
  const imports: CheckResult['imports'] = [...missing('PIL'), { module: 'nope', kind: 'missing', line: 2 }]
  const late = exit({
    usage: { wall_ms: 77, cpu_ms: 1, max_rss_bytes: 1 },
    error: { type: 'ModuleNotFoundError', message: 'x', line: 1, frame: null, module: 'yaml' },
  })
  const { runner, asked } = scripted({
    check: { imports },
    install: [[done], [failure], [done]],
    start: [
      [started, late],
      [started, success],
    ],
  })
  const spent: number[] = []
  await outcomeOf(
    run(
      INPUT,
      deps(runner, undefined, (ms) => spent.push(ms)),
    ),
  )
  expect(asked.filter((each) => each.startsWith('install'))).toHaveLength(3)
  // Each look at the clock is a second later.
  expect(spent).toEqual([1_000, 1_000, 1_000, 77])
})

test('a program that had reached somebody is not run again after a late installation', async () => {
  const error = { type: 'ModuleNotFoundError', message: 'x', line: 1, frame: null, module: 'yaml' }
  const { runner, asked } = scripted({ install: [[done]], start: [[started, exit({ error, connected: true })]] })
  const outcome = await outcomeOf(run(INPUT, deps(runner)))
  expect(asked).toEqual(['check', 'start r_1', 'install PyYAML'])
  expect(outcome.hints).toEqual([
    'Installed PyYAML after the import failed. The program was not run again, as it had printed, changed or sent something. Next: call again, if that may happen twice.',
  ])
})

test('nothing is installed when auto_install is off; the program runs and the result says why it failed', async () => {
  const failed = exit({ error: { type: 'ModuleNotFoundError', message: 'x', line: 1, frame: null, module: 'PIL' } })
  const { runner, asked } = scripted({ check: { imports: missing('PIL') }, start: [[started, failed]] })
  const outcome = await outcomeOf(run({ ...INPUT, packages: { ...INPUT.packages, auto_install: false } }, deps(runner)))
  expect(asked).toEqual(['check', 'start r_1'])
  expect(outcome.hints.join(' ')).toContain('auto_install is off')
})

test('a failed installation does not keep the program from running', async () => {
  const failure: InstallEvent = { type: 'done', status: 'error', installed: [], message: 'No matching distribution' }
  const failed = exit({ error: { type: 'ModuleNotFoundError', message: 'x', line: 1, frame: null, module: 'nope' } })
  const { runner, asked } = scripted({
    check: { imports: missing('nope') },
    install: [[failure]],
    start: [[started, failed]],
  })
  const outcome = await outcomeOf(run(INPUT, deps(runner)))
  expect(asked).toEqual(['check', 'install nope', 'start r_1'])
  expect(outcome.hints.join(' ')).toContain('no package of this name')
})

test('a slip of a known name installs nothing, and the failing program’s result suggests the name', async () => {
  const failed = exit({
    error: { type: 'ModuleNotFoundError', message: 'x', line: 1, frame: null, module: 'reqeusts' },
  })
  const { runner, asked } = scripted({ check: { imports: missing('reqeusts') }, start: [[started, failed]] })
  const outcome = await outcomeOf(run(INPUT, deps(runner)))
  expect(asked).toEqual(['check', 'start r_1'])
  expect(outcome.hints.join(' ')).toContain('import "requests" if that is meant')
})

test('a package that may not exist does not keep well-known ones from being installed', async () => {
  const failure: InstallEvent = { type: 'done', status: 'error', installed: [], message: 'No matching distribution' }
  const imports = ['yaml', 'unheard_of_thing', 'numpy'].flatMap(missing)
  const { runner, asked } = scripted({ check: { imports }, install: [[done], [failure]], start: [[started, success]] })
  const outcome = await outcomeOf(run(INPUT, deps(runner)))
  expect(asked).toEqual(['check', 'install PyYAML numpy', 'install unheard_of_thing', 'start r_1'])
  expect(outcome.installed_packages).toEqual(['pillow==12.0.0'])
})

test('the result says that cv2 came from the headless package, also when all went well', async () => {
  const { runner, asked } = scripted({
    check: { imports: missing('cv2') },
    install: [[done]],
    start: [[started, success]],
  })
  const outcome = await outcomeOf(run(INPUT, deps(runner)))
  expect(asked).toEqual(['check', 'install opencv-python-headless', 'start r_1'])
  expect(outcome.hints).toEqual([expect.stringContaining('cv2 was installed as opencv-python-headless')])
})

test('a blocked package is not installed, neither before the run nor after', async () => {
  const packages = { ...INPUT.packages, blocked_packages: ['Pillow'] }
  const failed = exit({ error: { type: 'ModuleNotFoundError', message: 'x', line: 1, frame: null, module: 'PIL' } })
  for (const imports of [missing('PIL'), []]) {
    const { runner, asked } = scripted({ check: { imports }, start: [[started, failed]] })
    const outcome = await outcomeOf(run({ ...INPUT, packages }, deps(runner)))
    expect(asked).toEqual(['check', 'start r_1'])
    expect(outcome.hints.join(' ')).toContain('"pillow", the package of "PIL", is on the user\'s list blocked_packages')
  }
})

const dynamic = exit({ error: { type: 'ModuleNotFoundError', message: 'x', line: 1, frame: null, module: 'PIL' } })

test('a dynamic import is installed and the program run again when it had done nothing yet', async () => {
  const { runner, asked } = scripted({
    install: [[done]],
    start: [
      [started, dynamic],
      [started, success],
    ],
  })
  const sent = (installed: string[]) => asked.push(`starting with ${installed.join()}`)
  const outcome = await outcomeOf(run(INPUT, deps(runner), { sent, read: () => {}, held: () => {} }))
  expect(asked).toEqual([
    'check',
    'starting with ',
    'start r_1',
    'install pillow',
    'starting with pillow==12.0.0',
    'start r_1-2',
  ])
  expect(outcome).toMatchObject({ run_id: 'r_1', status: 'success' })
})

const wants = (name: string) =>
  exit({ error: { type: 'ImportError', message: `Missing optional dependency '${name}'.`, line: 1, frame: null } })

test('packages that a library asks for one after the other are installed, three at most, and the program run again', async () => {
  const { runner, asked } = scripted({
    install: [[done], [done], [done], [done]],
    start: ['lxml', 'html5lib', 'tabulate', 'openpyxl'].map((name) => [started, wants(name)]),
  })
  const outcome = await outcomeOf(run(INPUT, deps(runner)))
  expect(asked.filter((each) => !each.startsWith('check'))).toEqual([
    ...[
      'start r_1',
      'install lxml',
      'start r_1-2',
      'install html5lib',
      'start r_1-3',
      'install tabulate',
      'start r_1-4',
    ],
    'install openpyxl',
  ])
  expect(outcome.hints).toEqual(['Installed openpyxl after the import failed. Next: call again with the same program.'])
})

test('a package that was installed to no avail is not installed again', async () => {
  const { runner, asked } = scripted({
    install: [[done]],
    start: [
      [started, wants('lxml')],
      [started, wants('lxml')],
    ],
  })
  const outcome = await outcomeOf(run(INPUT, deps(runner)))
  expect(asked).toEqual(['check', 'start r_1', 'install lxml', 'start r_1-2'])
  expect(outcome).toMatchObject({ status: 'error', hints: [] })
})

test('why an installation failed is in the outcome, in words and as data', async () => {
  const none: InstallEvent[] = [
    {
      type: 'output',
      text: 'ERROR: Could not find a version that satisfies the requirement nope (from versions: none)\n',
    },
    { type: 'done', status: 'error', installed: [], message: 'No matching distribution found for nope' },
  ]
  const failed = exit({ error: { type: 'ModuleNotFoundError', message: 'x', line: 1, frame: null, module: 'nope' } })
  const { runner } = scripted({ check: { imports: missing('nope') }, install: [none], start: [[started, failed]] })
  expect(await outcomeOf(run(INPUT, deps(runner)))).toMatchObject({
    failed_installs: [{ packages: ['nope'], why: 'unknown' }],
    hints: [
      'Installing nope failed: the package index has no package of this name. Next: check the name "nope": a package may be called otherwise than its module.',
    ],
  })
})

test('what reading the program told is in the receipt, and in a hint only when it explains the end', async () => {
  const notes: CheckResult['notes'] = [
    { kind: 'input', line: 2 },
    { kind: 'host', line: 3, what: 'a.test' },
    { kind: 'host', line: 3, what: '127.0.0.1' },
    { kind: 'deletes_folder', line: 4, what: "'/'" },
    { kind: 'deletes_files', line: 5 },
    { kind: 'spawn', line: 6 },
  ]
  const packages = { ...INPUT.packages, network: 'off' as const }
  const { runner } = scripted({ check: { notes }, start: [[started, success]] })
  const outcome = await outcomeOf(run({ ...INPUT, packages, stdin: 'yes' }, deps(runner)))
  expect(outcome).toMatchObject({ status: 'success', hints: [] })
  expect(outcome.check?.notes).toEqual([
    'Line 3 names the host a.test; the network policy is "off".',
    "Line 4 deletes a folder with all that is in it: '/'",
    'Line 5 deletes files one after the other.',
    'Line 6 starts worker processes outside of if __name__ == "__main__": each begins by running the program.',
  ])
  const ends = exit({ error: { type: 'EOFError', message: 'EOF when reading a line', line: 2, frame: null } })
  const silent = scripted({ check: { notes: notes.slice(0, 1) }, start: [[started, ends]] })
  expect(await outcomeOf(run(INPUT, deps(silent.runner)))).toMatchObject({
    check: { notes: ['Line 2 calls input(), and no stdin was given.'] },
    hints: [
      'Nobody can answer input(), and no "stdin" was given. Next: pass "stdin", one line for each input(), or put the values into the program.',
    ],
  })
})

test.each<[string, RunEvent]>([
  ['printed', { n: 2, type: 'stdout', text: 'step 1 done' }],
  ['changed a file', { n: 2, type: 'file', path: 'a', change: 'created', bytes: 1, mime: 'text/plain' }],
])('a dynamic import is installed but the program is not run again when it had %s', async (_what, effect) => {
  const { runner, asked } = scripted({ install: [[done]], start: [[started, effect, dynamic]] })
  const outcome = await outcomeOf(run(INPUT, deps(runner)))
  expect(asked).toEqual(['check', 'start r_1', 'install pillow'])
  expect(outcome.status).toBe('error')
  expect(outcome.hints.join(' ')).toContain('call again')
})

test('a dynamic import is installed but the program is not run again when not every file could be looked at', async () => {
  const { runner, asked } = scripted({ install: [[done]], start: [[started, { ...dynamic, files_cut: true }]] })
  await outcomeOf(run(INPUT, deps(runner)))
  expect(asked).toEqual(['check', 'start r_1', 'install pillow'])
})

test('a broken stream is taken up where it broke, and no event comes twice', async () => {
  const line = (n: number): RunEvent => ({ n, type: 'stdout', text: `${n}\n` })
  const { runner, asked } = scripted({ start: [[started, line(2)]], attach: [[line(3)], [line(4), success]] })
  const outcome = await outcomeOf(run(INPUT, deps(runner)))
  expect(asked).toEqual(['check', 'start r_1', 'attach r_1 2', 'attach r_1 3'])
  expect(outcome).toMatchObject({ status: 'success', stdout: '2\n3\n4\n' })
})

test('a stream without an exit is lost, never a success', async () => {
  const { runner } = scripted({ start: [[started, { n: 2, type: 'stdout', text: 'half' }]] })
  const outcome = await outcomeOf(run(INPUT, deps(runner)))
  expect(outcome).toMatchObject({ status: 'lost', stdout: 'half', usage: null, bytes: { stdout: 4, stderr: 0 } })
  expect(outcome.hints.join(' ')).toContain('Next:')
})

test('a runner that stays away is asked a few times only', async () => {
  const away = new RunnerError('unreachable', 'gone')
  const { runner, asked } = scripted({ start: [[started]], attach: Array.from({ length: 9 }, () => [away]) })
  expect((await outcomeOf(run(INPUT, deps(runner)))).status).toBe('lost')
  expect(asked.length).toBeLessThan(7)
})

test('a start that the runner did not answer is taken back', async () => {
  const { runner, asked } = scripted({ start: [[new RunnerError('unreachable', 'silent')]] })
  await expect(outcomeOf(run(INPUT, deps(runner)))).rejects.toThrow('silent')
  expect(asked).toEqual(['check', 'start r_1', 'cancel r_1'])
})

test('a program that did not start is sent again once', async () => {
  const refused = new RunnerError('not_started', 'fork failed')
  const { runner, asked } = scripted({ start: [[refused], [started, success]] })
  expect((await outcomeOf(run(INPUT, deps(runner)))).status).toBe('success')
  expect(asked).toEqual(['check', 'start r_1', 'start r_1'])

  const twice = scripted({ start: [[refused], [refused]] })
  await expect(outcomeOf(run(INPUT, deps(twice.runner)))).rejects.toThrow('fork failed')
})

test('a program that was cancelled before it could begin is not sent again', async () => {
  const abort = new AbortController()
  const { runner, asked } = scripted({ start: [[new RunnerError('not_started', 'withdrawn')], [started, success]] })
  const cancelled = {
    ...runner,
    start: (request: RunRequest) => {
      abort.abort()
      return runner.start(request)
    },
  }
  expect((await outcomeOf(run(INPUT, deps(cancelled, abort.signal)))).status).toBe('cancelled')
  expect(asked).toEqual(['check', 'cancel r_1', 'start r_1'])
})

test('a runner that cannot be reached at all is an exception, not an outcome', async () => {
  const { runner } = scripted({ start: [[new RunnerError('unreachable', 'gone')]] })
  await expect(outcomeOf(run(INPUT, deps(runner)))).rejects.toThrow(RunnerError)
})

test('cancelling before the start runs nothing', async () => {
  const { runner, asked } = scripted({})
  const outcome = await outcomeOf(run(INPUT, deps(runner, AbortSignal.abort())))
  expect(outcome.status).toBe('cancelled')
  expect(asked).toEqual([])
})

test('cancelling while it runs asks the runner to end it', async () => {
  const abort = new AbortController()
  const { runner, asked } = scripted({
    start: [[started, exit({ status: 'cancelled', exit_code: null, signal: 'SIGTERM' })]],
  })
  const steps = run(INPUT, deps(runner, abort.signal))
  const seen: string[] = []
  for await (const step of steps) {
    seen.push(step.type)
    if (step.type === 'started') abort.abort()
  }
  expect(asked).toEqual(['check', 'start r_1', 'cancel r_1'])
  expect(seen.at(-1)).toBe('outcome')
})

test('a former life’s run is taken up from its first event', async () => {
  const { runner, asked } = scripted({ attach: [[started, success], [new RunnerError('not_found', '')]] })
  const outcome = await outcomeOf(resume(FORMER, deps(runner)))
  expect(outcome).toMatchObject({ status: 'success', installed_packages: ['pillow==12.0.0'] })
  expect(asked).toEqual(['attach r_1 0', 'attach r_1-2 0'])
})

test('a former life’s second attempt is the one that counts', async () => {
  const { runner } = scripted({
    attach: [
      [started, exit({})],
      [started, success],
    ],
  })
  const seen: string[] = []
  for await (const step of resume(FORMER, deps(runner))) {
    seen.push(step.type === 'outcome' ? step.outcome.status : step.type)
  }
  expect(seen).toEqual(['started', 'exit', 'started', 'exit', 'success'])
})

const REFUSED: RefusedHost = { host: 'example.com', port: 443, because: 'off' }

test.each(['success', 'error'] as const)(
  'what was refused since its start is in the receipt of a %s, and a hint',
  async (status) => {
    const refused = async (withinMs: number) => (withinMs === 1_000 ? [REFUSED] : [])
    const { runner } = scripted({ start: [[started, exit({ status })]], refused })
    const outcome = await outcomeOf(run(INPUT, deps(runner)))
    expect(outcome).toMatchObject({ status, refused_hosts: [REFUSED] })
    expect(outcome.hints.join()).toContain('network policy "off" refused example.com (443). Next: ')
  },
)

test('a former life’s run is asked about from its beginning', async () => {
  const refused = async (withinMs: number) => (withinMs === 400 ? [REFUSED] : [])
  const { runner } = scripted({ attach: [[started, success], [new RunnerError('not_found', '')]], refused })
  const outcome = await outcomeOf(resume({ ...FORMER, created_at: 600 }, deps(runner)))
  expect(outcome).toMatchObject({ refused_hosts: [REFUSED], hints: [expect.stringContaining('example.com')] })
})

test('without a refused host the receipt says nothing of any, nor where nobody can be asked', async () => {
  for (const refused of [async () => [], () => Promise.reject(new RunnerError('unreachable', ''))]) {
    const { runner } = scripted({ start: [[started, success]], refused })
    const outcome = await outcomeOf(run(INPUT, deps(runner)))
    expect(outcome.status).toBe('success')
    expect(outcome).not.toHaveProperty('refused_hosts')
  }
})

test('a former life’s run that the runner does not know is lost', async () => {
  const { runner } = scripted({})
  expect((await outcomeOf(resume(FORMER, deps(runner)))).status).toBe('lost')
})

test('what the runner lives in is started first, and that is said', async () => {
  const { runner, asked } = scripted({ wake: () => Promise.resolve(), start: [[started, success]] })
  const steps: RunStep[] = []
  for await (const step of run(INPUT, deps(runner))) steps.push(step)
  expect(asked).toEqual(['wake', 'check', 'start r_1'])
  expect(steps[0]).toEqual({ type: 'status', text: 'Starting the sandbox …' })
})

test('that the workspace was restored, or is not saved, is said', async () => {
  const news: WorkspaceNews = { restored_from: '2026-11-22T18:40:12.345Z', emptied: false, unsaved: 'too_large' }
  const { runner } = scripted({ news: [news], start: [[started, success]] })
  const { restored_from, hints } = await outcomeOf(run(INPUT, deps(runner)))
  expect(restored_from).toBe(news.restored_from)
  expect(hints).toEqual([
    expect.stringMatching(/restored as they had been saved at 2026-11-22 18:40:12 UTC\./),
    expect.stringMatching(/too large.* Next: delete what is not needed/),
  ])
})

test('what the first attempt at a program was told is not forgotten with it', async () => {
  const restored: WorkspaceNews = { restored_from: '2026-11-22T18:40:12.345Z', emptied: false, unsaved: 'failed' }
  const failed = exit({ error: { type: 'ModuleNotFoundError', message: 'x', line: 1, frame: null, module: 'emoji' } })
  const { runner } = scripted({
    news: [restored, NO_NEWS],
    start: [
      [started, failed],
      [started, success],
    ],
    install: [[done]],
  })
  const { restored_from, hints } = await outcomeOf(run(INPUT, deps(runner)))
  expect(restored_from).toBe(restored.restored_from)
  expect(hints[0]).toMatch(/^This is a new sandbox: files and packages were restored/)
  expect(hints.join(' ')).not.toContain('could not be saved')
})

test('a run that is cancelled while that starts does not wait for it', async () => {
  const abort = new AbortController()
  const { runner, asked } = scripted({ wake: () => new Promise(() => {}) })
  let last: RunStep | undefined
  for await (const step of run(INPUT, deps(runner, abort.signal))) {
    if (step.type === 'status') abort.abort()
    last = step
  }
  expect(asked).toEqual(['wake'])
  expect(last).toMatchObject({ type: 'outcome', outcome: { status: 'cancelled' } })
})

test('what cannot be started is an error of the platform', async () => {
  const { runner, asked } = scripted({ wake: () => Promise.reject(new RunnerError('sandbox_full', '')) })
  await expect(outcomeOf(run(INPUT, deps(runner)))).rejects.toMatchObject({ code: 'sandbox_full' })
  expect(asked).toEqual(['wake'])
})

test('what a program installs itself is left to it, in whatever build, and installed late if its import fails all the same', async () => {
  const check = { imports: ['cv2', 'emoji', 'yaml'].flatMap(missing), own_installs: ['emoji==2.0.0', 'opencv-python'] }
  const { runner, asked } = scripted({ check, install: [[done]], start: [[started, success]] })
  await outcomeOf(run(INPUT, deps(runner)))
  expect(asked).toEqual(['check', 'install PyYAML', 'start r_1'])

  const failed = exit({ error: { type: 'ModuleNotFoundError', message: 'x', line: 1, frame: null, module: 'emoji' } })
  const again = scripted({
    check: { ...check, imports: missing('emoji') },
    install: [[done]],
    start: [
      [started, failed],
      [started, success],
    ],
  })
  await outcomeOf(run(INPUT, deps(again.runner)))
  expect(again.asked).toEqual(['check', 'start r_1', 'install emoji', 'start r_1-2'])
})

test('what a program has installed is named with what was installed for it', async () => {
  const { runner } = scripted({
    check: { imports: missing('PIL') },
    install: [[done]],
    start: [[started, exit({ status: 'success', exit_code: 0, installed: ['emoji==2.0.0'] })]],
  })
  expect((await outcomeOf(run(INPUT, deps(runner)))).installed_packages).toEqual(['pillow==12.0.0', 'emoji==2.0.0'])
})

test('the user’s lists go with the program, unless they allow everything', async () => {
  const lists = async (allowed_packages: string[], blocked_packages: string[]) => {
    const { runner } = scripted({})
    const requests: unknown[] = []
    const start: Runner['start'] = async function* (request) {
      requests.push(request.package_lists)
      yield* [started, success]
    }
    await outcomeOf(
      run(
        { ...INPUT, packages: { ...INPUT.packages, allowed_packages, blocked_packages } },
        deps({ ...runner, start }),
      ),
    )
    return requests
  }
  expect(await lists([], [])).toEqual([undefined])
  expect(await lists(['*', 'x'], [])).toEqual([undefined])
  expect(await lists(['*'], ['evil'])).toEqual([{ allowed: [], blocked: ['evil'] }])
  expect(await lists(['x'], [])).toEqual([{ allowed: ['x'], blocked: [] }])
})

test('dependencies that a program declares are installed in their version, and the program is looked at again', async () => {
  const script = { dependencies: [], missing: ['humanize==4.0.0', 'jmespath'], requires_python: null, problem: null }
  const { runner, asked } = scripted({ check: { script }, install: [[done]], start: [[started, success]] })
  await outcomeOf(run(INPUT, deps(runner)))
  expect(asked).toEqual(['check', 'install humanize==4.0.0 jmespath', 'check', 'start r_1'])
})

test('dependencies go through the policy, and the result says what kept one from being installed', async () => {
  const script = {
    dependencies: [],
    missing: ['evil>=1', 'x @ https://example.com/x.whl', 'reqeusts'],
    requires_python: '>=3.99',
    problem: null,
  }
  const failed = exit({ error: { type: 'ModuleNotFoundError', message: 'x', line: 1, frame: null, module: 'evil' } })
  const { runner, asked } = scripted({ check: { script }, start: [[started, failed]] })
  const packages = { ...INPUT.packages, blocked_packages: ['evil'] }
  const { hints } = await outcomeOf(run({ ...INPUT, packages }, deps(runner)))
  expect(asked.filter((each) => each !== 'install evil')).toEqual(['check', 'start r_1'])
  expect(hints.join('\n')).toContain(
    'The program asks for Python ">=3.99" (requires-python), which this one is not; it ran all the same.',
  )
  expect(hints.join('\n')).toContain('"evil" is on the user\'s list blocked_packages.')
  expect(hints.join('\n')).toContain('addresses are not installed from, only packages by their name')
  expect(hints.join('\n')).toContain('looks like "requests"')

  const off = scripted({ check: { script: { ...script, missing: ['emoji==2.0.0'] } }, start: [[started, failed]] })
  const told = await outcomeOf(run({ ...INPUT, packages: { ...packages, auto_install: false } }, deps(off.runner)))
  expect(told.hints.join('\n')).toContain('call pip_install with "emoji==2.0.0", or pass auto_install: true')
})

test('a block of dependencies that cannot be read is said, also when all went well', async () => {
  const script = { dependencies: [], missing: [], requires_python: null, problem: 'Invalid value (at end of document)' }
  const { runner } = scripted({ check: { script }, start: [[started, success]] })
  expect((await outcomeOf(run(INPUT, deps(runner)))).hints).toEqual([
    'The block "# /// script" cannot be read (Invalid value (at end of document)), so its dependencies were not installed. Next: correct it.',
  ])
})

test('a program that names the working folder of another system is told of its own, unless its files came back', async () => {
  const check = { elsewhere: ['/mnt/data', '/content'] }
  const { runner } = scripted({ check, start: [[started, success]] })
  expect((await outcomeOf(run(INPUT, deps(runner)))).hints).toEqual([
    '/mnt/data and /content are not your working folder: what is written there is not kept with your files, and does not come back. Next: use relative paths.',
  ])
  const file: RunEvent = {
    n: 2,
    type: 'file',
    path: '.outputs/r_1/mnt/data/z.txt',
    change: 'created',
    bytes: 1,
    mime: 'text/plain',
  }
  const named = scripted({ check: { elsewhere: ['/mnt/data'] }, start: [[started, file, success]] })
  expect((await outcomeOf(run(INPUT, deps(named.runner)))).hints).toEqual([])
})

/** What the runner says of a program that it reads before it starts it. */
const checked = (check: Partial<CheckResult>, starts = true): CheckedEvent => ({
  type: 'checked',
  starts,
  check: { syntax_error: null, imports: [], notes: [], ...check },
})

/** Runs a program with a runner that can read and start with one request. `asked` has what the run's row is told, too. */
async function atOnce(script: Parameters<typeof scripted>[0], signal?: AbortSignal) {
  const { runner, asked } = scripted(script)
  const marks = {
    sent: (installed: string[]) => asked.push(`sent with ${installed.join()}`),
    read: ({ imports }: Findings) => asked.push(`read ${JSON.stringify(imports.installed)}`),
    held: () => asked.push('held'),
  }
  const steps: RunStep[] = []
  const watched = async function* () {
    for await (const step of run(INPUT, deps(runner, signal), marks)) {
      steps.push(step)
      yield step
    }
  }
  return { outcome: await outcomeOf(watched()), asked, steps: steps.map(({ type }) => type) }
}

test('a program that lacks nothing is read and run by one request', async () => {
  const imports: CheckResult['imports'] = [{ module: 'numpy', kind: 'installed', line: 1 }]
  const notes: CheckResult['notes'] = [{ kind: 'deletes_files', line: 5 }]
  const { outcome, asked, steps } = await atOnce({ checkAndStart: [[checked({ imports, notes }), started, success]] })
  expect(asked).toEqual(['sent with ', 'check and start r_1', 'read ["numpy"]'])
  expect(steps).toEqual(['started', 'exit', 'outcome'])
  expect(outcome).toMatchObject({
    status: 'success',
    hints: [],
    check: { notes: ['Line 5 deletes files one after the other.'] },
  })
})

test('what has to be known of how it was read is said all the same', async () => {
  const reading: CheckResult['reading'] = {
    repairs: [],
    lines: [{ line: 1, text: '%matplotlib inline', how: 'left_out' }],
    specs: [],
  }
  const { outcome } = await atOnce({ checkAndStart: [[checked({ reading }), started, success]] })
  expect(outcome.hints).toEqual(['Taken as a notebook cell: line 1 "%matplotlib inline" left out.'])
})

test('a program that lacks something is only read, and started when that is there', async () => {
  const { outcome, asked, steps } = await atOnce({
    checkAndStart: [[checked({ imports: missing('PIL') }, false)]],
    install: [[done]],
    start: [[started, success]],
  })
  expect(asked).toEqual([
    'sent with ',
    'check and start r_1',
    'held',
    'install pillow',
    'sent with pillow==12.0.0',
    'read []',
    'start r_1',
  ])
  expect(steps).toEqual(['status', 'started', 'exit', 'outcome'])
  expect(outcome).toMatchObject({ status: 'success', installed_packages: ['pillow==12.0.0'] })
})

test('a runner that does not know how is asked for the one after the other', async () => {
  const { outcome, asked } = await atOnce({
    checkAndStart: [[new RunnerError('bad_request', "the body has an unknown field 'check'")]],
    start: [[started, success]],
  })
  expect(asked).toEqual(['sent with ', 'check and start r_1', 'held', 'check', 'sent with ', 'read []', 'start r_1'])
  expect(outcome.status).toBe('success')
})

test('a late installation is followed by a start alone', async () => {
  const { asked } = await atOnce({
    checkAndStart: [[checked({}), started, dynamic]],
    install: [[done]],
    start: [[started, success]],
  })
  expect(asked.slice(3)).toEqual(['install pillow', 'sent with pillow==12.0.0', 'read []', 'start r_1-2'])
})

test.each<[string, CheckedScript]>([
  ['before it began', [new RunnerError('not_started', 'its client has left')]],
  ['while it was read, and lacks something', [checked({ imports: missing('PIL') }, false)]],
])('a program that is cancelled %s is not started', async (_when, script) => {
  const abort = new AbortController()
  const { runner, asked } = scripted({ checkAndStart: [script] })
  const begin = runner.checkAndStart!
  const checkAndStart: typeof begin = async function* (request, told) {
    abort.abort()
    yield* begin(request, told)
  }
  const outcome = await outcomeOf(run(INPUT, deps({ ...runner, checkAndStart }, abort.signal)))
  expect(asked).toEqual(['cancel r_1', 'check and start r_1'])
  expect(outcome).toMatchObject({ status: 'cancelled', stdout: '' })
})

test('a start that did nothing is made once more, and the program read again', async () => {
  const nothing = new RunnerError('not_started', 'the fork server died')
  const { outcome, asked } = await atOnce({ checkAndStart: [[nothing], [checked({}), started, success]] })
  expect(asked).toEqual(['sent with ', 'check and start r_1', 'check and start r_1', 'read []'])
  expect(outcome.status).toBe('success')
})

test.each<[string, CheckedScript, string[]]>([
  ['before it says how the program reads', [], []],
  ['after that', [checked({})], ['read []']],
])('a connection that breaks %s is taken up again', async (_when, script, read) => {
  const { outcome, asked } = await atOnce({ checkAndStart: [script], attach: [[started, success]] })
  expect(asked).toEqual(['sent with ', 'check and start r_1', ...read, 'attach r_1 0'])
  expect(outcome.status).toBe('success')
})

test('a program that a broken connection leaves unknown is lost, and not sent again', async () => {
  const { outcome, asked } = await atOnce({ checkAndStart: [[]] })
  expect(asked).toEqual(['sent with ', 'check and start r_1', 'attach r_1 0'])
  expect(outcome.status).toBe('lost')
})

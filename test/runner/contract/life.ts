/** The runner's own life: how it starts, and that nothing of its runs survives it, however it ends. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { RunnerError } from '../../../worker/run/contract/errors.ts'
import { ancestorsBelow, descendantsOf, hasProc, isAlive, processesOf } from '../../support/processes.ts'
import { program } from '../../support/programs.ts'
import { testPython } from '../../support/python.ts'
import { collect, type RunningRunner } from '../../support/runner.ts'
import { begin, type Contract, expectNoPrograms, type Live, programsOf, run } from './context.ts'

/** Fixture, what it has printed when all its processes run, and how many these are. */
const FAMILIES = [
  ['hang', 'hanging', 1],
  ['fork_sleepers', 'forked', 4],
  ['double_fork_setsid', 'the daemon runs', 2],
  ['ignore_sigterm', 'deaf', 1],
] as const

export function life(the: Contract): void {
  test.skipIf(!hasProc)(
    'a program finds the token in the environment of no process, not even the runner’s',
    async () => {
      const code = `
import base64, glob, os
token = base64.b64decode(os.environ['ENCODED'])
for path in glob.glob('/proc/[0-9]*/environ'):
    try:
        if token in open(path, 'rb').read(): print(path)
    except OSError:
        pass
print('looked')`
      const ENCODED = Buffer.from(the.runner.token).toString('base64')
      expect((await run(the.runner, code, { env: { ENCODED } })).stdout).toBe('looked\n')
    },
  )

  test.skipIf(!hasProc)(
    'when the runner is killed, streams end without exit and all programs die with it',
    async () => {
      await using other = await the.start()
      const lives = await beginAll(other)
      const family = descendantsOf(other.pid)
      process.kill(other.pid, 'SIGKILL')
      for (const live of lives) {
        const { exit } = await collect(live.stream)
        expect(exit).toBeUndefined()
      }
      await expectGone(other, family)
    },
  )

  test.skipIf(!hasProc)(
    "when a run's monitor is killed, its stream ends without exit and its programs die",
    async () => {
      await using other = await the.start()
      const { isolation } = await other.client('w1').health()
      // Without a namespace the kernel takes only a program's main process along with a monitor that was killed.
      const families = FAMILIES.filter(([, , size]) => isolation['pid_namespace'] === true || size === 1)
      for (const [name, said] of families) {
        const live = begin(other, program(name))
        await live.until(said)
        const monitor = ancestorsOfProgram(other, live).at(-2)
        process.kill(monitor!, 'SIGKILL')
        expect((await collect(live.stream)).exit).toBeUndefined()
        await expectNoPrograms(other, live.workspace)
      }
      expect((await run(other, 'print(1)')).stdout).toBe('1\n')
    },
  )

  test.skipIf(!hasProc)('when a fork server is killed, no stream hangs and new programs run', async () => {
    await using other = await the.start()
    const live = begin(other, program('await_file'))
    await live.until('half')
    const killed = ancestorsOfProgram(other, live).at(-1)!
    process.kill(killed, 'SIGKILL')
    const next = async () => {
      try {
        return (await run(other, 'print(1)')).stdout
      } catch (error) {
        if (error instanceof RunnerError && error.code === 'not_started') return 'send it again'
        throw error
      }
    }
    await expect.poll(next, { timeout: 30_000 }).toBe('1\n')
    await other.client(live.workspace).writeFile('go', '')
    const { exit } = await collect(live.stream)
    if (exit !== undefined) expect(exit.status).toBe('success')
    await expectNoPrograms(other, live.workspace)
    // Not even as a zombie.
    await expect.poll(() => descendantsOf(other.pid), { timeout: 30_000 }).not.toContain(killed)
  })

  test.each(['SIGTERM', 'SIGINT'] as const)('%s ends all runs as lost and then the runner', async (signal) => {
    await using other = await the.start()
    const lives = await beginAll(other)
    const family = descendantsOf(other.pid)
    process.kill(other.pid, signal)
    const ends = await Promise.all(lives.map((live) => collect(live.stream)))
    expect(ends.map(({ exit }) => exit?.status)).toEqual(lives.map(() => 'lost'))
    await other.ended
    await expectGone(other, family)
  })

  test('with --exit-with-stdin the end of its input ends runs and runner', async () => {
    await using other = await the.start({ exitWithStdin: true })
    const lives = await beginAll(other)
    const family = descendantsOf(other.pid)
    other.endInput()
    await Promise.all(lives.map((live) => collect(live.stream)))
    expect(await other.ended).toMatchObject({ code: 0 })
    await expectGone(other, family)
  })

  test('without the option the end of its input means nothing', async () => {
    await using other = await the.start({ exitWithStdin: false })
    other.endInput()
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect((await other.client('w1').health()).ok).toBe(true)
  })

  test.each([
    ['no token', {}, ['--port', '0', '--root', '/nonexistent/root']],
    ['a short token', { RUNNER_TOKEN: 'short' }, ['--port', '0', '--root', '/nonexistent/root']],
    [
      'an unknown way of starting',
      { RUNNER_TOKEN: 'x'.repeat(32) },
      ['--port', '0', '--root', '/nonexistent/root', '--start', 'quick'],
    ],
    ['a bad port', { RUNNER_TOKEN: 'x'.repeat(32) }, ['--port', 'x', '--root', '/nonexistent/root']],
    ['no root', { RUNNER_TOKEN: 'x'.repeat(32) }, ['--port', '0']],
  ])('with %s it does not start and says why', async (_name, env, args) => {
    const { code, stderr } = await startWrongly(await testPython(), args, env)
    expect(code).toBeGreaterThan(0)
    expect(stderr).toMatch(/\S/)
    expect(stderr).not.toContain('Traceback')
  })
}

/** The processes between a program and the runner: its monitor's children, its monitor, the fork server. */
function ancestorsOfProgram(runner: RunningRunner, live: Live): number[] {
  const [first] = programsOf(runner, live.workspace)
  if (first === undefined) throw new Error('the program is not there')
  return ancestorsBelow(runner.pid, first.pid)
}

async function beginAll(runner: RunningRunner): Promise<Live[]> {
  const lives = FAMILIES.map(([name, said]) => ({ live: begin(runner, program(name)), said }))
  await Promise.all(lives.map(({ live, said }) => live.until(said)))
  return lives.map(({ live }) => live)
}

/** None of these processes, and none that works below the runner's root, is alive. */
async function expectGone(runner: RunningRunner, family: number[]): Promise<void> {
  const left = () => [...family.filter(isAlive), ...processesOf(runner.root)]
  await expect.poll(left, { timeout: 30_000, interval: 100 }).toEqual([])
}

async function startWrongly(
  python: string,
  args: string[],
  env: Record<string, string>,
): Promise<{ code: number; stderr: string }> {
  const cwd = fileURLToPath(new URL('../../../container', import.meta.url))
  return new Promise((resolve) => {
    execFile(
      python,
      ['-m', 'runner', ...args],
      { cwd, env: { PATH: process.env['PATH'], ...env }, timeout: 30_000 },
      (error, _stdout, stderr) => resolve({ code: typeof error?.code === 'number' ? error.code : 0, stderr }),
    )
  })
}

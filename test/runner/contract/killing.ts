/** Whatever ends a run (time, a cancellation, its reader's absence, its own end), nothing of its process tree survives. */
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { hasProc } from '../../support/processes.ts'
import { program } from '../../support/programs.ts'
import { ask } from '../../support/raw.ts'
import { begin, type Contract, expectNoPrograms, newWorkspace, programsOf, reader, run } from './context.ts'

/** Fixture, what it has printed when all its processes run, and how many these are. */
const FAMILIES = [
  ['hang', 'hanging', 1],
  ['sleep', 'sleeping', 1],
  ['fork_sleepers', 'forked', 4],
  ['double_fork_setsid', 'the daemon runs', 2],
  ['ignore_sigterm', 'deaf', 1],
] as const

export function killing(the: Contract): void {
  test.concurrent.each(FAMILIES)('time-out ends the whole tree of %s and keeps its output', async (name, said) => {
    const workspace = newWorkspace()
    const { exit, stdout } = await run(the.runner, program(name), { workspace, timeout_s: 6.5 })
    expect(stdout).toBe(`${said}\n`)
    expect(exit).toMatchObject({ status: 'timeout', error: { type: 'Timeout', line: null, frame: null } })
    expect(exit.error?.message).toContain('6.5 s')
    expect(exit).toMatchObject({ exit_code: null, signal: name === 'ignore_sigterm' ? 'SIGKILL' : 'SIGTERM' })
    expect(exit.usage.wall_ms).toBeGreaterThanOrEqual(6_400)
    await expectNoPrograms(the.runner, workspace)
  })

  test.skipIf(!hasProc).concurrent.each(FAMILIES)(
    'cancelling %s answers when every process of it is gone',
    async (name, said, size) => {
      const live = begin(the.runner, program(name))
      await live.until(`${said}\n`)
      expect(programsOf(the.runner, live.workspace).length).toBeGreaterThanOrEqual(size)
      const answer = await ask(the.runner, 'DELETE', `/w/${live.workspace}/runs/${live.id}`)
      expect(programsOf(the.runner, live.workspace)).toEqual([])
      expect(answer).toMatchObject({ status: 200, json: { id: live.id, was: 'running' } })
      const { exit, stdout } = await live.rest()
      expect(exit.status).toBe('cancelled')
      expect(stdout).toBe(`${said}\n`)
    },
  )

  test.concurrent('a program that ends itself well on TERM has still timed out', async () => {
    const timedOut = () => run(the.runner, program('say_bye_on_sigterm'), { timeout_s: 6 })
    let { exit, stdout } = await timedOut()
    // KILL comes half a second after TERM. A busy machine may not get to the program within that.
    for (let more = 4; more > 0 && exit.signal === 'SIGKILL'; more--) ({ exit, stdout } = await timedOut())
    expect(exit).toMatchObject({ status: 'timeout', exit_code: 0, signal: null })
    expect(stdout).toBe('hello\nbye\n')
  })

  test.concurrent('a program that signals what watches it is watched all the same', async () => {
    const { exit, stdout } = await run(the.runner, program('signal_the_monitor'), { timeout_s: 6 })
    expect(stdout).toBe('signalled\n')
    expect(exit).toMatchObject({ status: 'timeout', exit_code: null, signal: 'SIGTERM' })
  })

  test.concurrent.each(['background_child', 'nohup_grandchild'])(
    '%s does not keep the run open, and is ended with it',
    async (name) => {
      const workspace = newWorkspace()
      const { exit, stdout } = await run(the.runner, program(name), { workspace })
      expect(exit).toMatchObject({ status: 'success', exit_code: 0 })
      expect(stdout).toBe('left behind\n')
      await expectNoPrograms(the.runner, workspace)
    },
  )

  test.concurrent('cancelling a finished run says so, an unknown one is not found', async () => {
    const { workspace, id } = await run(the.runner, 'print(1)')
    expect(await ask(the.runner, 'DELETE', `/w/${workspace}/runs/${id}`)).toMatchObject({
      status: 200,
      json: { id, was: 'finished' },
    })
    const unknown = await ask(the.runner, 'DELETE', `/w/${workspace}/runs/r_unknown`)
    expect(unknown).toMatchObject({ status: 404, json: { error: { code: 'not_found' } } })
  })

  test.concurrent('two cancellations at once both succeed', async () => {
    const live = begin(the.runner, program('ignore_sigterm'))
    await live.until('deaf')
    const cancel = () => the.runner.client(live.workspace).cancel(live.id)
    expect(await Promise.all([cancel(), cancel()])).toEqual([true, true])
    expect((await live.rest()).exit).toMatchObject({ status: 'cancelled', signal: 'SIGKILL' })
  })

  test.concurrent('a run that is cancelled as soon as it has started ends as cancelled', async () => {
    const live = begin(the.runner, program('sleep'))
    await live.stream.next()
    await the.runner.client(live.workspace).cancel(live.id)
    expect((await live.rest()).exit.status).toBe('cancelled')
    await expectNoPrograms(the.runner, live.workspace)
  })

  test.concurrent.each([
    ['at once', 'hang', 0],
    ['after the grace', 'ignore_sigterm', 0.5],
  ])('a run that nobody reads is cancelled %s', async (_when, name, grace) => {
    const live = begin(the.runner, program(name), { orphan_grace_s: grace })
    await live.until('\n')
    await live.leave()
    await expectNoPrograms(the.runner, live.workspace)
    const after = reader(live.workspace, live.id, the.runner.client(live.workspace).attach(live.id, 0))
    expect((await after.rest()).exit.status).toBe('cancelled')
  })

  test.concurrent('a silent program notices within seconds that its reader has left', async () => {
    const live = begin(the.runner, program('sleep'), { orphan_grace_s: 0 })
    await live.until('sleeping')
    await live.leave()
    await expectNoPrograms(the.runner, live.workspace)
  })

  test.concurrent('a reader that comes back within the grace keeps the run alive', async () => {
    const live = begin(the.runner, program('await_file'), { orphan_grace_s: 8 })
    await live.until('half')
    await live.leave()
    await wait(500) // the runner has seen it leave: the grace runs
    const again = reader(live.workspace, live.id, the.runner.client(live.workspace).attach(live.id, 0))
    await again.until('half')
    await wait(10_000) // well beyond the grace
    await the.runner.client(live.workspace).writeFile('go', '')
    expect(await again.rest()).toMatchObject({ stdout: 'first\nhalf and half\n', exit: { status: 'success' } })
  })

  test.concurrent('a run with one reader left goes on', async () => {
    const live = begin(the.runner, program('await_file'), { orphan_grace_s: 0 })
    await live.until('half')
    const second = reader(live.workspace, live.id, the.runner.client(live.workspace).attach(live.id, 0))
    await second.until('half')
    await live.leave()
    await wait(1_500)
    await the.runner.client(live.workspace).writeFile('go', '')
    expect((await second.rest()).exit.status).toBe('success')
  })

  test.skipIf(!hasProc).concurrent('within its grace a run may finish without a reader', async () => {
    const live = begin(the.runner, program('long_run'), { orphan_grace_s: 60 })
    await live.until('line 1\n')
    await live.leave()
    // Not `expect.poll`, which tests that run at once take for each other's.
    await vi.waitFor(() => expect(programsOf(the.runner, live.workspace)).toEqual([]), { timeout: 30_000 })
    const later = await reader(live.workspace, live.id, the.runner.client(live.workspace).attach(live.id, 0)).rest()
    expect(later.exit.status).toBe('success')
    expect(later.stdout).toContain('line 19\n')
  })
}

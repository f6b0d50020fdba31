/** Each limit is enforced and named, and the next run works. These tests are heavy: one after the other. */
import { getPriority } from 'node:os'
import { expect, test } from 'vitest'
import { program } from '../../support/programs.ts'
import { ask } from '../../support/raw.ts'
import {
  begin,
  type Contract,
  expectNoPrograms,
  type Live,
  newWorkspace,
  programsOf,
  request,
  run,
  type RunOptions,
} from './context.ts'

const MIB = 1024 ** 2

export function limits(the: Contract): void {
  test.each(['memory_hog', 'memory_hog_family'])('%s is stopped and told its limit', async (name) => {
    const { workspace, exit, stdout } = await limited(name, { memory_bytes: 256 * MIB })
    expect(stdout).toBe('eating\n')
    expect(exit).toMatchObject({ status: 'error', error: { type: 'MemoryLimit', line: null } })
    expect(exit.error?.message).toContain('256 MiB')
    await expectNextRunWorks(workspace)
  })

  test('a fork bomb is contained', async () => {
    const workspace = newWorkspace()
    const live = begin(the.runner, program('fork_bomb'), { workspace, limits: { processes: 24 } })
    let most = 0
    const watch = setInterval(() => {
      most = Math.max(most, programsOf(the.runner, workspace).length)
    }, 100)
    const { exit, stdout } = await live.rest().finally(() => clearInterval(watch))
    expect(stdout).not.toContain('unhindered')
    expect(exit.status).toBe('error')
    expect(most).toBeLessThan(100)
    if (exit.error?.type === 'ProcessLimit') expect(exit.error.message).toContain('24')
    else expect(stdout).toContain('Resource temporarily unavailable')
    await expectNextRunWorks(workspace)
  })

  test('a doubling fork bomb is stopped and told its limit, however much of a processor it takes', async () => {
    const { workspace, exit, stdout } = await limited('doubling_fork_bomb', {})
    expect(stdout).toBe('doubling\n')
    const message = 'the program had more than 256 processes and was stopped'
    expect(exit).toMatchObject({ status: 'error', error: { type: 'ProcessLimit', message, line: null, frame: null } })
    await expectNextRunWorks(workspace)
    await expectNoPrograms(the.runner, workspace)
  })

  test('programs yield to what watches them', async () => {
    const { isolation } = await the.runner.client('w1').health()
    const yields = isolation['own_user'] === true ? 19 : 5
    const { stdout } = await run(the.runner, 'import os; print(os.nice(0))')
    expect(Number(stdout)).toBe(Math.min(19, getPriority(the.runner.pid) + yields))
  })

  test('a thread bomb is contained', async () => {
    const { workspace, exit, stdout } = await limited('thread_bomb', { processes: 8 })
    expect(stdout).not.toContain('unhindered')
    expect(exit.status).toBe('error')
    await expectNextRunWorks(workspace)
  })

  test('open files are limited', async () => {
    const { stdout } = await limited('open_files', { open_files: 64 })
    const [error, count] = stdout.trim().split(' ')
    expect(error).toBe('EMFILE')
    expect(Number(count)).toBeGreaterThan(40)
    expect(Number(count)).toBeLessThan(64)
  })

  test("a file's size is limited", async () => {
    const { stdout, events } = await limited('big_file', { file_bytes: MIB })
    expect(stdout).toBe('EFBIG\n')
    expect(events).toContainEqual(expect.objectContaining({ type: 'file', path: 'big.bin', bytes: MIB }))
  })

  test('the 65th live run is told that the runner is busy, and a place that becomes free is given away', async () => {
    await using other = await the.start()
    const workspace = newWorkspace()
    const live: Live[] = []
    for (let number = 0; number < 64; number++) live.push(begin(other, program('sleep'), { workspace, timeout_s: 300 }))
    await Promise.all(live.map((each) => each.until('sleeping')))
    const post = () => ask(other, 'POST', `/w/${workspace}/runs`, { body: JSON.stringify(request('print(1)')) })
    expect(await post()).toMatchObject({ status: 429, json: { error: { code: 'busy' } } })
    expect((await other.client(workspace).health()).live_runs).toBe(64)
    await other.client(workspace).cancel(live[0]!.id)
    expect((await post()).status).toBe(200)
    await Promise.all(live.slice(1).map((each) => each.leave()))
  }, 120_000)

  async function limited(name: string, amounts: RunOptions['limits'] & object) {
    return run(the.runner, program(name), { limits: amounts })
  }

  async function expectNextRunWorks(workspace: string) {
    await expectNoPrograms(the.runner, workspace)
    expect((await run(the.runner, 'print(1)', { workspace })).stdout).toBe('1\n')
  }
}

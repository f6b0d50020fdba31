/** A runner that is told to end, and may take its time: it takes nothing new, and leaves when nothing is lost by it. */
import { expect, test, vi } from 'vitest'
import { program } from '../../support/programs.ts'
import { ask } from '../../support/raw.ts'
import { collect, type RunningRunner } from '../../support/runner.ts'
import { begin, type Contract, newWorkspace, request, run } from './context.ts'

/** Longer than any test takes. */
const LONG_S = 600

async function isLeaving(runner: RunningRunner): Promise<void> {
  process.kill(runner.pid, 'SIGTERM')
  const client = runner.client('w1')
  // Not `expect.poll`, which tests that run at once take for each other's.
  await vi.waitFor(async () => expect((await client.health()).leaving).toBe(true), { timeout: 30_000 })
}

/** Fetches what has changed in a workspace, and then says that it is there; the statuses of both answers. */
async function fetchPart(runner: RunningRunner, workspace: string, part: string): Promise<number[]> {
  const path = `/w/${workspace}/archives/${part}`
  const sent = await ask(runner, 'GET', path)
  const confirmed = await ask(runner, 'GET', path, { headers: { 'if-none-match': String(sent.headers['etag']) } })
  return [sent.status, confirmed.status]
}

export function leaving(the: Contract): void {
  test('it refuses what is new, lets a program go on, and stays until what that has changed is fetched', async () => {
    await using other = await the.start({ leaveS: LONG_S })
    const live = begin(other, program('await_file'))
    await live.until('half')
    await isLeaving(other)
    const client = other.client(live.workspace)
    await expect(client.start(request('print(1)')).next()).rejects.toMatchObject({ code: 'leaving' })
    await expect(client.install(['demo'], 5).next()).rejects.toMatchObject({ code: 'leaving' })
    expect((await client.check('import os', [])).imports).toHaveLength(1)
    await client.writeFile('go', '')
    expect((await live.rest()).exit).toMatchObject({ status: 'success' })

    const path = `/w/${live.workspace}/archives/files`
    expect((await ask(other, 'GET', path)).status).toBe(200)
    expect((await ask(other, 'GET', `/w/${live.workspace}/archives/packages`)).status).toBe(204)
    // It has sent everything. Whether that was stored it has not been told.
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect((await client.health()).leaving).toBe(true)
    expect(await fetchPart(other, live.workspace, 'files')).toEqual([200, 304])
    expect(await other.ended).toEqual({ code: 0, signal: null })
  })

  test('what takes too long is cut off, as lost, and what it had written can still be fetched', async () => {
    await using other = await the.start({ leaveS: 1 })
    const code = 'import time\nopen("part.txt", "w").write("x")\nprint("begun", flush=True)\ntime.sleep(600)'
    const live = begin(other, code)
    await live.until('begun')
    process.kill(other.pid, 'SIGTERM')
    const { exit, stdout } = await live.rest()
    expect(exit).toMatchObject({ status: 'lost', exit_code: null, signal: 'SIGTERM' })
    expect(stdout).toBe('begun\n')
    expect((await other.client(live.workspace).listFiles()).files.map(({ path }) => path)).toEqual(['part.txt'])
    expect((await fetchPart(other, live.workspace, 'packages')).at(-1)).toBe(204)
    expect(await fetchPart(other, live.workspace, 'files')).toEqual([200, 304])
    expect(await other.ended).toEqual({ code: 0, signal: null })
  })

  test('a run that was cancelled while it leaves stays cancelled', async () => {
    await using other = await the.start({ leaveS: LONG_S })
    const live = begin(other, program('hang'))
    await live.until('hanging')
    await isLeaving(other)
    expect(await other.client(live.workspace).cancel(live.id)).toBe(true)
    expect((await live.rest()).exit).toMatchObject({ status: 'cancelled' })
    process.kill(other.pid, 'SIGINT')
    await other.ended
  })

  test('where nothing has changed it goes at once', async () => {
    await using other = await the.start({ leaveS: LONG_S })
    expect((await other.client(newWorkspace()).listFiles()).files).toEqual([])
    process.kill(other.pid, 'SIGTERM')
    expect(await other.ended).toEqual({ code: 0, signal: null })
  })

  test('SIGINT makes it end at once, whatever lives and is not fetched', async () => {
    await using other = await the.start({ leaveS: LONG_S })
    expect((await run(other, 'open("a.txt", "w")')).exit).toMatchObject({ status: 'success' })
    const live = begin(other, program('hang'))
    await live.until('hanging')
    await isLeaving(other)
    process.kill(other.pid, 'SIGINT')
    expect((await collect(live.stream)).exit).toMatchObject({ status: 'lost' })
    expect(await other.ended).toEqual({ code: 0, signal: null })
  })
}

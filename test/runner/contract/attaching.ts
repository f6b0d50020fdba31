/** Every run's event log can be read again, from any number, by any number of readers, at any speed. */
import { expect, test } from 'vitest'
import { hasProc, memoryOf } from '../../support/processes.ts'
import { program } from '../../support/programs.ts'
import { answerTo, ask, open } from '../../support/raw.ts'
import { collect } from '../../support/runner.ts'
import { begin, type Contract, reader, request, run, newWorkspace } from './context.ts'

const MIB = 1024 ** 2

export function attaching(the: Contract): void {
  test.concurrent('attaching after every number gives the rest of the first stream', async () => {
    const first = await run(the.runner, program('long_run'))
    expect(first.events.length).toBeGreaterThan(5)
    const client = the.runner.client(first.workspace)
    for (let after = 0; after <= first.events.length; after++) {
      const { events } = await collect(client.attach(first.id, after))
      expect(events).toEqual(first.events.slice(after))
    }
  })

  test.concurrent('readers that come early, late and from the middle see the same events', async () => {
    const live = begin(the.runner, program('long_run'))
    const client = the.runner.client(live.workspace)
    await live.until('line 2\n')
    const fromStart = collect(client.attach(live.id, 0))
    const fromMiddle = collect(client.attach(live.id, 2))
    const first = await live.rest()
    expect((await fromStart).events).toEqual(first.events)
    expect((await fromMiddle).events).toEqual(first.events.slice(2))
    expect((await collect(client.attach(live.id, 0))).events).toEqual(first.events)
  })

  test.concurrent('an unknown run has no events', async () => {
    const { workspace, id } = await run(the.runner, 'print(1)')
    expect((await ask(the.runner, 'GET', `/w/${workspace}/runs/r_unknown/events`)).status).toBe(404)
    expect((await ask(the.runner, 'GET', `/w/${newWorkspace()}/runs/${id}/events`)).status).toBe(404)
  })

  test.concurrent.each(['-1', 'x', '1.5', '', '1e3', '9'.repeat(400)])('after=%s is refused', async (after) => {
    const { workspace, id } = await run(the.runner, 'print(1)')
    const answer = await ask(the.runner, 'GET', `/w/${workspace}/runs/${id}/events?after=${after}`)
    expect(answer).toMatchObject({ status: 400, json: { error: { code: 'bad_request' } } })
  })

  test.concurrent('an id is taken while it is remembered, also after the end', async () => {
    const live = begin(the.runner, program('sleep'))
    await live.until('sleeping')
    const again = () =>
      ask(the.runner, 'POST', `/w/${live.workspace}/runs`, {
        body: JSON.stringify({ ...request('print(2)'), id: live.id }),
      })
    expect(await again()).toMatchObject({ status: 409, json: { error: { code: 'conflict' } } })
    await the.runner.client(live.workspace).cancel(live.id)
    await live.rest()
    expect((await again()).status).toBe(409)
    expect((await run(the.runner, 'print(3)', { id: live.id })).stdout).toBe('3\n') // another workspace's ids are its own
  })

  test.skipIf(!hasProc)(
    'what an ended run was given and has printed takes no memory; its log stays whole',
    async () => {
      await using other = await the.start()
      const text = 'z'.repeat(MIB)
      const noisy = (workspace: string) => {
        const code = `print('é' * 500_000)\nraise SystemExit('y' * 5_000) #${text}`
        return run(other, code, { workspace, files: { 'a.txt': text }, stdin: text })
      }
      // What its first runs take once is not theirs.
      for (let i = 0; i < 5; i++) await noisy('w0')
      const before = memoryOf(other.pid, 'VmRSS')
      let last = await noisy('w0')
      for (let i = 1; i < 20; i++) last = await noisy(`w${i % 4}`)
      expect(memoryOf(other.pid, 'VmRSS') - before).toBeLessThan(30 * MIB)
      expect(await collect(other.client(last.workspace).attach(last.id, 0))).toMatchObject({ events: last.events })
    },
  )

  test('a run is forgotten after 32 newer ones have ended', async () => {
    const oldest = await run(the.runner, 'print(0)')
    const { workspace } = oldest
    const second = await run(the.runner, 'print(1)', { workspace })
    for (let number = 2; number < 33; number++) await run(the.runner, `print(${number})`, { workspace })
    const events = async (id: string) => (await ask(the.runner, 'GET', `/w/${workspace}/runs/${id}/events`)).status
    expect(await events(second.id)).toBe(200)
    await expect.poll(() => events(oldest.id), { timeout: 30_000 }).toBe(404)
  }, 120_000)

  test.skipIf(!hasProc)('a reader that has stopped costs no memory and slows neither its run nor another', async () => {
    const workspace = newWorkspace()
    const asked = request(program('one_long_line'), { env: { MEGABYTES: '40' }, limits: { output_bytes: 64 * MIB } })
    await run(the.runner, 'print(1)') // a first run may import and buffer what stays
    const before = memoryOf(the.runner.pid, 'VmRSS')
    const stopped = open(the.runner, 'POST', `/w/${workspace}/runs`, { body: JSON.stringify(asked) })
    const response = await answerTo(stopped)
    response.pause()

    const other = await run(the.runner, program('both_streams'))
    expect(other.exit.status).toBe('success')
    const whole = await reader(workspace, asked.id, the.runner.client(workspace).attach(asked.id, 0)).rest()
    expect(whole.stdout).toHaveLength(40_000_000)
    expect(memoryOf(the.runner.pid, 'VmRSS') - before).toBeLessThan(32 * MIB)

    let received = ''
    response.setEncoding('utf8')
    for await (const chunk of response) received += chunk
    expect(received).toContain('"exit"')
    expect(received.length).toBeGreaterThan(40_000_000)
  })

  test.skipIf(!hasProc)('100 MB in one line pass through in small memory', async () => {
    await run(the.runner, 'print(1)')
    const before = memoryOf(the.runner.pid, 'VmRSS')
    const { exit, events } = await run(the.runner, program('one_long_line'), { env: { MEGABYTES: '100' } })
    expect(exit).toMatchObject({ status: 'success', cut: true, bytes: { stdout: 100_000_000 } })
    expect(memoryOf(the.runner.pid, 'VmHWM') - before).toBeLessThan(48 * MIB)
    const longest = Math.max(...events.map((event) => (event.type === 'stdout' ? event.text.length : 0)))
    expect(longest).toBeLessThanOrEqual(64 * 1024)
  })
}

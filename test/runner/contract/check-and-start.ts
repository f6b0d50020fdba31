/** One request reads a program and starts it, if it lacks nothing. */
import { once } from 'node:events'
import { expect, test, vi } from 'vitest'
import type { CheckedEvent, RunEvent } from '../../../worker/run/contract/protocol.ts'
import { checkersOf, hasProc } from '../../support/processes.ts'
import { answerTo, ask, open } from '../../support/raw.ts'
import { collect } from '../../support/runner.ts'
import { type Contract, finished, newWorkspace, request, type RunOptions } from './context.ts'

const MARK = 'open("ran.txt", "w").close()\n'

export function checkAndStart(the: Contract): void {
  async function begin(code: string, options: RunOptions = {}) {
    const { workspace = newWorkspace(), ...rest } = options
    const asked = request(code, rest)
    const client = the.runner.client(workspace)
    const stream = client.checkAndStart!(asked)
    const { value: checked } = await stream.next()
    if (checked?.type !== 'checked') throw new Error('the first line does not say how the program reads')
    return { checked, collected: await collect(events(stream)), client, asked, workspace }
  }

  test.concurrent('a program that lacks nothing is read and run', async () => {
    const { checked, collected, client, asked, workspace } = await begin('import json, helper\nprint(helper.x)\n', {
      files: { 'helper.py': 'x = 7\n' },
    })
    expect(checked).toEqual({
      type: 'checked',
      starts: true,
      check: await client.check(asked.code, ['helper.py']),
    })
    expect(finished(workspace, asked.id, collected)).toMatchObject({
      stdout: '7\n',
      stderr: '',
      exit: { status: 'success' },
    })
    expect((await collect(client.attach(asked.id, 0))).events).toEqual(collected.events)
  })

  test.concurrent.each([
    ['an import', 'import no_such_thing\n'],
    ['an import in a function', 'def f():\n    import no_such_thing\n'],
    ['a declared dependency', '# /// script\n# dependencies = ["no-such-thing"]\n# ///\n'],
    ['what a cell installs', '!pip install no-such-thing\n'],
    ['its Markdown fence', '```python\n', '```\n'],
    ['its prompts', '>>> ', ''],
  ])('a program that lacks %s, or has it too much, is only read', async (_what, before, after = '') => {
    const code = `${before}${MARK}${after}`
    const { checked, collected, client, asked, workspace } = await begin(code, { files: { 'given.txt': '' } })
    expect(checked).toEqual({ type: 'checked', starts: false, check: await client.check(code, ['given.txt']) })
    expect(collected.events).toEqual([])
    expect((await client.listFiles()).files).toEqual([])
    await expect(client.attach(asked.id, 0).next()).rejects.toMatchObject({ code: 'not_found' })
    expect(await client.cancel(asked.id)).toBe(false)
    // The id is free: what is installed meanwhile is no business of this request.
    finished(workspace, asked.id, await collect(client.start({ ...asked, code: MARK })))
    expect((await client.listFiles()).files.map(({ path }) => path)).toEqual(['given.txt', 'ran.txt'])
  })

  test.concurrent.each([
    ['a text that is no program', 'x = (\n', 'error'],
    ['an import with a substitute', 'try:\n    import no_such_thing\nexcept ImportError:\n    pass\n', 'success'],
    ['a cell that asks for what is there', '!pip install pip\nx = 1\n', 'success'],
    ['a cell of which a line is left out', '%matplotlib inline\nx = 1\n', 'success'],
    ['a text that can hardly be parsed', `x = ${'-'.repeat(50_000)}1`, 'error'],
  ])('%s is run as it stands', async (_what, code, status) => {
    const { checked, collected } = await begin(code)
    expect(checked.starts).toBe(true)
    expect(collected.exit).toMatchObject({ status })
  })

  test.concurrent('a refusal is the same with it, and comes before anything is read', async () => {
    const { workspace, client } = await begin('print(1)')
    const { status, json } = await ask(the.runner, 'POST', `/w/${workspace}/runs`, {
      body: JSON.stringify({ ...request('import no_such_thing', { files: { '../x': '' } }), check: true }),
    })
    expect({ status, json }).toMatchObject({ status: 400, json: { error: { code: 'bad_request' } } })
    const taken = { ...request('print(1)') }
    await Array.fromAsync(client.start(taken))
    await expect(client.checkAndStart!(taken).next()).rejects.toMatchObject({ code: 'conflict' })
  })

  test.skipIf(!hasProc)('a run that is cancelled while its program is read does not begin', async () => {
    await using other = await the.start()
    const client = other.client('w')
    await client.check('', [])
    const readers = checkersOf(other.pid)
    for (const pid of readers) process.kill(pid, 'SIGSTOP')
    const asked = request(MARK)
    const begun = client.checkAndStart!(asked).next()
    const refused = expect(begun).rejects.toMatchObject({ code: 'not_started' })
    await vi.waitFor(async () => expect((await client.health()).live_runs).toBe(1), { timeout: 30_000 })
    const cancelling = open(other, 'DELETE', `/w/w/runs/${asked.id}`)
    const cancelled = answerTo(cancelling)
    await once(cancelling, 'finish')
    // What is answered later was read later.
    for (let i = 0; i < 2; i++) await client.health()
    for (const pid of readers) process.kill(pid, 'SIGCONT')
    await refused
    expect((await cancelled).statusCode).toBe(404)
    expect((await client.listFiles()).files).toEqual([])
  })
}

/** What follows the first line. */
async function* events(stream: AsyncGenerator<RunEvent | CheckedEvent>): AsyncGenerator<RunEvent> {
  for await (const event of stream) {
    if (event.type === 'checked') throw new Error('a program was read twice')
    yield event
  }
}

/** `/runs`: a run's own stream, its receipt and its end, over HTTP with a real runner. */
import { abortAllDurableObjects } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { keptEvents, runEvents } from '../../worker/session/runs/events.ts'
import { BEGINNING, eventIdText } from '../../worker/session/store/event-id.ts'
import { RunLog } from '../../worker/session/runs/log.ts'
import type { RunEvent } from '../../worker/run/contract/protocol.ts'
import { allFrames, runFrames, type RunFrame, startRun, textOf } from './support/events.ts'
import { sendTo, workspace } from './support/mcp.ts'
import { bearer } from './support/oauth.ts'
import { idOfUser, userToken } from './support/users.ts'
import waits from '../fixtures/programs/wait_for_each_line.py?raw'

const LINES = `import sys, time
for line in range(10_000):
    print('line', line, 'ä☃', flush=line % 100 == 0)
    if line % 500 == 0: time.sleep(0.01)
`
/** 4.4 MB, more than a log keeps. */
const FLOOD = `for line in range(100_000): print(f'{line:06}', 'x' * 36)`

const events = (id: string, headers: Record<string, string> = {}, query = '') =>
  sendTo(`/runs/${id}/events${query}`, 'GET', undefined, headers)
const raws = (frames: RunFrame[]) => frames.map(({ raw }) => raw)
/** The events in their order. Those of what the program uses are left out: a run that lasts has one every two seconds. */
const happened = (frames: RunFrame[]) => frames.map(({ event }) => event).filter((event) => event !== 'usage')

async function until(response: Response, text: string): Promise<RunFrame> {
  for await (const frame of runFrames(response)) if (frame.data.text?.includes(text) === true) return frame
  throw new Error(`the stream ended before ${text}`)
}

/** A new user, in whose workspace nobody else writes: that would be told among the events of a run. */
async function alone() {
  const name = crypto.randomUUID()
  return { id: await idOfUser(name), headers: bearer(await userToken(name)) }
}

/** A program that waits for files; `go` lets it print the lines up to a number. Of the local user when none is named. */
async function waiting(user?: Awaited<ReturnType<typeof alone>>) {
  const stem = crypto.randomUUID()
  const files = await workspace(user?.id)
  const go = async (upTo: number) => {
    for (let line = 1; line <= upTo; line++) await files.writeFile(`${stem}-${line}`, '')
  }
  return { ...(await startRun({ code: waits, stdin: stem, timeout: 60 }, user?.headers)), go }
}

test('a run is started, watched and receipted with nothing but HTTP', async () => {
  const { headers } = await alone()
  const code = '```python\nimport sys\nsys.stdout.write("42\\n")\n```'
  const { id, response } = await startRun({ code, description: ' Multiply ' }, headers)
  expect([response.status, response.headers.get('content-type')]).toEqual([201, 'text/event-stream'])
  const frames = await allFrames(response)
  expect(happened(frames)).toEqual(['started', 'stdout', 'exit', 'outcome'])
  const last = frames.length - 1
  expect(frames.map(({ id }) => id)).toEqual([...frames.slice(1).map((_, at) => `1.${at + 1}.0`), `1.${last}.1`])
  const { outcome } = frames.at(-1)!.data
  expect(outcome).toMatchObject({ run_id: id, status: 'success', stdout: '42\n' })
  const receipt = await (await sendTo(`/runs/${id}`, 'GET', undefined, headers)).json()
  expect(receipt).toEqual({
    run_id: id,
    status: 'success',
    objective: 'multiply',
    description: 'Multiply',
    created_at: expect.any(String),
    started_at: expect.any(String),
    ended_at: expect.any(String),
    client: 'http',
    tool: 'POST /runs',
    arguments: {
      timeout_s: 50,
      background: false,
      auto_install: true,
      show_last: null,
      files: [],
      more_files: 0,
      stdin_bytes: null,
      env: [],
    },
    checked: { imports: { installed: [], local: [], missing: [], optional: [] }, refused: [] },
    program: code,
    program_chars: 49,
    outcome,
  })
  const { runs } = await (await sendTo('/runs', 'GET', undefined, headers)).json<{ runs: { run_id: string }[] }>()
  expect(runs[0]).toMatchObject({ run_id: id, status: 'success' })
})

test('ten thousand lines joined late equal the ones seen live, byte for byte', async () => {
  const { id, response } = await startRun({ code: LINES })
  const early = allFrames(response)
  const [first, joined, again] = [await early, await allFrames(await events(id)), await allFrames(await events(id))]
  expect(textOf(first)).toBe(Array.from({ length: 10_000 }, (_, line) => `line ${line} ä☃\n`).join(''))
  expect(raws(joined)).toEqual(raws(first))
  expect(raws(again)).toEqual(raws(first))
  for (const from of [0, 3, Math.floor(first.length / 2), first.length - 1]) {
    const rest = raws(first.slice(from + 1))
    expect(raws(await allFrames(await events(id, { 'last-event-id': first[from]!.id! })))).toEqual(rest)
    expect(raws(await allFrames(await events(id, {}, `?after=${first[from]!.id}`)))).toEqual(rest)
  }
})

test('more than a log keeps is joined late from the runner, byte for byte', async () => {
  const { id, response } = await startRun({ code: FLOOD })
  const live = await allFrames(response)
  expect(textOf(live)).toHaveLength(4_400_000)
  const joined = await allFrames(await events(id))
  expect(raws(joined)).toEqual(raws(live))
  const middle = live[Math.floor(live.length / 2)]!
  const rest = live.slice(live.indexOf(middle) + 1)
  expect(raws(await allFrames(await events(id, { 'last-event-id': middle.id! })))).toEqual(raws(rest))
})

test('several readers see the same, whenever they came', async () => {
  const { id, response, go } = await waiting()
  const readers = [allFrames(response), events(id).then(allFrames)]
  await go(2)
  await until(await events(id), 'line 3')
  readers.push(events(id).then(allFrames))
  await go(5)
  const [first, ...others] = await Promise.all(readers)
  expect(textOf(first!)).toBe('line 1\nline 2\nline 3\nline 4\nline 5\n')
  for (const other of others) expect(raws(other)).toEqual(raws(first!))
})

test('the last expression is shown when that is asked for', async () => {
  const { response } = await startRun({ code: '6 * 7', show_last: true })
  expect(textOf(await allFrames(response))).toBe('42\n')
})

test('silence is bridged with comments', async () => {
  const { response, go } = await waiting()
  let text = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    // Before its first line it may be silent, too.
    if (/line 1[\s\S]*: keepalive/.test(text)) await go(5)
  }
  expect(text).toMatch(/line 1[\s\S]*\n\n: keepalive\n\n[\s\S]*line 5/)
})

test('closing the stream does not cancel; a reader comes back after an eviction for exactly the rest', async () => {
  const { id, response, go } = await waiting()
  const seen = await until(response, 'line 1\n')
  await abortAllDurableObjects()
  await go(5)
  const rest = await allFrames(await events(id, { 'last-event-id': seen.id! }))
  expect(textOf(rest)).toBe('line 2\nline 3\nline 4\nline 5\n')
  expect(rest.at(-1)!.data.outcome).toMatchObject({ status: 'success' })
  const whole = await allFrames(await events(id))
  expect(raws(whole).slice(-rest.length)).toEqual(raws(rest))
})

test('with background the receipt so far is the answer', async () => {
  const response = await sendTo('/runs', 'POST', { code: 'print(1)', background: true })
  expect(response.status).toBe(202)
  const receipt = await response.json<{ run_id: string }>()
  expect(receipt).toMatchObject({ status: 'running', ended_at: null, outcome: { status: 'running', usage: null } })
  expect(response.headers.get('location')).toBe(`/runs/${receipt.run_id}`)
  const frames = await allFrames(await events(receipt.run_id))
  expect(frames.at(-1)!.data.outcome).toMatchObject({ status: 'success', stdout: '1\n' })
})

test('DELETE ends a run; its receipt holds the output so far', async () => {
  const user = await alone()
  const { id, response } = await waiting(user)
  const about = async (method: string) => sendTo(`/runs/${id}`, method, undefined, user.headers)
  await until(response, 'line 1')
  const live = await (await about('GET')).json()
  expect(live).toMatchObject({ status: 'running', ended_at: null, outcome: { status: 'running', stdout: 'line 1\n' } })
  const ended = await about('DELETE')
  expect(ended.status).toBe(200)
  expect(await ended.json()).toMatchObject({
    was: 'running',
    status: 'cancelled',
    outcome: { status: 'cancelled', stdout: 'line 1\n', usage: { cpu_ms: expect.any(Number) } },
  })
  expect(await (await about('DELETE')).json()).toMatchObject({ was: 'cancelled', status: 'cancelled' })
  const frames = await allFrames(await events(id, user.headers))
  expect(happened(frames)).toEqual(['started', 'stdout', 'exit', 'outcome'])
})

test('a queued run says so, and can be cancelled before it begins', async () => {
  const running = [await waiting(), await waiting()]
  const queued = await startRun({ code: 'print("never")' })
  const first = (await runFrames(queued.response).next()).value as RunFrame
  expect([first.event, first.id]).toEqual(['status', '1.0.1'])
  const ended = await (await sendTo(`/runs/${queued.id}`, 'DELETE')).json()
  expect(ended).toMatchObject({ was: 'queued', status: 'cancelled', outcome: { stdout: '' } })
  for (const { id } of running) await sendTo(`/runs/${id}`, 'DELETE')
})

test('a run that was queued when the object died was not run, and says so', async () => {
  const running = [await waiting(), await waiting()]
  for (const { response } of running) await until(response, 'line 1')
  const queued = await startRun({ code: 'print("never")', background: true })
  await abortAllDurableObjects()
  const receipt = await (await sendTo(`/runs/${queued.id}`, 'GET')).json()
  expect(receipt).toMatchObject({ status: 'lost', outcome: { hints: [expect.stringContaining('nothing of it ran')] } })
  for (const { id } of running) {
    expect(await (await sendTo(`/runs/${id}`, 'GET')).json()).toMatchObject({ status: 'running' })
    expect(await (await sendTo(`/runs/${id}`, 'DELETE')).json()).toMatchObject({ status: 'cancelled' })
  }
})

test('what could not be started has a receipt as well', async () => {
  const { id, response } = await startRun({ code: 'print(1)', files: { '../evil.txt': 'x' } })
  const frames = await allFrames(response)
  expect(frames.at(-1)!.data.outcome).toMatchObject({ status: 'error', error: { type: 'NotStarted' } })
  expect(await (await sendTo(`/runs/${id}`, 'GET')).json()).toMatchObject({ status: 'error' })
})

test.each([
  ['no program', { description: 'x' }, 400, 'code'],
  ['an empty program', { code: ' ' }, 400, 'code'],
  ['a time-out of -5', { code: 'x', timeout: -5 }, 400, 'timeout'],
  ['an unknown argument', { code: 'x', timeuot: 5 }, 400, 'timeuot'],
  ['a list', [], 400, 'object'],
])('%s is refused with the reason', async (_case, body, status, reason) => {
  const response = await sendTo('/runs', 'POST', body)
  expect(response.status).toBe(status)
  expect((await response.json<{ error: string }>()).error).toContain(reason)
})

test('what is not there is not found, and what is not possible says what is', async () => {
  const { id, response } = await startRun({ code: 'print(1)' })
  await response.text()
  const unknown = 'r_0000000000000000'
  const statuses = async (requests: [string, string, Record<string, string>?][]) =>
    Promise.all(
      requests.map(async ([method, path, headers]) => {
        const answer = await sendTo(path, method, undefined, headers)
        await answer.text()
        return answer.status
      }),
    )
  expect(
    await statuses([
      ['GET', `/runs/${unknown}`],
      ['DELETE', `/runs/${unknown}`],
      ['GET', `/runs/${unknown}/events`],
      ['GET', `/runs/${id}/nothing`],
      ['GET', `/runs/${id}/events/1`],
    ]),
  ).toEqual([404, 404, 404, 404, 404])
  expect(
    await statuses([
      ['PUT', `/runs/${id}`],
      ['DELETE', '/runs'],
      ['POST', `/runs/${id}/events`],
    ]),
  ).toEqual([405, 405, 405])
  expect(
    await statuses([
      ['GET', `/runs/${id}/events?after=7`],
      ['GET', `/runs/${id}/events`, { 'last-event-id': 'x' }],
      ['POST', '/runs', { 'content-type': 'text/plain' }],
    ]),
  ).toEqual([400, 400, 415])
})

test('where neither the log nor the runner has the middle, the reader is told', async () => {
  const log = new RunLog(3_000)
  log.add({ n: 1, type: 'started', pid: 1 })
  for (let n = 2; n < 100; n++) log.add({ n, type: 'stdout', text: `${n}\n` })
  async function* replay(_attempt: string, after: number): AsyncGenerator<RunEvent> {
    // It knows five more, then the connection breaks.
    if (after < 20) for (let n = after + 1; n < after + 6; n++) yield { n, type: 'stdout', text: `${n}\n` }
  }
  log.end()
  for (const kept of [
    (after: typeof BEGINNING) => log.read(after),
    (after: typeof BEGINNING) => keptEvents(log.kept(), null, after),
  ]) {
    const seen: string[] = []
    for await (const { id, item } of runEvents('r_1', BEGINNING, { kept, replay }, () => false)) {
      seen.push(item.type === 'missed' ? 'missed' : eventIdText(id))
    }
    const gap = seen.indexOf('missed')
    expect(seen.slice(0, gap)).toEqual(Array.from({ length: gap }, (_, n) => `1.${n + 1}.0`))
    expect(gap).toBeGreaterThanOrEqual(20)
    expect(seen.filter((each) => each === 'missed')).toHaveLength(1)
    expect(seen.at(-1)).toBe('1.99.0')
  }
})

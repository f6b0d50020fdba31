/** A run's steps for its view: pages of them, live and ended, for clients that show views, in both revisions. */
import { abortAllDurableObjects, env, runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { userIdOf } from '../../worker/auth/caller.ts'
import type { Env } from '../../worker/env.ts'
import { jsonBytes, MAX_RESULT_BYTES } from '../../worker/mcp/results/size.ts'
import { programKey } from '../../worker/run/program/key.ts'
import type { RunStep } from '../../worker/run/contract/step.ts'
import { showsViews } from '../../worker/session/lanes/client-views.ts'
import { RunLog } from '../../worker/session/runs/log.ts'
import { stepsPage } from '../../worker/session/runs/steps-page.ts'
import { BEGINNING, parseEventId } from '../../worker/session/store/event-id.ts'
import { initialize } from '../support/mcp-by-hand.ts'
import { startRun } from './support/events.ts'
import { answer, ask, call, modern, send, sendTo } from './support/mcp.ts'

const VIEWS = { extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] } } }

interface Page {
  run_id: string | null
  status?: string
  steps?: { type: string; text?: string; chars?: number }[]
  after?: string
  more?: boolean
}

type Ask = (args: object) => Promise<Page>

const pageOf = async (response: Response): Promise<Page> => {
  const { result, error } = await answer(response)
  if (error !== undefined) throw new Error(error.message)
  return JSON.parse(result!.content![0]!.text)
}
const modernly: Ask = async (args) => pageOf(await ask('session-tests', call(1, 'run_log', args), {}, VIEWS))

/** A transport session of a client that shows views. */
async function openWithViews(): Promise<Record<string, string>> {
  const opened = await send('POST', initialize('2025-11-25', VIEWS))
  await opened.text()
  return { 'mcp-session-id': opened.headers.get('mcp-session-id')!, 'mcp-protocol-version': '2025-11-25' }
}

async function legacyLine(): Promise<Ask> {
  const session = await openWithViews()
  let id = 10
  return async (args) => pageOf(await send('POST', call(++id, 'run_log', args), session))
}

const shownText = ({ steps = [] }: Page) => steps.map(({ text = '' }) => text).join('')

test.each([
  ['2026-07-28', () => Promise.resolve(modernly)],
  ['2025-11-25', legacyLine],
])('%s: a view finds the run of its program, and its steps as they come, to its end', async (_revision, line) => {
  const asking = await line()
  const code = 'print("one", flush=True)\nimport time\ntime.sleep(1)\nprint("two")'
  const program = programKey(code, 'of a view')
  const waiting = asking({ program, wait_ms: 10_000 })
  const { id, response } = await startRun({ code, description: 'of a view' })
  const page = await waiting
  expect(page.run_id).toBe(id)
  let [last, text] = [page, shownText(page)]
  while (last.status === 'running' || last.more === true) {
    last = await asking({ run_id: id, after: last.after, wait_ms: 10_000 })
    text += shownText(last)
  }
  expect([text, last.status]).toEqual(['one\ntwo\n', 'success'])
  // Its key finds it no more, and it can be read again from the beginning.
  expect(await asking({ program })).toEqual({ run_id: null })
  expect(shownText(await asking({ run_id: id }))).toBe('one\ntwo\n')
  expect(shownText(await asking({ run_id: id, after: last.after, wait_ms: 10_000 }))).toBe('')
  await response.body?.cancel()
})

test('of two runs of one program the newer one is found, and none of another description', async () => {
  const code = 'import time; time.sleep(30)'
  const runs = [await startRun({ code, background: true }), await startRun({ code, background: true })]
  expect((await modernly({ program: programKey(code, '') })).run_id).toBe(runs[1]!.id)
  expect((await modernly({ program: programKey(code, 'other'), wait_ms: 10 })).run_id).toBeNull()
  for (const { id } of runs) await (await sendTo(`/runs/${id}`, 'DELETE')).text()
})

test('an unknown run is refused, and arguments that are none', async () => {
  for (const args of [
    { run_id: 'r_0123456789abcdef' },
    { run_id: '../x' },
    { after: 'x' },
    { program: 'x' },
    { wait_ms: 60_000 },
  ]) {
    const { result } = await answer(await ask('session-tests', call(1, 'run_log', args), {}, VIEWS))
    expect([result?.isError, JSON.stringify(args)]).toEqual([true, JSON.stringify(args)])
  }
})

test('2025-11-25: a session keeps its views over an eviction; what its view is answered is not stored', async () => {
  const session = await openWithViews()
  const names = async () => {
    const response = await send('POST', { jsonrpc: '2.0', id: 2, method: 'tools/list' }, session)
    const { result } = await answer(response)
    return (result as unknown as { tools: { name: string }[] }).tools.map(({ name }) => name)
  }
  expect(await names()).toContain('run_log')
  await abortAllDurableObjects()
  expect(await names()).toContain('run_log')
  const object = (env as Env).SESSION.getByName(await userIdOf('dev', 'local'))
  const stored = () =>
    runInDurableObject(object, (_session, { storage }) =>
      ['events', 'streams', 'requests'].map(
        (what) => storage.sql.exec(`SELECT count(*) AS n FROM transport_${what}`).one()['n'],
      ),
    )
  const before = await stored()
  expect(await pageOf(await send('POST', call(3, 'run_log', { program: '0'.repeat(16) }), session))).toEqual({
    run_id: null,
  })
  expect(await stored()).toEqual(before)
})

test('views are shown by a client that says so, in either revision, and takes our kind of document', () => {
  const declared = (value: unknown) => ({ extensions: { 'io.modelcontextprotocol/ui': value } })
  const said = (capabilities: object) => [
    showsViews(initialize('2025-11-25', capabilities)),
    showsViews(modern({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }, capabilities)),
  ]
  expect(said(VIEWS)).toEqual([true, true])
  expect(said(declared({}))).toEqual([true, true])
  expect(said(declared({ mimeTypes: ['text/html'] }))).toEqual([false, false])
  for (const other of [
    {},
    { extensions: {} },
    declared(null),
    declared(true),
    { extensions: 'io.modelcontextprotocol/ui' },
  ])
    expect(said(other)).toEqual([false, false])
  for (const message of [null, [], 'x', { params: VIEWS }, { params: { capabilities: VIEWS } }])
    expect(showsViews(message)).toBe(false)
})

const printed = (n: number, text: string): RunStep => ({ n, type: 'stdout', text })

test('a page of steps is bounded, and the next one goes on behind it: nothing is lost and nothing told twice', async () => {
  for (const text of ['x\n', '\u001B"\\\u0000'.repeat(4_000)]) {
    const log = new RunLog()
    for (let n = 1; n <= 1200; n++) log.add(printed(n, text))
    const kept = log.kept().map(({ item }) => item)
    const read = []
    let after = BEGINNING
    for (let more = true; more;) {
      const page = stepsPage(await log.next(after, 0), after)
      expect(page.steps.length).toBeLessThanOrEqual(501)
      expect(jsonBytes(JSON.stringify(page))).toBeLessThan(MAX_RESULT_BYTES)
      read.push(...page.steps)
      after = parseEventId(page.after)!
      more = page.more
    }
    expect(read).toEqual(kept)
  }
})

test('whoever waits at the end of a log gets the next step, and nothing after a while', async () => {
  const log = new RunLog()
  log.add(printed(1, 'a'))
  const { id } = (await log.next(BEGINNING, 0))[0]!
  expect(await log.next(id, 10)).toEqual([])
  const waiting = log.next(id, 60_000)
  log.add(printed(2, 'b'))
  expect((await waiting).map(({ item }) => item)).toEqual([printed(2, 'b')])
  const ending = log.next({ ...id, n: 2 }, 60_000)
  log.end()
  expect(await ending).toEqual([])
  expect(await log.next({ ...id, n: 2 }, 60_000)).toEqual([])
})

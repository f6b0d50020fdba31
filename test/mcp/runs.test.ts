/** Background runs and the `runs` tool over MCP, with a scripted session behind them. */
import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import { McpServer } from '@modelcontextprotocol/server'
import { expect, test } from 'vitest'
import type { Caller, ShownRun } from '../../worker/mcp/caller.ts'
import type { ReadableRun } from '../../worker/run/contract/readable-run.ts'
import { registerRunPython } from '../../worker/mcp/tools/run-python.ts'
import { registerRuns } from '../../worker/mcp/tools/runs.ts'
import { OutcomeFold } from '../../worker/run/execution/outcome-fold.ts'
import type { ShownOutcome } from '../../worker/run/contract/outcome.ts'
import type { RunQuery } from '../../worker/run/contract/history.ts'
import { Busy } from '../../worker/run/contract/errors.ts'
import { DEFAULTS } from '../../worker/settings/settings.ts'
import { aListedRun } from '../support/listed-run.ts'
import { dataOf } from '../support/tool-result.ts'

const ID = 'r_0000000000000001'
const OTHER = 'r_0000000000000002'
const GONE = 'r_00000000000000ff'

function shown(id: string, status: ShownOutcome['status'], stdout = ''): ShownRun {
  const outcome: ShownOutcome = { ...new OutcomeFold().outcome(id, 'local'), status, stdout }
  return { id, status, objective: 'wait for it', created_at: 0, ended_at: null, outcome }
}

/** A session with these runs. Those that are under way print one line and then wait until `end` or a cancellation. */
async function connected(...runs: ShownRun[]) {
  const known = new Map(runs.map((run) => [run.id, run]))
  const endings = new Map<string, () => void>()
  const asked: Parameters<Caller['startRun']>[] = []
  const queries: RunQuery[] = []
  const live = new Map<string, ReadableRun>()
  const begin = (id: string): ReadableRun => {
    const ended = new Promise<void>((resolve) => endings.set(id, resolve))
    const run: ReadableRun = {
      id,
      outcome: ended.then(() => new OutcomeFold().outcome(id, 'local')),
      async *read() {
        yield { type: 'stdout', n: 1, text: `output of ${id}\n` }
        await ended
      },
      cancel: () => {},
    }
    live.set(id, run)
    return run
  }
  for (const { id, status } of runs) if (status === 'running' || status === 'queued') begin(id)
  const end = (id: string, status: 'success' | 'cancelled' | 'error') => {
    known.set(id, shown(id, status, 'all of it\n'))
    live.delete(id)
    endings.get(id)!()
  }
  const caller: Partial<Caller> = {
    settings: () => ({ ...DEFAULTS }),
    startRun: (...args) => {
      asked.push(args)
      if (known.size > 2) throw new Busy(2, 16)
      known.set(ID, shown(ID, 'running'))
      return begin(ID)
    },
    listRuns: (query) => {
      queries.push(query)
      const runs = [...known.values()].map(({ id, status, objective }) => aListedRun({ id, status, objective }))
      return query.before === GONE ? null : { runs, more: false }
    },
    findRun: (id) => known.get(id) ?? null,
    followRun: (id) => live.get(id) ?? null,
    async *runOutput(id) {
      const { stdout = '', bytes } = known.get(id)?.outcome ?? {}
      if (bytes?.stdout !== 0) return
      for (const text of stdout.split(/(?<=\n)/)) if (text !== '') yield { type: 'stdout', n: 1, text }
    },
    cancelRun: async (id) => {
      if (live.has(id)) end(id, 'cancelled')
    },
    clientReady: () => Promise.resolve(),
  }
  const server = new McpServer({ name: 'test', version: '1' })
  for (const register of [registerRunPython, registerRuns]) register(server, caller as Caller)
  const client = new Client({ name: 'test', version: '1' })
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  await Promise.all([server.connect(theirs), client.connect(ours)])
  const call = async (name: string, args: Record<string, unknown>, onprogress?: (message: string) => void) => {
    const result = await client.callTool(
      { name, arguments: args },
      onprogress && { onprogress: ({ message }) => onprogress(message ?? '') },
    )
    const text = (result.content as { text: string }[]).map((block) => block.text).join('\n')
    return { text, isError: result.isError === true, structured: dataOf(result) }
  }
  return { call, asked, queries, end }
}

test('a background run is answered at once, belongs to no call, and says how to go on', async () => {
  const { call, asked } = await connected()
  const { text, isError, structured } = await call('run_python', { code: 'x', background: true, timeout: 600 })
  expect(isError).toBe(false)
  expect(structured).toMatchObject({ run_id: ID, status: 'running', usage: null })
  expect(text).toContain('Next: call runs with this run_id and action "wait"')
  expect(asked[0]![2]).toBeNull()
  expect(asked[0]![0]).toMatchObject({ timeout_s: 600, orphan_grace_s: 600 })
})

test('what cannot be started is said at once', async () => {
  const { call } = await connected(
    shown(ID, 'success'),
    shown(OTHER, 'success'),
    shown('r_0000000000000003', 'success'),
  )
  const { text, isError } = await call('run_python', { code: 'x', background: true })
  expect([isError, text.startsWith('Busy')]).toEqual([true, true])
})

test('wait reports the output and returns when the run ends, long before its time', async () => {
  const { call, end } = await connected(shown(ID, 'running', 'output so far\n'))
  const progress: string[] = []
  const waiting = call('runs', { action: 'wait', run_id: ID, wait_s: 50 }, (message) => {
    progress.push(message)
    end(ID, 'success')
  })
  const { text, isError, structured } = await waiting
  expect(progress.join('')).toContain(`output of ${ID}`)
  expect(isError).toBe(false)
  expect(text).toContain('all of it')
  expect(structured).toMatchObject({ runs: [{ run_id: ID, status: 'success' }], outcome: { stdout: 'all of it\n' } })
})

test('a wait that runs out shows the output so far and how to go on, with and without a token', async () => {
  for (const onprogress of [undefined, () => {}]) {
    const { call } = await connected(shown(ID, 'running', 'output so far\n'))
    const { text, isError, structured } = await call('runs', { action: 'wait', wait_s: 0.05 }, onprogress)
    expect(isError).toBe(false)
    expect(text).toContain('output so far')
    expect(text).toContain('Next: call runs with this run_id and action "wait"')
    expect(structured).toMatchObject({ runs: [{ status: 'running' }], outcome: { status: 'running' } })
  }
})

test('a failing program is an error of the wait, too', async () => {
  const { call } = await connected(shown(ID, 'error'))
  expect(await call('runs', { action: 'wait', run_id: ID })).toMatchObject({ isError: true })
})

test('cancel ends a run; one that had ended is left alone', async () => {
  const { call } = await connected(shown(ID, 'running'), shown(OTHER, 'success'))
  const first = await call('runs', { action: 'cancel' })
  expect([first.isError, first.text.split('\n')[0]]).toEqual([false, `${ID} has ended (cancelled).`])
  const second = await call('runs', { action: 'cancel', run_id: OTHER })
  expect(second.text).toContain('there was nothing to cancel')
})

const ROWS = Array.from({ length: 1_000 }, (_, index) => `row ${index + 1}\n`).join('')

test('output is read by lines, from the beginning or from the end, with how to go on', async () => {
  const { call } = await connected(shown(ID, 'success', ROWS))
  const first = await call('runs', { action: 'output', run_id: ID, limit: 3 })
  expect(first).toMatchObject({
    isError: false,
    text: `[success · lines 1–3 of 1000 · ${ID}]\nNext: from_line 4 for what follows.\nOutput:\nrow 1\nrow 2\nrow 3`,
    structured: { runs: [{ run_id: ID }], output: { from: 1, to: 3, total: 1_000 } },
  })
  const last = await call('runs', { action: 'output', run_id: ID, from_line: '-2' })
  expect(last.text).toBe(`[success · lines 999–1000 of 1000 · ${ID}]\nOutput:\nrow 999\nrow 1000`)
  const all = await call('runs', { action: 'output', run_id: ID, from_line: -5_000 })
  expect(all.text).toContain('lines 1–200 of 1000')
})

test('output that is not there is explained', async () => {
  const gone = shown(OTHER, 'error', '')
  gone.outcome!.bytes.stdout = 5
  const { call } = await connected(shown(ID, 'running', ''), gone)
  const asked = async (args: object) => (await call('runs', { action: 'output', ...args })).text
  expect(await asked({})).toBe(`${ID} has printed nothing so far. Next: call runs with action "wait".`)
  expect(await asked({ run_id: OTHER })).toContain(`The output of ${OTHER} is no longer kept. Next: run`)
  expect(await asked({ run_id: 'r_00000000000000aa' })).toContain('There is no run')
  expect(
    await (await connected(shown(ID, 'success', 'a\n'))).call('runs', { action: 'output', run_id: ID, from_line: 2 }),
  ).toMatchObject({
    isError: true,
    text: `${ID} has printed 1 line. Next: give a from_line up to that, or a negative one to count from the end.`,
  })
  expect(await (await connected(shown(ID, 'success'))).call('runs', { action: 'output', run_id: ID })).toMatchObject({
    isError: false,
    text: `${ID} printed nothing.`,
  })
})

test('which run is meant must be clear', async () => {
  const none = await connected(shown(ID, 'success'))
  expect(await none.call('runs', { action: 'wait' })).toMatchObject({
    isError: true,
    text: expect.stringContaining('No run is under way'),
  })
  expect(await none.call('runs', { action: 'cancel', run_id: OTHER })).toMatchObject({
    isError: true,
    text: expect.stringContaining('no run'),
  })
  const two = await connected(shown(ID, 'running'), shown(OTHER, 'queued'))
  expect(await two.call('runs', { action: 'cancel' })).toMatchObject({
    isError: true,
    text: expect.stringContaining(`${ID}, ${OTHER}`),
  })
})

test('without arguments the latest runs are listed', async () => {
  const { call, queries } = await connected(shown(ID, 'running'), shown(OTHER, 'success'))
  const { text, structured } = await call('runs', {})
  const times = /(?<=running · )\d+ s/
  expect(text.replace(times, '… s')).toBe(`${ID} · running · … s · "wait for it"
${OTHER} · success · 0.01 s · 1970-01-01 00:00 UTC · "wait for it"
1 under way. Next: call runs with action "wait" or "cancel" and a run_id.`)
  expect(structured).toMatchObject({ runs: [{ run_id: ID }, { run_id: OTHER }], outcome: null })
  expect(queries).toEqual([{ search: '', limit: 20 }])
})

test('a list is asked for what its arguments say, and says when they begin at a run that is gone', async () => {
  const { call, queries } = await connected(shown(ID, 'success'))
  const query = { search: 'a b', status: 'error', before: OTHER, limit: 5 }
  await call('runs', { action: 'list', ...query })
  expect(queries).toEqual([query])
  expect(await call('runs', { before: GONE })).toMatchObject({
    isError: true,
    text: `There is no run ${GONE}; old ones are forgotten. Next: call runs with action "list" to see which there are.`,
  })
})

test('a list can be of one run', async () => {
  const { call, queries } = await connected(shown(ID, 'success'))
  await call('runs', { run_id: OTHER })
  expect(queries).toEqual([{ search: '', limit: 20, id: OTHER }])
})

test.each([{ search: 'x' }, { status: 'error' }, { before: OTHER }])(
  'what only a list takes (%j) is refused elsewhere, and nothing is ended',
  async (query) => {
    const { call } = await connected(shown(ID, 'running'))
    expect(await call('runs', { action: 'cancel', ...query })).toMatchObject({
      isError: true,
      text: 'search, status and before belong to action "list". Next: leave them out and give the run_id that is meant.',
    })
    expect((await call('runs', { run_id: ID })).text).toContain('running')
  },
)

test.each([
  { action: 'stop' },
  { action: 'wait', wait_s: 51 },
  { action: 'wait', wait_s: -1 },
  { action: 'wait', run_id: 'r_1' },
  { action: 'list', runid: ID },
  { limit: 0 },
  { limit: 201 },
  { before: 'yesterday' },
  { status: 'failed' },
  { search: 'x'.repeat(201) },
  { action: 'output', from_line: 0 },
  { action: 'output', from_line: 1.5 },
  { action: 'output', limit: 0 },
])('%j is refused', async (args) => {
  const { call } = await connected()
  expect(await call('runs', args)).toMatchObject({ isError: true })
})

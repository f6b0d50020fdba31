/** A run's log in bounded memory and in the database: what is kept, what is said to be missing, and where a reader goes on. */
import { expect, test } from 'vitest'
import type { RunStep } from '../../worker/run/contract/step.ts'
import { BEGINNING, eventIdText, idAfter, isAfter, parseEventId } from '../../worker/session/store/event-id.ts'
import { type NumberedItem, boundedLines, insertRunLog, readRunLog } from '../../worker/session/store/run-logs.ts'
import { RunLog } from '../../worker/session/runs/log.ts'
import { migrate } from '../../worker/session/store/migrations.ts'
import { endRun, findRun, insertRun, promiseTask, pruneRuns } from '../../worker/session/store/runs.ts'
import { OutcomeFold } from '../../worker/run/execution/outcome-fold.ts'
import { TASK_TTL_MS } from '../../worker/run/contract/bounds.ts'
import { withDatabase } from './support/database.ts'

const started: RunStep = { n: 1, type: 'started', pid: 1 }
const printed = (n: number, text: string): RunStep => ({ n, type: 'stdout', text })

async function all(items: AsyncGenerator<NumberedItem>): Promise<NumberedItem[]> {
  const read = []
  for await (const item of items) read.push(item)
  return read
}

const ids = (items: { id: NumberedItem['id']; item: { type: string } }[]) =>
  items.map(({ id, item }) => (item.type === 'missed' ? 'missed' : eventIdText(id)))

/** A log of 1,000 characters with lines of ten. */
function flooded(lines: number): RunLog {
  const log = new RunLog(11_000)
  log.add(started)
  for (let line = 0; line < lines; line++) log.add(printed(line + 2, `${line}`.padEnd(9) + '\n'))
  return log
}

test('ids grow through installations, attempts and the end, and are the same each time', () => {
  const steps: RunStep[] = [
    { type: 'status', text: 'Installing x …' },
    { type: 'install', text: 'ok' },
    started,
    printed(2, 'a'),
    { type: 'status', text: 'again' },
    started,
    printed(2, 'b'),
  ]
  const log = new RunLog()
  for (const step of steps) log.add(step)
  expect(ids(log.kept())).toEqual(['1.0.1', '1.0.2', '1.1.0', '1.2.0', '1.2.1', '2.1.0', '2.2.0'])
  const given = log.kept().map(({ id }) => id)
  expect(given.every((id, index) => index === 0 || isAfter(id, given[index - 1]!))).toBe(true)
  expect(given.map((id) => parseEventId(eventIdText(id)))).toEqual(given)
  // Another life of the object has only the runner's events: theirs are the same.
  expect(eventIdText(idAfter(BEGINNING, started))).toBe('1.1.0')
})

test.each(['', '1', '1.2', '1.2.3.4', '-1.2.3', '1.x.0', '1.2.3 ', `1.${'9'.repeat(20)}.0`])(
  '%j is no event id',
  (text) => {
    expect(parseEventId(text)).toBeNull()
  },
)

test('a reader goes on after any step, live', async () => {
  const log = new RunLog()
  log.add(started)
  log.add(printed(2, 'a'))
  const reading = all(log.read({ attempt: 1, n: 1, extra: 0 }))
  await Promise.resolve()
  log.add(printed(3, 'b'))
  log.end()
  expect(ids(await reading)).toEqual(['1.2.0', '1.3.0'])
  expect(await all(log.read(log.last))).toEqual([])
})

test('head and tail are kept, and the characters between them are counted', () => {
  const log = flooded(1_000)
  const kept = log.kept()
  const gap = kept.findIndex(({ item }) => item.type === 'missed')
  expect(gap).toBeGreaterThan(30)
  const shown = kept.length - 2 // without the start and the gap
  expect(kept[gap]!.item).toEqual({ type: 'missed', chars: (1_000 - shown) * 10, lines: 1_000 - shown })
  expect(kept.at(-1)!.item).toMatchObject({ text: expect.stringMatching(/^999 /) })
  expect(kept.length).toBeLessThan(150)
})

test('only a reader that stands before the gap hears of it', async () => {
  const log = flooded(1_000)
  log.end()
  const kept = log.kept()
  const gap = kept.findIndex(({ item }) => item.type === 'missed')
  const after = async (id: NumberedItem['id']) => ids(await all(log.read(id)))
  expect((await after(kept[gap - 1]!.id))[0]).toBe('missed')
  expect((await after({ ...kept[gap]!.id, n: kept[gap]!.id.n + 5 }))[0]).toBe('missed')
  const first = kept[gap + 1]!.id
  expect((await after({ ...first, n: first.n - 1 }))[0]).toBe(eventIdText(first))
  expect(await after(first)).not.toContain('missed')
})

test('a flood of empty steps is bounded too', () => {
  const log = new RunLog(10_000)
  for (let line = 0; line < 10_000; line++) log.add({ type: 'status', text: '' })
  expect(log.kept().length).toBeLessThan(160)
})

test('the kept log fits whatever its text costs as JSON', () => {
  const items = Array.from({ length: 100 }, (_, n) => ({
    id: { attempt: 1, n, extra: 0 },
    item: printed(n, '\0'.repeat(100)),
  }))
  const lines = boundedLines(items, 20_000)
  expect(lines.join('').length).toBeLessThan(20_100)
  expect(lines.filter((line) => line.includes('missed'))).toHaveLength(1)
  expect(JSON.parse(lines.find((line) => line.includes('missed'))!)[1].chars).toBe((100 - (lines.length - 1)) * 100)
})

test('a log comes back from the database as it was, over many rows, and goes with its run', () =>
  withDatabase(({ sql, transaction }) => {
    migrate(sql, transaction)
    const log = new RunLog()
    log.add({ type: 'install', text: 'ünï \u2028 "quoted"\n' })
    log.add(started)
    for (let n = 2; n < 500; n++) log.add({ n, type: n % 2 ? 'stderr' : 'stdout', text: 'ä\n'.repeat(500) })
    log.add({ n: 500, type: 'file', path: 'a b', change: 'created', bytes: 1, mime: null })
    insertRun(sql, { id: 'r_1', status: 'running', objective: '', timeout_s: 1, created_at: 1 })
    endRun(sql, 'r_1', new OutcomeFold().outcome('r_1', 'local'), 2)
    insertRunLog(sql, 'r_1', log.kept())
    expect(sql('SELECT count(*) AS n FROM run_logs')[0]!['n']).toBeGreaterThan(5)
    expect([...readRunLog(sql, 'r_1')]).toEqual(log.kept())
    pruneRuns(sql, 31 * 24 * 3_600_000)
    expect([findRun(sql, 'r_1'), sql('SELECT * FROM run_logs')]).toEqual([null, []])
  }))

test('the newest 200 ended runs stay, and whatever has not ended', () =>
  withDatabase(({ sql, transaction }) => {
    migrate(sql, transaction)
    insertRun(sql, { id: 'r_old_live', status: 'running', objective: '', timeout_s: 1, created_at: 0 })
    for (let n = 1; n <= 203; n++) {
      insertRun(sql, { id: `r_${n}`, status: 'running', objective: '', timeout_s: 1, created_at: n })
      endRun(sql, `r_${n}`, new OutcomeFold().outcome(`r_${n}`, 'local'), n)
      insertRunLog(sql, `r_${n}`, [{ id: BEGINNING, item: { type: 'outcome' } }])
    }
    expect(sql('SELECT count(*) AS n FROM runs')).toEqual([{ n: 201 }])
    expect(sql('SELECT count(*) AS n FROM run_logs')).toEqual([{ n: 200 }])
    expect([findRun(sql, 'r_3'), findRun(sql, 'r_4')?.id, findRun(sql, 'r_old_live')?.id]).toEqual([
      null,
      'r_4',
      'r_old_live',
    ])
  }))

test('a promised run outlives two hundred later ones until its time is over', async () => {
  await withDatabase(({ sql, transaction }) => {
    migrate(sql, transaction)
    const run = (id: string, created_at: number) => {
      insertRun(sql, { id, status: 'running', objective: '', timeout_s: 1, created_at })
      return () => endRun(sql, id, new OutcomeFold().outcome(id, 'local'), created_at)
    }
    const ends = [run('r_task', 1), run('r_plain', 2)]
    expect(promiseTask(sql, 'r_task', 1)).toBe(true)
    for (const end of ends) end()
    for (let n = 0; n < 200; n++) run(`r_${n}`, 10 + n)()
    expect([findRun(sql, 'r_task')?.task_until, findRun(sql, 'r_plain')]).toEqual([1 + TASK_TTL_MS, null])
    pruneRuns(sql, 1 + TASK_TTL_MS)
    expect(findRun(sql, 'r_task')).not.toBeNull()
    pruneRuns(sql, 2 + TASK_TTL_MS)
    expect(findRun(sql, 'r_task')).toBeNull()
  })
})

test('the lines that a gap hides are counted, in the log and in what is kept of it', () => {
  const log = new RunLog(11_000)
  log.add(started)
  for (let line = 0; line < 3_000; line += 3) {
    log.add(printed(line + 2, `${line}\n${line + 1}\nbegun `.padEnd(30, '.')))
    log.add({ type: 'install', text: 'no line\nof the program\n' })
  }
  const [kept, stored] = [log.kept().map(({ item }) => item), boundedLines(log.kept(), 4_000)]
  const shown = (items: { type: string }[]) =>
    items.map((item) => ('lines' in item ? Number(item.lines) : item.type === 'stdout' ? 2 : 0))
  const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b)
  expect(sum(shown(kept))).toBe(2_000)
  expect(sum(shown(stored.map((line) => JSON.parse(line)[1])))).toBe(2_000)
})

test('a step of ours says when it was added', () => {
  const log = new RunLog(undefined, () => 1_795_905_600_000)
  log.add({ type: 'status', text: 'Installing x …' })
  log.add(started)
  expect(log.kept().map(({ item }) => item)).toEqual([
    { type: 'status', text: 'Installing x …', at: 1_795_905_600_000 },
    started,
  ])
})

/** What the end of a run teaches: counts that move by themselves, drafts from what was solved, and what a failure is shown. */
import { expect, test } from 'vitest'
import { OutcomeFold } from '../../worker/run/execution/outcome-fold.ts'
import type { RunOutcome } from '../../worker/run/contract/outcome.ts'
import { learnFromRun } from '../../worker/session/store/learned-runs.ts'
import { searchLearnings } from '../../worker/session/store/learnings-search.ts'
import { addLearning, getLearning } from '../../worker/session/store/learnings.ts'
import { migrate } from '../../worker/session/store/migrations.ts'
import type { Sql } from '../../worker/session/store/sql.ts'
import { withDatabase } from './support/database.ts'

const NOW = Date.UTC(2026, 0, 1)
const KEY_ERROR = { type: 'KeyError', message: `'price'`, line: 3, frame: `> 3 | x["price"]` }
const VALUE_ERROR = { type: 'ValueError', message: 'no columns', line: 1, frame: '> 1 | f()' }

interface Runs {
  sql: Sql
  fail: (error?: RunOutcome['error'], run?: Partial<Run>) => ReturnType<typeof learnFromRun>
  succeed: (run?: Partial<Run>) => ReturnType<typeof learnFromRun>
  end: (outcome: Partial<RunOutcome>, run?: Partial<Run>) => ReturnType<typeof learnFromRun>
}
type Run = Parameters<typeof learnFromRun>[1]

/** Runs one after the other, a second apart, under one objective unless told otherwise. */
function withRuns(use: (runs: Runs) => void): Promise<void> {
  return withDatabase(({ sql, transaction }) => {
    migrate(sql, transaction)
    let [n, clock] = [0, NOW]
    const end: Runs['end'] = (outcome, run) => {
      const run_id = run?.run_id ?? `r_${++n}`
      clock += 1000
      return learnFromRun(sql, {
        run_id,
        objective: 'sum the prices',
        code: 'x = {}\nx["price"]\n',
        outcome: { ...new OutcomeFold().outcome(run_id, 'local'), exit_code: 1, ...outcome },
        client: 'test client',
        started_at: clock - 500,
        now: clock,
        ...run,
      })
    }
    use({
      sql,
      end,
      fail: (error = KEY_ERROR, run) => end({ status: 'error', error }, run),
      succeed: (run) => end({ status: 'success', exit_code: 0 }, { code: 'x = {"price": 1}\nx["price"]\n', ...run }),
    })
  })
}

function recorded(sql: Sql, problem = `KeyError: 'price'`) {
  const texts = {
    kind: 'error' as const,
    problem,
    failed_approach: '',
    solution: 'check the key',
    context: '',
    tags: [],
  }
  return addLearning(sql, texts, { via: 'tool', client: 'test client', run_id: null }, NOW).learning
}

function counts(sql: Sql, id: string): number[] {
  const { success_count, failure_count } = getLearning(sql, id)!
  return [success_count, failure_count]
}

test('a failure that is then solved becomes a draft, which the same failure is shown', () =>
  withRuns(({ fail, succeed }) => {
    expect(fail()).toEqual({ shown: [], drafts: [], moved: [] })
    const { drafts } = succeed()
    expect(drafts).toMatchObject([
      {
        kind: 'error',
        draft: true,
        problem: `KeyError: 'price'`,
        solution: 'Gone after this change:\n- x = {}\n+ x = {"price": 1}',
        context: 'sum the prices',
        origin: { via: 'draft', client: 'test client', run_id: 'r_2' },
      },
    ])
    expect(fail(KEY_ERROR, { objective: 'another', client: 'another client' }).shown).toEqual(drafts)
    expect(fail(VALUE_ERROR, { objective: 'another' }).shown).toEqual([])
  }))

test('a change that only broke the program otherwise is nobody told as the solution', () =>
  withRuns(({ fail, succeed }) => {
    const syntaxError = { type: 'SyntaxError', message: "unmatched ']'", line: 2, frame: '> 2 | x["cost"]]' }
    fail(KEY_ERROR, { code: 'x = {"cost": 1}\nx["price"]\n' })
    fail(syntaxError, { code: 'x = {"cost": 1}\nx["cost"]]\n' })
    succeed({ code: 'x = {"cost": 1}\nx["cost"]\n' })
    const told = (error: RunOutcome['error']) =>
      fail(error, { objective: 'another' }).shown.map((each) => each.solution)
    expect(told(KEY_ERROR)).toEqual(['Gone after this change:\n- x["price"]\n+ x["cost"]'])
    expect(told(syntaxError)).toEqual(['Gone after this change:\n- x["cost"]]\n+ x["cost"]'])
  }))

test('the next success of the objective counts for what was shown, once', () =>
  withRuns(({ sql, fail, succeed }) => {
    const { id } = recorded(sql)
    expect(fail().shown).toMatchObject([{ id }])
    fail(VALUE_ERROR)
    expect(counts(sql, id)).toEqual([0, 0])
    expect(succeed().moved).toEqual([id])
    expect(counts(sql, id)).toEqual([1, 0])
    expect(succeed().moved).toEqual([])
    expect(counts(sql, id)).toEqual([1, 0])
    expect(getLearning(sql, id)?.used_at).not.toBeNull()
  }))

test('the same error again counts against it, under any objective', () =>
  withRuns(({ sql, fail }) => {
    const { id } = recorded(sql)
    fail()
    expect(fail(KEY_ERROR, { objective: '' })).toMatchObject({ moved: [id], shown: [{ id }] })
    expect(counts(sql, id)).toEqual([0, 1])
  }))

test('a success of another objective moves nothing, nor does one without any', () =>
  withRuns(({ sql, fail, succeed }) => {
    const { id } = recorded(sql)
    fail()
    fail(VALUE_ERROR, { objective: '' })
    succeed({ objective: 'another' })
    succeed({ objective: '' })
    expect(counts(sql, id)).toEqual([0, 0])
  }))

test('a run that had begun before cannot have heeded it', () =>
  withRuns(({ sql, fail, succeed }) => {
    const { id } = recorded(sql)
    fail()
    expect(succeed({ started_at: NOW })).toEqual({ shown: [], drafts: [], moved: [] })
    expect(counts(sql, id)).toEqual([0, 0])
    expect(succeed().moved).toEqual([id])
  }))

test('the end of a run that is told twice counts once', () =>
  withRuns(({ sql, fail, succeed }) => {
    const { id } = recorded(sql)
    const first = fail(KEY_ERROR, { run_id: 'r_twice' })
    expect(fail(KEY_ERROR, { run_id: 'r_twice' }).shown).toEqual(first.shown)
    expect(counts(sql, id)).toEqual([0, 0])
    fail(VALUE_ERROR)
    expect(succeed({ run_id: 'r_good' }).drafts).toHaveLength(1)
    expect(succeed({ run_id: 'r_good' })).toEqual({ shown: [], drafts: [], moved: [] })
    expect(counts(sql, id)).toEqual([1, 0])
  }))

test('a cancelled or lost run says nothing', () =>
  withRuns(({ sql, fail, end }) => {
    const { id } = recorded(sql)
    fail()
    for (const status of ['cancelled', 'lost'] as const) {
      expect(end({ status, error: KEY_ERROR })).toEqual({ shown: [], drafts: [], moved: [] })
    }
    expect(counts(sql, id)).toEqual([0, 0])
  }))

test('a time-out teaches under its own objective only', () =>
  withRuns(({ end, succeed }) => {
    const timeout = {
      status: 'timeout' as const,
      error: { type: 'Timeout', message: 'longer than 50 s', line: null, frame: null },
    }
    end(timeout)
    expect(succeed().drafts).toHaveLength(1)
    expect(end(timeout).shown).toHaveLength(1)
    expect(end(timeout, { objective: 'another' }).shown).toEqual([])
  }))

test('a program that ends with a bare exit code is a failure too', () =>
  withRuns(({ sql, end, succeed }) => {
    end({ status: 'error', exit_code: 3, error: null })
    expect(succeed().drafts).toMatchObject([{ problem: 'Failure: the program ended with exit code 3' }])
    end({ status: 'error', exit_code: 3, error: null }, { objective: 'another' })
    expect(searchLearnings(sql, { search: '', limit: 9 }, NOW).total).toBe(1)
  }))

test('another solution replaces a draft that did not help, not one that did', () =>
  withRuns(({ sql, fail, succeed }) => {
    const solutions = () =>
      searchLearnings(sql, { search: '', limit: 9 }, NOW).learnings.map(({ solution }) => solution.split('\n').at(-1))
    fail()
    succeed()
    expect(solutions()).toEqual(['+ x = {"price": 1}'])
    // So often without success that it is not shown any more.
    sql('UPDATE learnings SET failure_count = 9')
    expect(fail().shown).toEqual([])
    succeed({ code: 'x = {"price": 2}\nx["price"]\n' })
    expect(solutions()).toEqual(['+ x = {"price": 2}'])

    sql('UPDATE learnings SET success_count = 1, failure_count = 20')
    expect(fail().shown).toEqual([])
    succeed({ code: 'x = {"price": 3}\nx["price"]\n' })
    expect(new Set(solutions())).toEqual(new Set(['+ x = {"price": 2}', '+ x = {"price": 3}']))
  }))

test('an unchanged program that works in the end teaches nothing', () =>
  withRuns(({ fail, succeed }) => {
    fail(KEY_ERROR, { code: 'print(1)' })
    expect(succeed({ code: 'print(1)' }).drafts).toEqual([])
  }))

test('secrets in errors and programs are not kept', () =>
  withRuns(({ sql, fail, succeed }) => {
    const token = ['gh', 'p_', 'a1'.repeat(18)].join('')
    fail({ ...VALUE_ERROR, message: `bad token ${token}` }, { code: `connect("${token}")` })
    expect(JSON.stringify(sql('SELECT * FROM failed_runs'))).not.toContain(token)
    const { drafts } = succeed({ code: `connect("${token}", retry=True)\npassword = "hunter2"` })
    expect(drafts).toHaveLength(1)
    expect(JSON.stringify(sql('SELECT * FROM learnings'))).not.toMatch(new RegExp(`${token}|hunter2`))
  }))

test('what waits for a later run is bounded in number and time', () =>
  withRuns(({ sql, fail, succeed }) => {
    recorded(sql)
    for (let i = 0; i < 250; i++) fail(KEY_ERROR, { objective: `objective ${i}` })
    expect(sql('SELECT count(*) AS n FROM failed_runs')[0]?.['n']).toBeLessThanOrEqual(202)
    expect(sql('SELECT count(*) AS n FROM learnings_shown')[0]?.['n']).toBeLessThanOrEqual(1002)
    succeed({ objective: '', now: NOW + 8 * 24 * 3_600_000 })
    expect(sql('SELECT count(*) AS n FROM failed_runs')).toEqual([{ n: 0 }])
    expect(sql('SELECT count(*) AS n FROM learnings_shown')).toEqual([{ n: 0 }])
  }))

test('at most three are shown', () =>
  withRuns(({ sql, fail }) => {
    for (let i = 0; i < 5; i++) recorded(sql, `KeyError: 'price'${' '.repeat(i)} ${'!'.repeat(i)}`)
    expect(fail().shown).toHaveLength(3)
  }))

function approach(sql: Sql, problem = 'Sum the prices') {
  const texts = {
    kind: 'semantic' as const,
    problem,
    failed_approach: 'summed the column as text',
    solution: 'convert it to Decimal first',
    context: '',
    tags: [],
  }
  const objective = problem.toLowerCase()
  const origin = { via: 'tool' as const, client: 'test client', run_id: null }
  return addLearning(sql, texts, origin, NOW, { draft: false, fingerprint: null, objective }).learning
}

test('an approach that did not do the job is shown with the first success of its objective, and moves no count', () =>
  withRuns(({ sql, succeed }) => {
    const { id } = approach(sql)
    expect(succeed().shown.map((learning) => learning.id)).toEqual([id])
    expect(succeed()).toMatchObject({ shown: [], moved: [] })
    expect(succeed({ objective: 'count the rows' }).shown).toEqual([])
    expect(succeed({ objective: '' }).shown).toEqual([])
    expect(getLearning(sql, id)).toMatchObject({ success_count: 0, failure_count: 0 })
  }))

test('a day later it is shown again', () =>
  withRuns(({ sql, succeed }) => {
    const { id } = approach(sql)
    succeed()
    const later = NOW + 25 * 3_600_000
    expect(succeed({ started_at: later, now: later }).shown.map((learning) => learning.id)).toEqual([id])
  }))

test('an approach that a failure was shown is not shown with the success that heeds it', () =>
  withRuns(({ sql, fail, succeed }) => {
    const { id } = approach(sql)
    expect(fail().shown.map((learning) => learning.id)).toEqual([id])
    expect(succeed()).toMatchObject({ shown: [], moved: [id] })
  }))

test('notes on errors are not shown with a success', () =>
  withRuns(({ sql, fail, succeed }) => {
    recorded(sql)
    fail()
    succeed()
    expect(succeed().shown).toEqual([])
  }))

test('a failure whose learning has just helped makes no draft', () =>
  withRuns(({ sql, fail, succeed }) => {
    const { id } = recorded(sql)
    expect(fail().shown.map((learning) => learning.id)).toEqual([id])
    expect(succeed()).toMatchObject({ moved: [id], drafts: [] })
    fail(VALUE_ERROR)
    expect(succeed().drafts).toHaveLength(1)
  }))

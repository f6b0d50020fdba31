/** The history in the database: pages, searches, bounds, and what is kept of a program. */
import { expect, test } from 'vitest'
import { argumentsOf, type RunCall, objectiveOf } from '../../worker/run/contract/call.ts'
import type { RunQuery } from '../../worker/run/contract/history.ts'
import { OutcomeFold } from '../../worker/run/execution/outcome-fold.ts'
import type { RunOutcome } from '../../worker/run/contract/outcome.ts'
import type { RunInput } from '../../worker/run/contract/step.ts'
import { changedSince } from '../../worker/session/store/changed-since.ts'
import { findHistory, insertHistory, noteStart } from '../../worker/session/store/run-history.ts'
import { migrate } from '../../worker/session/store/migrations.ts'
import { pageOfRuns } from '../../worker/session/store/run-pages.ts'
import { endRun, insertRun, pruneRuns } from '../../worker/session/store/runs.ts'
import type { Sql } from '../../worker/session/store/sql.ts'
import { withDatabase } from './support/database.ts'

const idOf = (n: number) => `r_${n.toString(16).padStart(16, '0')}`

const INPUT: Omit<RunInput, 'id'> = {
  code: 'print(1)',
  timeout_s: 50,
  packages: { auto_install: true, allowed_packages: [], blocked_packages: [], network: 'open' },
  max_output_bytes: 1024,
  orphan_grace_s: 50,
  install_timeout_s: 50,
}

interface Told {
  code?: string
  description?: string
  at?: number
  input?: Partial<RunInput>
}

/** Accepts a run; its id. */
function accept(sql: Sql, n: number, { code = 'print(1)', description = '', at = n, input = {} }: Told = {}): string {
  const id = idOf(n)
  const asked: RunCall = { tool: 'run_python', description, background: false }
  insertRun(sql, { id, status: 'running', objective: objectiveOf(asked), timeout_s: 50, created_at: at })
  insertHistory(sql, id, code, asked, argumentsOf({ ...INPUT, ...input }, asked, 'claude-code'))
  return id
}

function end(sql: Sql, id: string, outcome: Partial<RunOutcome> = { status: 'success' }): void {
  endRun(sql, id, { ...new OutcomeFold().outcome(id, 'local'), ...outcome }, 5)
}

function inDatabase(use: (sql: Sql, found: (query?: Partial<RunQuery>) => string[] | null) => void): Promise<void> {
  return withDatabase(({ sql, transaction }) => {
    migrate(sql, transaction)
    use(sql, (query) => pageOfRuns(sql, { limit: 50, ...query })?.runs.map(({ id }) => id) ?? null)
  })
}

test('pages follow each other without a gap, also where runs were accepted in the same millisecond', () =>
  inDatabase((sql) => {
    for (let n = 1; n <= 7; n++) accept(sql, n, { at: n < 4 ? 1 : 2 })
    const pages: string[][] = []
    let before: string | undefined
    for (let more = true; more;) {
      const page = pageOfRuns(sql, { limit: 3, before })!
      pages.push(page.runs.map(({ id }) => id))
      before = page.runs.at(-1)?.id
      more = page.more
    }
    expect(pages).toEqual([[7, 6, 5].map(idOf), [4, 3, 2].map(idOf), [idOf(1)]])
    expect(pageOfRuns(sql, { limit: 7 })).toMatchObject({ more: false })
    expect(pageOfRuns(sql, { limit: 6 })).toMatchObject({ more: true })
    expect(pageOfRuns(sql, { limit: 3, before: idOf(1) })).toEqual({ runs: [], more: false })
    expect(pageOfRuns(sql, { limit: 3, before: idOf(99) })).toBeNull()
  }))

test('runs of a time are those accepted from its begin on and before its end, on every page', () =>
  inDatabase((sql, found) => {
    for (let n = 1; n <= 6; n++) accept(sql, n, { at: n * 10 })
    expect(found({ since: 20, until: 40 })).toEqual([3, 2].map(idOf))
    expect(found({ since: 50 })).toEqual([6, 5].map(idOf))
    expect(found({ until: 20 })).toEqual([idOf(1)])
    expect(found({ since: 41, until: 50 })).toEqual([])
    expect(pageOfRuns(sql, { limit: 2, since: 20, until: 60 })).toMatchObject({ more: true })
    expect(pageOfRuns(sql, { limit: 2, since: 20, until: 60, before: idOf(4) })).toMatchObject({ more: false })
    expect(found({ since: 20, until: 60, before: idOf(4) })).toEqual([3, 2].map(idOf))
    expect(found({ since: 20, status: 'success' })).toEqual([])
  }))

test('runs are found by status, by id, and by every word in description, program or error', () =>
  inDatabase((sql, found) => {
    accept(sql, 1, { description: 'Resize ALL the images', code: 'from PIL import Image' })
    end(sql, accept(sql, 2, { code: 'open("prices.csv")' }), {
      status: 'error',
      error: { type: 'FileNotFoundError', message: 'No such file: prices.csv\nmore', line: 1, frame: null },
    })
    end(sql, accept(sql, 3, { code: 'print("images")' }))
    expect(found({ status: 'error' })).toEqual([idOf(2)])
    expect(found({ status: 'running' })).toEqual([idOf(1)])
    expect(found({ status: 'lost' })).toEqual([])
    expect(found({ id: idOf(2) })).toEqual([idOf(2)])
    expect(found({ id: idOf(2), status: 'success' })).toEqual([])
    expect(found({ search: 'images' })).toEqual([3, 1].map(idOf))
    expect(found({ search: ' IMAGES\n resize ' })).toEqual([idOf(1)])
    expect(found({ search: 'resize pil' })).toEqual([idOf(1)])
    expect(found({ search: 'filenotfound such' })).toEqual([idOf(2)])
    expect(found({ search: 'images', status: 'success' })).toEqual([idOf(3)])
    expect(found({ search: 'images prices' })).toEqual([])
    expect(found({ search: ' ' })).toHaveLength(3)
    expect(pageOfRuns(sql, { limit: 1, search: 'images' })).toMatchObject({ more: true })
    expect(found({ search: 'images', before: idOf(3) })).toEqual([idOf(1)])
  }))

test.each<[string, string[], string[]]>([
  ['50%', ['rose by 50%'], ['rose by 500']],
  ['a_b', ['a_b = 1'], ['aXb = 1']],
  [`it's`, [`print("it's")`], ['its']],
  ['"x"', ['print("x")'], ["print('x')"]],
  [String.raw`\d+`, [String.raw`re.compile(r"\d+")`], ['d']],
  ["' OR 1=1 --", ["' OR 1=1 --"], ['1']],
  ['ÜBUNG', ['eine übung'], ['ubung']],
  ['straße', ['STRASSE'], ['strase']],
  ['ΟΔΟΣ', ['οδος', 'οδοσω'], ['οδο']],
  ['ﬁle', ['file'], ['fle']],
])('a search for %s finds just that', (search, hits, others) =>
  inDatabase((sql, found) => {
    hits.forEach((text, n) => accept(sql, n, { description: text }))
    hits.forEach((code, n) => accept(sql, 10 + n, { code }))
    others.forEach((code, n) => accept(sql, 20 + n, { code, description: code }))
    expect(found({ search })?.toSorted()).toEqual(hits.flatMap((_, n) => [idOf(n), idOf(10 + n)]).toSorted())
  }),
)

test('a run is told by what was asked, found and came of it', () =>
  inDatabase((sql) => {
    const files = { 'a.txt': 'ünï', 'b.bin': { base64: 'AAEC' } }
    const description = '  Sum the Prices\n of March '
    const code = 'import csv\nprices = 1'
    const id = accept(sql, 1, { code, description, input: { files, stdin: 'in', show_last: true } })
    const found = { imports: { installed: ['numpy'], local: [], missing: [], optional: [] }, refused: [] }
    noteStart(sql, id, found, 40)
    // Started once more after a late installation: the beginning stays what it was.
    noteStart(sql, id, found, 90)
    end(sql, id, {
      status: 'error',
      stdout: '=====\nrows: 12\n',
      error: { type: 'ValueError', message: '\nfirst line\nsecond', line: 1, frame: null },
      usage: { wall_ms: 1.5, cpu_ms: 1, max_rss_bytes: 1 },
    })
    expect(pageOfRuns(sql, { limit: 1 })?.runs).toEqual([
      {
        id,
        status: 'error',
        objective: 'sum the prices\n of march',
        description: 'Sum the Prices\n of March',
        headline: 'prices = 1',
        said: 'rows: 12',
        error: { type: 'ValueError', message: 'first line' },
        client: 'claude-code',
        tool: 'run_python',
        created_at: 1,
        started_at: 40,
        ended_at: 5,
        wall_ms: 1.5,
        pictures: [],
      },
    ])
    expect(findHistory(sql, id)).toEqual({
      description: 'Sum the Prices\n of March',
      asked: {
        tool: 'run_python',
        client: 'claude-code',
        timeout_s: 50,
        background: false,
        auto_install: true,
        show_last: true,
        files: [
          { path: 'a.txt', bytes: 5 },
          { path: 'b.bin', bytes: 3 },
        ],
        more_files: 0,
        stdin_bytes: 2,
        env: [],
      },
      checked: found,
      started_at: 40,
      program: { text: code, chars: code.length },
    })
  }))

test('no secret is kept of program, description, error or output', () =>
  inDatabase((sql) => {
    const secret = 'sk-ant-api03-Qx7vTz91LmPpRkY2wB4nHcJdF6sGaE8uVoZiXtCq'
    const code = `api_key = "${secret}"\nprint(api_key)`
    const id = accept(sql, 1, { code, description: `call it with ${secret}` })
    end(sql, id, {
      status: 'error',
      stdout: `${secret}\n`,
      error: { type: 'AuthError', message: `bad key ${secret}`, line: 1, frame: null },
    })
    expect(JSON.stringify(sql('SELECT * FROM run_history'))).not.toContain(secret.slice(0, 20))
    expect(findHistory(sql, id)?.program).toEqual({
      text: 'api_key = "[redacted]"\nprint(api_key)',
      chars: code.length,
    })
  }))

test('of a long program the beginning is kept, and of a secret at its end nothing', () =>
  inDatabase((sql) => {
    const line = '    total += rows[i]\n'
    const long = line.repeat(200_000)
    const { text, chars } = findHistory(sql, accept(sql, 1, { code: long }))!.program!
    expect([chars, text.length]).toEqual([long.length, 64 * 1024])
    expect(text.slice(0, -1)).toBe(long.slice(0, 64 * 1024 - 1))
    expect(text.at(-1)).toBe('…')
    const secret = 'ghp_Qx7vTz91LmPpRkY2wB4nHcJdF6sGaE8uVoZi'
    for (const inside of [6, 12, 30]) {
      const code = `${'# '.repeat(32 * 1024).slice(inside)}${secret} of the robot`
      const kept = findHistory(sql, accept(sql, 10 + inside, { code }))!.program!.text
      expect(kept.slice(-20)).not.toContain('ghp')
    }
  }))

test('programs beyond four million characters give way, the oldest first; their runs stay and are found', () =>
  inDatabase((sql, found) => {
    const long = (n: number) => `number = ${n}\n${'# words\n'.repeat(10_000)}`
    for (let n = 1; n <= 66; n++) accept(sql, n, { code: long(n), description: `run ${n}` })
    const kept = sql('SELECT count(*) AS n, sum(length(program)) AS chars FROM run_history WHERE program IS NOT NULL')
    expect(kept).toEqual([{ n: 64, chars: 4 * 1024 * 1024 }])
    expect(sql('SELECT sum(kept_chars) AS chars FROM run_history')).toEqual([{ chars: 4 * 1024 * 1024 }])
    expect(findHistory(sql, idOf(2))).toMatchObject({ description: 'run 2', program: null })
    expect(findHistory(sql, idOf(3))?.program?.text).toContain('number = 3\n')
    expect([found({ search: 'number words', limit: 250 })?.length, found({ search: 'run 2', limit: 1 })]).toEqual([
      64,
      [idOf(62)],
    ])
    expect(pageOfRuns(sql, { limit: 100 })?.runs.at(-1)).toMatchObject({ headline: 'number = 1' })
  }))

test('of the pictures of a run the list names three that a page can show, and they go with it', () =>
  inDatabase((sql) => {
    const file = (path: string, changes: Partial<RunOutcome['files'][number]> = {}): RunOutcome['files'][number] => ({
      ...{ path, change: 'created', bytes: 2_000_000, mime: 'image/png', kind: 'image', uri: '' },
      ...changes,
    })
    const shown = (n: number, files: RunOutcome['files']) => {
      end(sql, accept(sql, n), { status: 'success', files })
      return pageOfRuns(sql, { limit: 1 })?.runs[0]?.pictures
    }
    const names = ['a.png', 'out/"ü" <b>.webp', 'c.gif']
    expect(
      shown(1, [file('gone.png', { change: 'deleted', bytes: null }), ...[...names, 'd.jpg'].map((p) => file(p))]),
    ).toEqual(names)
    const unfit = [
      file('drawing.svg', { mime: 'image/svg+xml', kind: 'text' }),
      file('page.html', { mime: 'text/html', kind: 'text' }),
      file('large.png', { bytes: 2_000_001 }),
      file('unknown.png', { bytes: null }),
      file("another's.png", { shared: true }),
      file('.aws/credentials', {}),
      file('sk-ant-api03-Qx7vTz91LmPpRkY2wB4nHcJdF6sGaE8uVoZiXtCq.png'),
      file(`${'x'.repeat(500)}.png`),
    ]
    expect([shown(2, unfit), shown(3, [...unfit, file('last.png', { change: 'changed' })])]).toEqual([[], ['last.png']])
    expect(sql('SELECT run_id FROM run_pictures ORDER BY run_id')).toEqual([1, 3].map((n) => ({ run_id: idOf(n) })))
    // A later run changes one of the first, removes another, and changes that of the third.
    shown(4, [
      file('c.gif', { change: 'changed' }),
      file('a.png', { change: 'deleted', bytes: null, kind: 'resource' }),
      file('last.png'),
    ])
    const left = pageOfRuns(sql, { limit: 4 })!.runs.map(({ pictures }) => pictures)
    expect(left).toEqual([['c.gif', 'last.png'], [], [], [names[1]]])
    pruneRuns(sql, 31 * 24 * 3_600_000)
    expect(sql('SELECT * FROM run_pictures')).toEqual([])
  }))

test('a file is the run’s until a later run reports it; what was perhaps another’s at the same time does not count', () =>
  inDatabase((sql) => {
    const file = (path: string, changes: Partial<RunOutcome['files'][number]> = {}): RunOutcome['files'][number] => ({
      ...{ path, change: 'created', bytes: 1, mime: 'image/png', kind: 'image', uri: '' },
      ...changes,
    })
    const ended = (n: number, at: number, files: RunOutcome['files']) => {
      const id = accept(sql, n, { at })
      end(sql, id, { status: 'success', files })
      return id
    }
    // All of them end in one and the same millisecond, 5.
    const before = ended(1, 1, [file('a.png'), file('"ü" <b>.png')])
    const earlier = ended(2, 2, [file('a.png'), file('gone.png'), file('both.png', { shared: true }), file('kept.png')])
    ended(3, 4, [file('a.png', { change: 'changed' }), file('both.png', { shared: true })])
    ended(4, 5, [file('gone.png', { change: 'deleted', bytes: null }), file('a.png', { shared: true })])
    for (const [n, odd] of [
      [5, '{'],
      [6, '{"files":[1,"x",{"path":"kept.png"},{"path":7}]}'],
      [7, 'null'],
    ] as const)
      sql('UPDATE runs SET outcome = ? WHERE id = ?', odd, ended(n, 6, []))
    expect(changedSince(sql, earlier)).toEqual([
      { path: 'a.png', change: 'created' },
      { path: 'gone.png', change: 'deleted' },
    ])
    expect(changedSince(sql, before)).toEqual([{ path: 'a.png', change: 'created' }])
    expect([changedSince(sql, idOf(4)), changedSince(sql, 'r_unknown')]).toEqual([[], []])
  }))

test('the history goes with its runs', () =>
  inDatabase((sql) => {
    for (let n = 1; n <= 203; n++) end(sql, accept(sql, n))
    expect(sql('SELECT count(*) AS n, min(run_id) AS first FROM run_history')).toEqual([{ n: 200, first: idOf(4) }])
    pruneRuns(sql, 31 * 24 * 3_600_000)
    expect(sql('SELECT * FROM run_history')).toEqual([])
  }))

test('files are named up to a number, and the rest is counted', () =>
  inDatabase((sql) => {
    const files = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`${n}${'x'.repeat(400)}`, '']))
    const { asked } = findHistory(sql, accept(sql, 1, { input: { files } }))!
    expect([asked?.files.length, asked?.more_files, asked?.files[0]?.path.length]).toEqual([50, 10, 300])
  }))

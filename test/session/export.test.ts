/** The export of everything, where something of it cannot be had, or changes while it is read. */
import { expect, test } from 'vitest'
import { CALLER, routerOver } from './support/learnings-router.ts'
import { dispatch } from '../../worker/session/http/router.ts'
import { textOf } from '../../worker/session/store/columns.ts'
import { addLearning } from '../../worker/session/store/learnings.ts'
import { migrate } from '../../worker/session/store/migrations.ts'
import type { Sql } from '../../worker/session/store/sql.ts'
import { exportOf } from '../../worker/web/kept/export.ts'
import { withDatabase } from './support/database.ts'
import { unpacked } from './support/unpacked.ts'

const NOW = Date.UTC(2026, 10, 29)

/** The export of a session that answers so. */
async function exported(answers: Record<string, () => Response | Promise<Response>>): Promise<Record<string, string>> {
  const ask = async (path: string) => answers[path]?.() ?? Response.json({ error: 'not here' }, { status: 404 })
  return unpacked(exportOf(ask, NOW))
}

const HEAD = '{"format":"mcp-code-mode/learnings","version":1,"learnings":['
const SESSION = {
  '/config': () => Response.json({ timeout: 50 }),
  '/learnings/export': () => new Response(`${HEAD}\n{"a":1},\n{"a":2}\n]}\n`),
  '/runs?limit=250': () => Response.json({ runs: [{ run_id: 'r_1' }, { run_id: 'r_2' }], next: '/runs?before=r_2' }),
  '/runs?before=r_2': () => Response.json({ runs: [{ run_id: 'r_3' }], next: null }),
  '/runs/r_1': () => new Response('one'),
  '/runs/r_3': () => new Response('x'.repeat(512)),
}
const OURS = [
  'mcp-code-mode/README.txt',
  'mcp-code-mode/settings.json',
  'mcp-code-mode/learnings.json',
  'mcp-code-mode/runs/r_1.json',
  'mcp-code-mode/runs/r_3.json',
]
const MEANWHILE = 'mcp-code-mode/CHANGED-MEANWHILE.txt'

test('files that cannot be read, and a run that was forgotten meanwhile, are said to be missing', async () => {
  const found = await exported(SESSION)
  expect(Object.keys(found)).toEqual([...OURS, MEANWHILE, 'mcp-code-mode/FILES-ARE-MISSING.txt'])
  expect(found['mcp-code-mode/learnings.json']).toBe(`${HEAD}\n{"a":1},\n{"a":2}\n]}\n`)
  expect(found['mcp-code-mode/runs/r_3.json']).toBe('x'.repeat(512))
  expect(found[MEANWHILE]).toBe(
    'While this archive was made, something changed.\nRuns that are not in it, as they were forgotten before their turn or cannot be read: r_2.\n',
  )
  expect(found['mcp-code-mode/FILES-ARE-MISSING.txt']).toContain('not here')
})

test('who may read no longer gets no archive that looks whole', async () => {
  const ended = () => Response.json({ error: 'invalid_token' }, { status: 401 })
  for (const path of ['/runs/r_2', '/files?archive=tar.gz&below=mcp-code-mode/files'])
    await expect(exported({ ...SESSION, [path]: ended })).rejects.toThrow(`${path} answers with 401`)
})

test('where the runs before one are asked for that is forgotten by then, there are none', async () => {
  const found = await exported({
    ...SESSION,
    '/runs?before=r_2': () => Response.json({ error: 'There is no run r_2.' }, { status: 400 }),
  })
  expect(found[MEANWHILE]).toContain('r_2, and older ones.')
})

test('who has asked for too much waits, and gets all', async () => {
  let refused = 0
  const tooMany = () => {
    refused++
    return new Response('Too many requests.', { status: 429, headers: { 'retry-after': '0' } })
  }
  const found = await exported({
    ...SESSION,
    '/runs/r_1': () => (refused < 3 ? tooMany() : new Response('one')),
    '/runs/r_2': () => new Response('two'),
  })
  expect([refused, found['mcp-code-mode/runs/r_1.json'], found[MEANWHILE]]).toEqual([3, 'one', undefined])
})

test.each([
  ['nothing', ''],
  ['a half', `${HEAD}\n{"a":1},\n`],
])('%s of the learnings breaks the download off: half an archive is not taken for a whole one', async (_, text) => {
  await expect(exported({ ...SESSION, '/learnings/export': () => new Response(text) })).rejects.toThrow('too early')
})

test('learnings that are more than an import takes come in several files, each of which can be imported', async () => {
  const entry = (n: number) => JSON.stringify({ n, text: 'ü'.repeat(100_000) })
  const body = `${HEAD}\n${Array.from({ length: 40 }, (_, n) => entry(n)).join(',\n')}\n\n]}\n`
  const found = await exported({ ...SESSION, '/learnings/export': () => new Response(body) })
  const names = Object.keys(found).filter((name) => name.includes('learnings'))
  expect(names).toEqual(['1', '2', '3'].map((n) => `mcp-code-mode/learnings-${n}.json`))
  const files = names.map((name) => JSON.parse(found[name]!) as { format: string; learnings: { n: number }[] })
  expect(files.map(({ format }) => format)).toEqual(Array(3).fill('mcp-code-mode/learnings'))
  expect(files.flatMap(({ learnings }) => learnings.map(({ n }) => n))).toEqual([...Array(40).keys()])
  for (const name of names) expect(Buffer.byteLength(found[name]!)).toBeLessThan(3_600_000)
})

/** The export of a database with so many learnings, on which `meanwhile` acts when the first page of them has been read. */
async function exportedDuring(
  count: number,
  meanwhile: (sql: Sql, call: (method: string, path: string, body?: object) => Promise<Response>) => Promise<void>,
): Promise<Record<string, string>> {
  let found: Record<string, string> = {}
  await withDatabase(async ({ sql, transaction }) => {
    migrate(sql, transaction)
    for (let n = 1; n <= count; n++) add(sql, `E${n}`, NOW - 1)
    let now = NOW
    const router = routerOver({ sql, transaction, now: () => now })
    const call = async (method: string, path: string, body?: object) => {
      const headers = { 'content-type': 'application/json' }
      const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }
      const request = new Request(`http://localhost${path}`, init)
      return dispatch(router, { request, url: new URL(request.url), caller: CALLER })
    }
    const changing = async () => {
      const answer = await call('GET', '/learnings/export')
      let read = 0
      const between = new TransformStream<Uint8Array, Uint8Array>({
        async transform(piece, controller) {
          if (read++ === 1) {
            now = NOW + 5
            await meanwhile(sql, call)
          }
          controller.enqueue(piece)
        },
      })
      return new Response(answer.body!.pipeThrough(between))
    }
    found = await exported({
      ...SESSION,
      '/runs?limit=250': () => Response.json({ runs: [], next: null }),
      '/learnings/export': changing,
    })
  })
  return found
}

function add(sql: Sql, problem: string, now: number): string {
  const texts = { kind: 'error' as const, problem, failed_approach: '', solution: 's', context: '', tags: [] }
  return addLearning(sql, texts, { via: 'tool', client: 'test', run_id: null }, now).learning.id
}
const idAt = (sql: Sql, seq: number) => textOf(sql('SELECT id FROM learnings WHERE seq = ?', seq)[0]?.['id'])
const problemsIn = (found: Record<string, string>) =>
  (JSON.parse(found['mcp-code-mode/learnings.json']!) as { learnings: { problem: string }[] }).learnings.map(
    ({ problem }) => problem,
  )

test('learnings that are changed, deleted and added while they are read: each is in it once and whole, and it says so', async () => {
  const found = await exportedDuring(1_000, async (sql, call) => {
    const [gone, known, other] = [idAt(sql, 1_000), idAt(sql, 3), idAt(sql, 999)]
    expect((await call('DELETE', `/learnings/${gone}`)).status).toBe(200)
    expect((await call('DELETE', `/learnings/${idAt(sql, 2)}`)).status).toBe(200)
    expect((await call('PATCH', `/learnings/${known}`, { problem: 'longer than it was before' })).status).toBe(200)
    expect((await call('PATCH', `/learnings/${other}`, { problem: 'changed before its turn' })).status).toBe(200)
    for (let n = 0; n < 300; n++) add(sql, `new ${n}`, NOW + 5)
  })
  const problems = problemsIn(found)
  const expected = Array.from({ length: 999 }, (_, index) => `E${index + 1}`)
  expected[998] = 'changed before its turn'
  expect(problems).toEqual(expected)
  expect(JSON.parse(found['mcp-code-mode/learnings.json']!)).toMatchObject({
    changed_meanwhile: { added: 300, deleted: 2, changed: 2 },
  })
  expect(found[MEANWHILE]).toBe(
    'While this archive was made, something changed.\nLearnings: 300 were added, and are not in it; 2 were deleted, and are in it when their turn was before; 2 were changed, and are in it as they stood when their turn came.\n',
  )
})

test('all learnings deleted while they are read leave those that had their turn', async () => {
  const found = await exportedDuring(1_000, async (sql) => void sql('DELETE FROM learnings'))
  const problems = problemsIn(found)
  expect(problems.length).toBeLessThan(1_000)
  expect(problems).toEqual(Array.from({ length: problems.length }, (_, index) => `E${index + 1}`))
  expect(found[MEANWHILE]).toContain('Learnings: 0 were added, and are not in it; 1000 were deleted,')
})

test('where nothing changes, nothing is said', async () => {
  const found = await exportedDuring(6_000, async () => {})
  expect(problemsIn(found)).toHaveLength(6_000)
  expect(found[MEANWHILE]).toBeUndefined()
})

/** /learnings over HTTP: edit, delete, export, import; bad input is told what to do, and changes nothing. */
import { expect, test } from 'vitest'
import type { Learning } from '../../worker/learning/learning.ts'
import { CALLER, routerOver } from './support/learnings-router.ts'
import { dispatch } from '../../worker/session/http/router.ts'
import { searchLearnings } from '../../worker/session/store/learnings-search.ts'
import { addLearning } from '../../worker/session/store/learnings.ts'
import { migrate } from '../../worker/session/store/migrations.ts'
import type { Sql } from '../../worker/session/store/sql.ts'
import { withDatabase } from './support/database.ts'

const NOW = Date.UTC(2026, 0, 1)
const UNKNOWN = 'l_0000000000000000'

/** Any of the answers. */
interface Body {
  error?: string
  learnings?: Learning[]
  problems?: { index: number; reason: string }[]
}

interface Api {
  sql: Sql
  call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<{ status: number; body: Body }>
}

function withApi(use: (api: Api) => Promise<void>): Promise<void> {
  return withDatabase(({ sql, transaction }) => {
    migrate(sql, transaction)
    const call: Api['call'] = async (method, path, body, headers) => {
      const request = new Request(`http://localhost${path}`, {
        method,
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const router = routerOver({ sql, transaction, now: () => NOW })
      const response = await dispatch(router, { request, url: new URL(request.url), caller: CALLER })
      return { status: response.status, body: await response.json() }
    }
    return use({ sql, call })
  })
}

function add(sql: Sql, problem = 'ValueError: bad thing'): Learning {
  const texts = {
    kind: 'error' as const,
    problem,
    failed_approach: '',
    solution: 'do it well',
    context: '',
    tags: ['a'],
  }
  return addLearning(sql, texts, { via: 'tool', client: 'test client', run_id: null }, NOW).learning
}

/** As the local program writes it. */
const ORIGINAL = [
  {
    error_pattern: 'ModuleNotFoundError.*cv2',
    solution: 'pip install opencv-python',
    context: 'Missing cv2 module',
    success_count: 3,
    failure_count: 1,
    created_at: '2025-03-01T10:00:00.123456',
    last_used: '2025-03-02T10:00:00',
    tags: ['module', 'import'],
    failure_type: 'error',
    objective: '',
    failed_approach: '',
  },
  {
    error_pattern: 'extract a table',
    solution: 'use pdfplumber',
    context: 'Failed approach: PyPDF2',
    success_count: 0,
    failure_count: 0,
    created_at: '2025-03-01T10:00:00',
    last_used: '2025-03-01T10:00:00',
    tags: ['pdf', 'semantic'],
    failure_type: 'semantic',
    objective: 'extract a table',
    failed_approach: 'PyPDF2',
  },
]

test('search, read, change and delete', () =>
  withApi(async ({ sql, call }) => {
    const { id } = add(sql)
    add(sql, 'KeyError: 1')
    expect(await call('GET', '/learnings?search=bad%20thing&kind=error&limit=1')).toMatchObject({
      status: 200,
      body: { learnings: [{ id, tags: ['a'] }], total: 2 },
    })
    expect(await call('GET', '/learnings')).toMatchObject({ body: { learnings: [{ problem: 'KeyError: 1' }, { id }] } })
    expect(await call('GET', `/learnings/${id}`)).toMatchObject({ status: 200, body: { id, solution: 'do it well' } })
    expect(await call('PATCH', `/learnings/${id}`, { solution: 'better', tags: ['B '] })).toMatchObject({
      status: 200,
      body: { id, solution: 'better', problem: 'ValueError: bad thing', tags: ['b'] },
    })
    expect(await call('DELETE', `/learnings/${id}`)).toEqual({ status: 200, body: { deleted: id } })
    expect(await call('DELETE', `/learnings/${id}`)).toMatchObject({ status: 404 })
    expect(await call('GET', `/learnings/${id}`)).toMatchObject({ status: 404 })
  }))

test('the original’s learnings.json is imported, and exported again', () =>
  withApi(async ({ sql, call }) => {
    expect(await call('POST', '/learnings/import', ORIGINAL)).toEqual({
      status: 200,
      body: { added: 2, merged: 0, cut: 0, skipped: 0, problems: [] },
    })
    expect(searchLearnings(sql, { search: 'cv2', limit: 1 }, NOW).learnings).toMatchObject([
      {
        kind: 'error',
        problem: 'ModuleNotFoundError.*cv2',
        success_count: 3,
        failure_count: 1,
        created_at: Date.UTC(2025, 2, 1, 10, 0, 0, 123),
        used_at: Date.UTC(2025, 2, 2, 10),
        origin: { via: 'import', client: 'page' },
      },
    ])
    expect(searchLearnings(sql, { search: 'table', limit: 1 }, NOW).learnings).toMatchObject([
      {
        kind: 'semantic',
        problem: 'extract a table',
        failed_approach: 'PyPDF2',
        solution: 'use pdfplumber',
        tags: ['pdf'],
      },
    ])
    const { body } = await call('GET', '/learnings/export?format=original')
    expect(body).toEqual([
      { ...ORIGINAL[0], created_at: '2025-03-01T10:00:00.123', last_used: '2025-03-02T10:00:00.000' },
      { ...ORIGINAL[1], created_at: '2025-03-01T10:00:00.000', last_used: '2025-03-01T10:00:00.000' },
    ])
    // Again: nothing is doubled.
    expect(await call('POST', '/learnings/import', ORIGINAL)).toMatchObject({ body: { added: 0, merged: 2 } })
    expect((await call('GET', '/learnings/export?format=original')).body).toEqual(body)
  }))

test('our own export comes back whole in another session', async () => {
  let file: Body = {}
  await withApi(async ({ sql, call }) => {
    for (let i = 0; i < 450; i++) add(sql, `KeyError: 'k${i}'`)
    sql('UPDATE learnings SET success_count = 2, draft = 1 WHERE seq = 7')
    file = (await call('GET', '/learnings/export')).body
    expect(file).toMatchObject({
      format: 'mcp-code-mode/learnings',
      version: 1,
      exported_at: '2026-01-01T00:00:00.000Z',
    })
    expect(file.learnings).toHaveLength(450)
  })
  await withApi(async ({ call }) => {
    expect(await call('POST', '/learnings/import', file)).toMatchObject({ body: { added: 450, skipped: 0 } })
    const { learnings } = (await call('GET', '/learnings/export')).body
    expect(learnings).toEqual(
      file.learnings?.map((one: Learning) => ({
        ...one,
        origin: { via: 'import', client: 'test client', run_id: null },
      })),
    )
  })
})

test.each([
  [
    'lists by kind',
    {
      error_learnings: [{ error_pattern: 'E', solution: 's' }],
      semantic_failures: [{ objective: 'o', failed_approach: 'f', successful_approach: 's' }],
    },
  ],
  [
    'a map by id',
    {
      learnings: {
        a: { error_pattern: 'E', solution: 's', tags: 'x, y', success_count: '4' },
        b: { objective: 'o', successful_approach: 's' },
      },
    },
  ],
])('other shapes of it are read: %s', (_name, file) =>
  withApi(async ({ call }) => {
    expect(await call('POST', '/learnings/import', file)).toMatchObject({ body: { added: 2, skipped: 0 } })
    const { body } = await call('GET', '/learnings')
    expect(body.learnings?.map(({ kind }: Learning) => kind).toSorted()).toEqual(['error', 'semantic'])
  }),
)

test('entries that cannot be read are counted and explained, the others are taken', () =>
  withApi(async ({ call }) => {
    const long = { error_pattern: 'E', solution: 'x '.repeat(5000) }
    const entries = [null, 5, 'x', [], { solution: 'x' }, { error_pattern: 'x' }, long, ...ORIGINAL]
    const { status, body } = await call('POST', '/learnings/import', entries)
    expect({ status, ...body }).toMatchObject({ status: 200, added: 3, cut: 1, skipped: 6 })
    expect(body.problems).toHaveLength(6)
    expect(body.problems?.[0]).toEqual({ index: 0, reason: expect.stringContaining('a solution') })
  }))

test('imported secrets are redacted, hidden characters removed', () =>
  withApi(async ({ sql, call }) => {
    await call('POST', '/learnings/import', [{ error_pattern: 'a\u200bb', solution: 'password = "hunter2"' }])
    expect(sql('SELECT problem, solution FROM learnings')).toEqual([
      { problem: 'ab', solution: 'password = [redacted]' },
    ])
  }))

test.each([
  ['POST', '/learnings', {}, 405],
  ['DELETE', '/learnings', undefined, 405],
  ['GET', '/learnings/import', undefined, 405],
  ['POST', '/learnings/export', {}, 405],
  ['PUT', `/learnings/${UNKNOWN}`, {}, 405],
  ['GET', `/learnings/${UNKNOWN}`, undefined, 404],
  ['PATCH', `/learnings/${UNKNOWN}`, {}, 404],
  ['GET', '/learnings/nonsense', undefined, 404],
  ['GET', '/learnings/..%2fsettings', undefined, 404],
  ['GET', `/learnings/${UNKNOWN}/more`, undefined, 404],
  ['GET', '/learnings?limit=0', undefined, 400],
  ['GET', '/learnings?limit=1e9', undefined, 400],
  ['GET', '/learnings?limit=201', undefined, 400],
  ['GET', '/learnings?kind=banana', undefined, 400],
  ['GET', '/learnings?sort=x', undefined, 400],
  ['GET', '/learnings?__proto__=x', undefined, 400],
  ['GET', `/learnings?search=${'x'.repeat(1001)}`, undefined, 400],
  ['GET', '/learnings/export?format=xml', undefined, 400],
  ['POST', '/learnings/import', '{"learnings": [', 400],
  ['POST', '/learnings/import', '', 400],
  ['POST', '/learnings/import', 'null', 400],
  ['POST', '/learnings/import', '5', 400],
  ['POST', '/learnings/import', '{}', 400],
  ['POST', '/learnings/import', '{"__proto__": [], "constructor": []}', 400],
  ['POST', '/learnings/import', '['.repeat(20_000), 400],
  ['POST', '/learnings/import', `[${'"x",'.repeat(1_100_000)}1]`, 413],
])('%s %s with %j is %i', async (method, path, body, status) => {
  await withApi(async ({ sql, call }) => {
    add(sql)
    const answer = await call(method, path, body)
    expect(answer).toMatchObject({ status, body: { error: expect.stringContaining('Next: ') } })
    expect(answer.body.error?.length).toBeLessThan(700)
    expect(sql('SELECT n FROM learning_counts')).toEqual([{ n: 1 }])
  })
})

const CHANGED = 'problem, failed_approach, solution, context, tags, draft'
test.each([
  [5, '5 is not valid. Next: give an object, such as {"name": "text"}.'],
  [{ kind: 'error' }, `There is no argument "kind". Next: use only ${CHANGED}.`],
  [{ solution: 5 }, 'solution: 5 is not valid. Next: give a text of at most 4000 characters, or leave it out.'],
  [
    { context: 'x'.repeat(4001) },
    `context: "${'x'.repeat(59)}… is not valid. Next: give a text of at most 4000 characters, or leave it out.`,
  ],
  [{ tags: 'a,b' }, 'tags: "a,b" is not valid. Next: give a list of 10 at most, or leave it out.'],
  [{ tags: ['a', 5] }, 'tags.1: 5 is not valid. Next: give a text of at most 40 characters.'],
  [{ draft: 'no' }, 'draft: "no" is not valid. Next: give true or false, or leave it out.'],
])('a change to %j is refused with what is possible', async (change, words) => {
  await withApi(async ({ sql, call }) => {
    const { id } = add(sql)
    const answer = await call('PATCH', `/learnings/${id}`, change)
    expect(answer).toEqual({ status: 400, body: { error: `The change is not valid. ${words}` } })
  })
})

test.each([
  [{ kind: 'semantic' }, 400],
  [{ id: UNKNOWN }, 400],
  [{ success_count: 99 }, 400],
  [{ solution: 5 }, 400],
  [{ tags: 'a,b' }, 400],
  [{ context: 'x'.repeat(4001) }, 400],
  [[], 400],
  [{ solution: '  ' }, 409],
])('a change to %j is refused and changes nothing', async (change, status) => {
  await withApi(async ({ sql, call }) => {
    const before = add(sql)
    expect(await call('PATCH', `/learnings/${before.id}`, change)).toMatchObject({
      status,
      body: { error: expect.stringContaining('Next: ') },
    })
    expect((await call('GET', `/learnings/${before.id}`)).body).toEqual(before)
  })
})

test('a body that is not declared as JSON is refused', () =>
  withApi(async ({ call }) => {
    expect(await call('POST', '/learnings/import', ORIGINAL, { 'content-type': 'text/plain' })).toMatchObject({
      status: 415,
    })
  }))

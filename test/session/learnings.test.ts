/** Learnings in the real database: kept, found, bounded, and never a query or a pattern. */
import { expect, test } from 'vitest'
import { type NewLearning, type Origin } from '../../worker/learning/learning.ts'
import { fittingLearnings, searchLearnings, usefulLearnings } from '../../worker/session/store/learnings-search.ts'
import {
  addLearning,
  countLearnings,
  deleteLearning,
  getLearning,
  rebuildIndex,
  updateLearning,
} from '../../worker/session/store/learnings.ts'
import { migrate } from '../../worker/session/store/migrations.ts'
import type { Sql } from '../../worker/session/store/sql.ts'
import { type Database, withDatabase } from './support/database.ts'

const NOW = Date.UTC(2026, 0, 1)
const ORIGIN: Origin = { via: 'tool', client: 'test client', run_id: null }

function withLearnings(use: (database: Database) => void): Promise<void> {
  return withDatabase((database) => {
    migrate(database.sql, database.transaction)
    use(database)
  })
}

function texts(facts: Partial<NewLearning> = {}): NewLearning {
  return {
    kind: 'error',
    problem: 'ValueError: bad thing',
    failed_approach: '',
    solution: 'do it well',
    context: '',
    tags: [],
    ...facts,
  }
}

function add(sql: Sql, facts: Partial<NewLearning> = {}, now = NOW) {
  return addLearning(sql, texts(facts), ORIGIN, now)
}

function found(sql: Sql, search: string): string[] {
  return searchLearnings(sql, { search, limit: 50 }, NOW).learnings.map(({ problem }) => problem)
}

/** Whether the full-text indexes and their table say the same. */
function indexIsSound(sql: Sql): void {
  for (const index of ['learnings_index', 'learnings_index_problem'])
    sql(`INSERT INTO ${index} (${index}, rank) VALUES ('integrity-check', 1)`)
}

test('what is added can be read, searched, changed and deleted', () =>
  withLearnings(({ sql }) => {
    const { learning, created } = add(sql, { context: 'pandas 3', tags: ['csv'] })
    expect(created).toBe(true)
    expect(getLearning(sql, learning.id)).toEqual({
      ...texts({ context: 'pandas 3', tags: ['csv'] }),
      id: learning.id,
      origin: ORIGIN,
      draft: false,
      success_count: 0,
      failure_count: 0,
      created_at: NOW,
      updated_at: NOW,
      used_at: null,
    })
    expect(found(sql, 'pandas')).toHaveLength(1)
    expect(found(sql, learning.id)).toHaveLength(1)

    expect(
      updateLearning(sql, learning.id, { context: 'polars', problem: "KeyError: 'price'" }, NOW + 1),
    ).toMatchObject({
      context: 'polars',
      solution: 'do it well',
      tags: ['csv'],
      updated_at: NOW + 1,
    })
    expect(found(sql, 'pandas')).toEqual([])
    expect(found(sql, 'polars')).toHaveLength(1)
    indexIsSound(sql)

    expect(deleteLearning(sql, learning.id)).toBe(true)
    expect(deleteLearning(sql, learning.id)).toBe(false)
    expect(found(sql, 'polars')).toEqual([])
    expect(countLearnings(sql)).toBe(0)
    indexIsSound(sql)
  }))

test('words are found by their meaning, not as a part of others', () =>
  withLearnings(({ sql }) => {
    add(sql, { problem: 'Reading parquet files fails' })
    add(sql, { problem: 'concatenate' })
    expect(found(sql, 'read a PARQUET file')[0]).toBe('Reading parquet files fails')
    expect(found(sql, 'cat')).toEqual([])
    expect(found(sql, 'réading')).toHaveLength(1)
  }))

test('kind and limit narrow a search, total counts the kind', () =>
  withLearnings(({ sql }) => {
    for (let i = 0; i < 30; i++) add(sql, { problem: `csv ${i}` })
    add(sql, { kind: 'semantic', problem: 'merge csv', failed_approach: 'paste' })
    expect(searchLearnings(sql, { search: 'csv', kind: 'semantic', limit: 5 }, NOW)).toMatchObject({
      learnings: [{ problem: 'merge csv' }],
      total: 1,
    })
    expect(searchLearnings(sql, { search: 'csv', limit: 5 }, NOW).learnings).toHaveLength(5)
    expect(searchLearnings(sql, { search: '', kind: 'semantic', limit: 5 }, NOW).learnings).toHaveLength(1)
    expect(searchLearnings(sql, { search: '', limit: 3 }, NOW)).toMatchObject({
      learnings: [{ kind: 'semantic' }, { problem: 'csv 29' }, { problem: 'csv 28' }],
      total: 31,
    })
    // The kind is no word of the text.
    expect(found(sql, 'semantic')).toEqual([])
    expect(found(sql, 'error')).toEqual([])
  }))

test('a rare word is found behind a common one, however old', () =>
  withLearnings(({ sql }) => {
    add(sql, { problem: 'quaternion trouble with frames' })
    for (let i = 0; i < 500; i++) add(sql, { problem: `trouble ${i}` })
    expect(found(sql, 'trouble quaternion')[0]).toBe('quaternion trouble with frames')
  }))

test.each([
  '"',
  `'`,
  '""',
  'a"b',
  'NEAR(',
  'a NEAR b',
  'problem : x',
  '{problem} : x',
  '^a',
  'a*',
  '-a',
  'a AND',
  'OR',
  'NOT',
  '(',
  ')',
  '*',
  `'; DROP TABLE learnings; --`,
  `" OR 1=1 --`,
  '(a+)+$',
  '[',
  '\\',
  '%',
  '_',
  '\u0000',
  '\ud800',
  'a\u0000b',
  '🙂',
  'x'.repeat(1000),
  'a '.repeat(500),
  'learnings_index MATCH 1',
])('a search is words, never syntax: %j', (search) =>
  withLearnings(({ sql }) => {
    add(sql, { problem: 'quite something else' })
    expect(found(sql, search)).toEqual([])
    expect(countLearnings(sql)).toBe(1)
  }),
)

test('a recorded pattern is never run', () =>
  withLearnings(({ sql }) => {
    add(sql, { problem: '(a+)+$' })
    add(sql, { problem: '[unclosed' })
    add(sql, { problem: '.*' })
    // The first would take until the end of the test, the last would fit.
    const failure = { fingerprint: 'ValueError: x', message: `ValueError: ${'a'.repeat(5000)}!`, objective: '' }
    expect(fittingLearnings(sql, failure, 3, NOW)).toEqual([])
  }))

test('the same learning twice is one, with both tags', () =>
  withLearnings(({ sql }) => {
    const first = add(sql, { tags: ['a'] })
    const second = add(sql, { problem: '  valueerror:  BAD thing ', tags: ['b'], context: 'later' }, NOW + 5)
    expect(second).toMatchObject({
      created: false,
      learning: { id: first.learning.id, tags: ['a', 'b'], context: 'later', updated_at: NOW + 5 },
    })
    expect(add(sql, { solution: 'another' }).created).toBe(true)
    expect(countLearnings(sql)).toBe(2)
    indexIsSound(sql)
  }))

test('recording a draft on purpose makes it no draft', () =>
  withLearnings(({ sql }) => {
    const { learning } = addLearning(sql, texts(), ORIGIN, NOW, { draft: true })
    expect(learning.draft).toBe(true)
    expect(add(sql).learning).toMatchObject({ id: learning.id, draft: false })
  }))

test.each([
  [{ problem: '  ' }, 'lacks the error'],
  [{ solution: '\u200b' }, 'lacks the solution'],
  [{ kind: 'semantic' as const }, 'lacks the approach that failed'],
])('a learning that says nothing is refused: %j', (facts, reason) =>
  withLearnings(({ sql }) => {
    expect(() => add(sql, facts)).toThrow(reason)
    expect(countLearnings(sql)).toBe(0)
  }),
)

test('a text of 1 MB is cut, and what it hides is redacted', () =>
  withLearnings(({ sql }) => {
    const { learning } = add(sql, { context: `password = "hunter2" ${'x'.repeat(1_000_000)}` })
    expect(learning.context).toHaveLength(4000)
    expect(learning.context).not.toContain('hunter2')
  }))

test('the newest of what fits, best first, at most as many as asked for', () =>
  withLearnings(({ sql }) => {
    for (let i = 0; i < 10; i++) add(sql, { problem: `KeyError: 'price'`, solution: `way ${i}` })
    add(sql, { problem: 'KeyError', solution: 'look at the keys' })
    add(sql, { problem: `KeyError: 'size'` })
    const failure = { fingerprint: `KeyError: 'price'`, message: `KeyError: 'price'`, objective: '' }
    const fitting = fittingLearnings(sql, failure, 3, NOW)
    expect(fitting).toHaveLength(3)
    expect(fitting.every(({ problem }) => problem === `KeyError: 'price'`)).toBe(true)
    expect(fittingLearnings(sql, failure, 20, NOW)).toHaveLength(11)
  }))

test('what fits is found by words of the problem alone, of any alphabet, also after it has changed', () =>
  withLearnings(({ sql }) => {
    const about = (message: string) =>
      fittingLearnings(sql, { fingerprint: null, message, objective: '' }, 9, NOW).map(({ problem }) => problem)
    const { learning } = add(sql, { problem: 'quota exceeded', context: 'torrent' })
    add(sql, { problem: 'größe überschritten', solution: 'torrent' })
    expect([about('quota exceeded'), about('größe überschritten'), about('torrent')]).toEqual([
      ['quota exceeded'],
      ['größe überschritten'],
      [],
    ])
    updateLearning(sql, learning.id, { problem: 'torrent' }, NOW)
    expect([about('quota exceeded'), about('torrent')]).toEqual([[], ['torrent']])
    indexIsSound(sql)
    deleteLearning(sql, learning.id)
    expect(about('torrent')).toEqual([])
    indexIsSound(sql)
  }))

test('the index can be rebuilt from its table', () =>
  withLearnings(({ sql }) => {
    add(sql, { problem: 'parquet' })
    sql(`INSERT INTO learnings_index (learnings_index) VALUES ('delete-all')`)
    expect(found(sql, 'parquet')).toEqual([])
    rebuildIndex(sql)
    expect(found(sql, 'parquet')).toEqual(['parquet'])
    indexIsSound(sql)
  }))

test('a row that cannot be read is left out, the rest is served', () =>
  withLearnings(({ sql }) => {
    const { learning } = add(sql, { problem: 'poison one' })
    add(sql, { problem: 'poison two' })
    sql(`UPDATE learnings SET origin_via = 'elsewhere' WHERE id = ?`, learning.id)
    const third = add(sql, { problem: 'poison three' }).learning
    sql(`UPDATE learnings SET tags = '{' WHERE id = ?`, third.id)
    expect(found(sql, 'poison')).toEqual(['poison two'])
    expect(found(sql, '')).toEqual(['poison two'])
    sql('UPDATE learnings SET success_count = 1')
    expect(usefulLearnings(sql, 10, NOW)).toHaveLength(1)
    expect(getLearning(sql, learning.id)).toBeNull()
    expect(deleteLearning(sql, learning.id)).toBe(true)
  }))

test('at the limit drafts give way, unused ones first; nothing recorded on purpose does', () =>
  withLearnings(({ sql }) => {
    const kept = add(sql).learning
    const draft = (problem: string) => addLearning(sql, texts({ problem }), ORIGIN, NOW, { draft: true }).learning
    const [used, unused] = [draft('used'), draft('unused')]
    sql('UPDATE learnings SET used_at = 1 WHERE id = ?', used.id)
    sql(`UPDATE learning_counts SET n = 100000`)
    add(sql, { problem: 'one more' })
    expect([getLearning(sql, used.id), getLearning(sql, unused.id)]).toEqual(
      [used, null].map((it) => it && { ...it, used_at: 1 }),
    )
    add(sql, { problem: 'and another' })
    expect(getLearning(sql, used.id)).toBeNull()
    expect(() => add(sql, { problem: 'too many' })).toThrow('100000 learnings')
    expect(getLearning(sql, kept.id)).toEqual(kept)
  }))

test('ten thousand adds are counted exactly', () =>
  withLearnings(({ sql, transaction }) => {
    transaction(() => {
      for (let i = 0; i < 10_000; i++) add(sql, { problem: `bad thing number ${i}` })
    })
    expect(countLearnings(sql)).toBe(10_000)
    expect(sql('SELECT count(*) AS n FROM learnings')).toEqual([{ n: 10_000 }])
    expect(found(sql, 'bad thing')).toHaveLength(50)
  }))

test('the most useful come first, and none that never helped', () =>
  withLearnings(({ sql }) => {
    const proven = add(sql, { problem: 'old and proven' }).learning
    for (let i = 0; i < 20; i++) add(sql, { problem: `new ${i}` })
    sql('UPDATE learnings SET success_count = 3 WHERE id = ?', proven.id)
    sql(`UPDATE learnings SET success_count = 1 WHERE problem = 'new 7'`)
    expect(usefulLearnings(sql, 3, NOW).map(({ problem }) => problem)).toEqual(['old and proven', 'new 7'])
  }))

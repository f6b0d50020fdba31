import { expect, test } from 'vitest'
import type { Learning } from '../../worker/learning/learning.ts'
import {
  type Candidate,
  type Failure,
  rankFitting,
  rankSearch,
  rankUseful,
  successRate,
  termsOf,
} from '../../worker/learning/rank.ts'
import { aLearning, NOW } from './support.ts'

const YEAR = 365 * 24 * 3_600_000

function candidate(facts: Partial<Learning>, known: Partial<Omit<Candidate, 'learning'>> = {}): Candidate {
  return { learning: aLearning(facts), fingerprint: null, objective: '', ...known }
}

function ids(learnings: Learning[]): string[] {
  return learnings.map(({ id }) => id)
}

function order(candidates: Candidate[], search: string): number[] {
  const ranked = ids(rankSearch(candidates, termsOf(search), NOW))
  return candidates.map(({ learning }) => ranked.indexOf(learning.id))
}

const KEY_ERROR: Failure = {
  fingerprint: `KeyError: 'price'`,
  message: `KeyError: 'price'`,
  objective: 'sum the prices',
}

test('terms are words without case, accents and syntax', () => {
  expect(termsOf('NEAR("Größe" OR x*) AND größe; DROP')).toEqual(['near', 'große', 'or', 'x', 'and', 'drop'])
  expect(termsOf('() "" * ^ -')).toEqual([])
  expect(termsOf('w '.repeat(5) + Array.from({ length: 30 }, (_, i) => `w${i}`).join(' '))).toHaveLength(12)
})

test('a text has the same words whether a letter with an accent stands in it or not', () => {
  const ascii = Array.from({ length: 128 }, (_, code) => `Ab${String.fromCharCode(code)}${code}`).join('')
  for (const text of [ascii, 'KeyError: "price_2" at 0x1F,\n\tAGAIN price', ' \u00a0\u2028x\ufeffy'])
    expect(termsOf(`${text} \u00e9`, 500)).toEqual([...termsOf(text, 499), 'e'])
})

test('more of the words come first, rare ones above all', () => {
  const both = candidate({ problem: 'pandas cannot read parquet' })
  const common = candidate({ problem: 'pandas is slow' })
  const rare = candidate({ problem: 'parquet is broken' })
  expect(order([common, rare, both, candidate({ problem: 'pandas and numpy' })], 'pandas parquet')).toEqual([
    expect.any(Number),
    1,
    0,
    expect.any(Number),
  ])
})

test('a word in the problem counts more than one in the context', () => {
  expect(
    order([candidate({ problem: 'x', context: 'parquet' }), candidate({ problem: 'parquet' })], 'parquet'),
  ).toEqual([1, 0])
})

test('of equal matches the proven one comes first, then the newer one', () => {
  const proven = candidate({ success_count: 4 })
  const failing = candidate({ failure_count: 4 })
  const old = candidate({ updated_at: NOW - 2 * YEAR, created_at: NOW - 2 * YEAR })
  expect(order([failing, old, candidate({}), proven], 'bad thing')).toEqual([3, 2, 1, 0])
})

test('a draft comes after what was recorded on purpose', () => {
  expect(order([candidate({ draft: true }), candidate({})], 'bad')).toEqual([1, 0])
})

test('the same fingerprint fits, best under the same objective', () => {
  const same = candidate({}, { fingerprint: KEY_ERROR.fingerprint })
  const alsoObjective = candidate(
    { draft: true },
    { fingerprint: KEY_ERROR.fingerprint, objective: KEY_ERROR.objective },
  )
  const other = candidate({}, { fingerprint: `KeyError: 'size'` })
  expect(ids(rankFitting([same, other, alsoObjective], KEY_ERROR, NOW))).toEqual([
    alsoObjective.learning.id,
    same.learning.id,
  ])
})

test.each([
  ['a bare type', 'KeyError', true],
  ['a pattern, read as words', 'KeyError.*price', true],
  ['another key', `KeyError: 'size' missing`, false],
  ['words that every error has', 'error: object has no', false],
  ['nothing but signs', '(a+)+$ .*', false],
])('an error written down by hand fits by its words: %s', (_name, problem, expected) => {
  expect(rankFitting([candidate({ problem })], KEY_ERROR, NOW)).toHaveLength(expected ? 1 : 0)
})

test('success makes nothing fit', () => {
  expect(rankFitting([candidate({ problem: 'something else', success_count: 1000 })], KEY_ERROR, NOW)).toEqual([])
})

test('what has failed five times without a success is no longer offered', () => {
  const known = { fingerprint: KEY_ERROR.fingerprint }
  expect(rankFitting([candidate({ failure_count: 4 }, known)], KEY_ERROR, NOW)).toHaveLength(1)
  expect(rankFitting([candidate({ failure_count: 5 }, known)], KEY_ERROR, NOW)).toHaveLength(0)
  expect(rankFitting([candidate({ failure_count: 5, success_count: 1 }, known)], KEY_ERROR, NOW)).toHaveLength(1)
})

test('a semantic learning fits by its objective', () => {
  const same = candidate({ kind: 'semantic', problem: 'Sum the prices' }, { objective: 'sum the prices' })
  const alike = candidate({ kind: 'semantic', problem: 'sum prices quickly' })
  const other = candidate({ kind: 'semantic', problem: 'draw a chart' })
  expect(ids(rankFitting([other, alike, same], KEY_ERROR, NOW))).toEqual([same.learning.id, alike.learning.id])
  expect(rankFitting([alike], { ...KEY_ERROR, objective: '' }, NOW)).toEqual([])
})

test('a draft about a time-out fits only its own objective', () => {
  const draft = candidate({ draft: true, problem: 'Timeout: the program ran longer' }, { objective: 'crawl' })
  const timeout = { fingerprint: null, message: 'Timeout: the program ran longer', objective: 'crawl' }
  expect(rankFitting([draft], timeout, NOW)).toHaveLength(1)
  expect(rankFitting([draft], { ...timeout, objective: 'sort' }, NOW)).toEqual([])
})

test('the useful ones: proven often before proven once before untried', () => {
  const [untried, once, often] = [
    aLearning(),
    aLearning({ success_count: 1 }),
    aLearning({ success_count: 20, failure_count: 2 }),
  ]
  expect(ids(rankUseful([untried, once, often], NOW))).toEqual([often.id, once.id, untried.id])
})

test('an untried learning counts as one that works every other time', () => {
  expect(successRate({ success_count: 0, failure_count: 0 })).toBe(0.5)
  expect(successRate({ success_count: 3, failure_count: 0 })).toBe(0.8)
})

/** What the checker of `npm run trust` notices, and what it lets pass. */
import { expect, test } from 'vitest'
import { type Call, contradictions, type End, type Found, newsIn, type Receipt } from './history.ts'
import { planOf } from './plan.ts'

const ended = (how: End['how'], more: Partial<End> = {}): End => ({ how, at: 1, words: '', ...more })
const call = (kind: Call['kind'], end: End | null, more: Partial<Call> = {}): Call => ({
  ...{ mark: 'm', user: 0, lane: 'a lane', kind, began: 0, end },
  ...more,
})
const receipt = (status: string, more: Partial<Receipt> = {}): Receipt => ({
  ...{ id: 'r_1', status, nothingRan: false, words: '', restoredFrom: null, at: 0 },
  ...more,
})
const found = (more: Partial<Found> = {}): Found => ({
  learnings: new Map(),
  files: new Map(),
  settings: new Map(),
  receipts: new Map(),
  marks: new Map(),
  news: [],
  ...more,
})
const ran = (begin: number, end: number, ...receipts: Receipt[]) =>
  found({ marks: new Map([['m', { begin, end }]]), receipts: new Map([['m', receipts]]) })

const done = ended('acknowledged', { runId: 'r_1', status: 'success' })
const upload = { name: 'a.txt', value: 'whole' }
const holds = (text: string | null) => found({ files: new Map([['a.txt', text]]) })
const uploaded = call('upload', ended('acknowledged', { at: 5 }), upload)
const told = (user: number, restoredFrom: number, at: number) => ({
  ...holds(null),
  news: newsIn(user, [receipt('success', { restoredFrom, at })]),
})
const set = (value: string, end: End | null) => call('setting', end, { name: 's', value })
const is = (value: string) => found({ settings: new Map([['0 s', value]]) })

test.each<[string, Call[], Found, string[]]>([
  ['a run that did what its receipt says', [call('run', done)], ran(1, 1, receipt('success')), []],
  ['a program that began twice', [call('run', done)], ran(2, 2, receipt('success')), ['duplicated', 'wrong receipt']],
  ['two runs of one call', [call('run', null)], ran(1, 1, receipt('success'), receipt('success')), ['duplicated']],
  ['success without an end', [call('run', done)], ran(1, 0, receipt('success')), ['wrong receipt']],
  [
    '"nothing ran" of a program that began',
    [call('run', ended('broken'))],
    ran(1, 0, receipt('lost', { nothingRan: true })),
    ['wrong receipt'],
  ],
  ['a lost run of a program that ended', [call('run', ended('broken'))], ran(1, 1, receipt('lost')), []],
  ['an answer unlike the receipt', [call('run', done)], ran(1, 1, receipt('lost')), ['wrong receipt']],
  ['a run that never ends', [call('run', null)], ran(1, 0, receipt('running')), ['wrong receipt']],
  ['an accepted run without a receipt', [call('run', done)], ran(1, 1), ['lost']],
  ['a program without a receipt', [call('run', null)], ran(1, 1), ['wrong receipt']],
  ['a run that was never accepted', [call('run', ended('broken'))], ran(0, 0), []],
  ['a call without an answer', [call('read', ended('silent'))], found(), ['unanswered']],
  ['a learning that is gone', [call('learning', ended('acknowledged'))], found(), ['lost']],
  ['a learning that may be gone', [call('learning', null)], found(), []],
  [
    'a learning that is there twice',
    [call('learning', null)],
    found({ learnings: new Map([['m', 2]]) }),
    ['duplicated'],
  ],
  ['a file that is gone', [call('upload', ended('acknowledged'), upload)], holds(null), ['lost']],
  ['a file that may be gone', [call('upload', ended('broken'), upload)], holds(null), []],
  ['a file that went with its container, as was said', [uploaded], told(0, 4, 6), []],
  ['a file that is gone with nothing said', [uploaded], holds(null), ['lost']],
  ['a file that is gone from what was saved after it', [uploaded], told(0, 6, 7), ['lost']],
  ['a file that is gone, said before it was there', [uploaded], told(0, 2, 4), ['lost']],
  ['a file that is gone, said to another user', [uploaded], told(1, 4, 6), ['lost']],
  ['half a file', [call('upload', ended('broken'), upload)], holds('who'), ['lost']],
  ['the last setting', [set('1', ended('acknowledged')), set('2', ended('acknowledged'))], is('2'), []],
  ['the setting before it', [set('1', ended('acknowledged')), set('2', ended('acknowledged'))], is('1'), ['lost']],
  ['a setting that may have been made after it', [set('1', ended('acknowledged')), set('2', null)], is('2'), []],
  ['a setting that was refused', [set('1', ended('acknowledged')), set('2', ended('refused'))], is('2'), ['lost']],
])('%s', (_what, calls, there, kinds) => {
  expect(contradictions(calls, there).map(({ kind }) => kind)).toEqual(kinds)
})

test('a seed gives the same plan, and another seed another one', () => {
  expect(planOf(7, 50)).toEqual(planOf(7, 50))
  expect(planOf(7, 50)).not.toEqual(planOf(8, 50))
  expect(new Set(planOf(7, 1000).map(({ target, signal }) => `${target} ${signal}`)).size).toBe(18)
  expect(planOf(7, 1000).some(({ target }) => target === 'container')).toBe(false)
  expect(planOf(7, 1000, undefined, true).some(({ target }) => target === 'container')).toBe(true)
  expect(new Set(planOf(7, 50, 'workerd').map(({ target }) => target))).toEqual(new Set(['workerd']))
})

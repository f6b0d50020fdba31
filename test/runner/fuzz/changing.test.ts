/** Files that change in whatever way: the runner, which looks only at what the kernel tells of, finds what two whole looks find. */
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FUZZ_PATIENCE_MS, inputs, sayTheSeed } from '../../support/fuzz.ts'
import { type Reader, startReader } from './reader.ts'

let reader: Reader
beforeAll(async () => {
  sayTheSeed()
  reader = await startReader('changing.py')
})
afterAll(() => reader?.stop())

const WAYS = [
  ...['write', 'append', 'write within', 'map', 'empty', 'old date', 'mode', 'rename', 'give away', 'link'],
  ...['symbolic link', 'fifo', 'folder', 'delete', 'delete folder'],
]
const PATHS = ['a', 'b', 'sub', 'sub/c', 'sub/deep', 'sub/deep/d', 'sub2', 'sub2/c', '.git', '.git/e', '\u00e9']

const path = fc.constantFrom(...PATHS)
const step = fc.oneof(
  { weight: 200, arbitrary: fc.tuple(fc.constantFrom(...WAYS), fc.nat(1), path, path) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('new working folder'), fc.nat(1), path, path) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('many changes'), fc.nat(1), path, path) },
)
const steps = fc.array(step, { maxLength: 12 })
/** Most of the time everything is watched. */
const bounds = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  fc.constantFrom({ WATCHED_WORKSPACES: 1 }, { WATCHED_ENTRIES: 3 }, { WATCHED_FOLDERS: 1 }, { WATCHED_NAMES: 2 }),
)
const runs = fc.array(fc.tuple(steps, steps), { minLength: 1, maxLength: 6 })

type Changes = Record<string, [boolean, boolean]>

interface Found {
  /** By path, whether it was there before and after; for each of two workspaces. */
  told: Changes[]
  /** What two whole looks find, and what of it is more than a new date of the file's record. */
  most: Changes[]
  least: Changes[]
  same: boolean
  looked_at_all: boolean[]
}

test('what a run changed is what two whole looks find', { timeout: FUZZ_PATIENCE_MS }, async () => {
  await fc.assert(
    fc.asyncProperty(runs, bounds, async (input, most) => {
      for (const found of await reader.ask<Found[]>('changes', input, most)) {
        expect(found.same).toBe(true)
        expect(found.told).toMatchObject(found.least)
        expect(found.most).toMatchObject(found.told)
      }
    }),
    inputs(400),
  )
})

test('a folder is looked through once, and not again for what the kernel tells', async () => {
  const write = (path: string) => ['write', 0, path, path]
  const found = await reader.ask<Found[]>(
    'changes',
    [
      [[], [write('a')]],
      [[write('sub/c'), write('b')], []],
      [[['append', 0, 'a', 'a']], []],
      [[['many changes', 0, 'a', 'b']], []],
    ],
    {},
  )
  expect(found.map(({ looked_at_all }) => looked_at_all[0])).toEqual(
    process.platform === 'linux' ? [false, false, false, true] : [true, true, true, true],
  )
})

test('a file with two names has changed under both', async () => {
  const found = await reader.ask<Found[]>(
    'changes',
    [
      [
        [
          ['folder', 0, 'sub', ''],
          ['write', 0, 'a', ''],
          ['link', 0, 'a', 'sub/c'],
        ],
        [],
      ],
      [[['append', 0, 'sub/c', '']], []],
      [[['delete', 0, 'sub/c', '']], []],
    ],
    {},
  )
  expect(found.map(({ told }) => Object.keys(told[0]!))).toEqual([
    ['a', 'sub/c'],
    ['a', 'sub/c'],
    ['a', 'sub/c'],
  ])
})

test('a folder that moves to another workspace is watched there', async () => {
  const found = await reader.ask<Found[]>(
    'changes',
    [
      [
        [
          ['folder', 1, 'sub', ''],
          ['write', 1, 'sub/c', ''],
        ],
        [],
      ],
      [[['give away', 1, 'sub', 'sub2']], []],
      [[['append', 0, 'sub2/c', '']], []],
    ],
    {},
  )
  expect(found.map(({ told }) => told)).toEqual([
    [{}, { 'sub/c': [false, true] }],
    [{ 'sub2/c': [false, true] }, { 'sub/c': [true, false] }],
    [{ 'sub2/c': [true, true] }, {}],
  ])
})

test('many names that have changed are not kept', async () => {
  const write = (path: string) => ['write', 0, path, '']
  const runs = [
    [[], []],
    [[write('a'), write('b')], []],
    [[write('a'), write('b'), write('\u00e9')], []],
  ]
  const found = await reader.ask<Found[]>('changes', runs, { WATCHED_NAMES: 2 })
  expect(found.map(({ told, looked_at_all }) => [Object.keys(told[0]!), looked_at_all[0]])).toEqual([
    [[], false],
    [['a', 'b'], process.platform !== 'linux'],
    [['a', 'b', '\u00e9'], true],
  ])
})

test('what is watched no more is looked through each time', async () => {
  const runs = [
    [[], [['write', 0, 'a', '']]],
    [[['append', 0, 'a', '']], []],
  ]
  const found = await reader.ask<Found[]>('changes', runs, { WATCHED_WORKSPACES: 1 })
  expect(found.map(({ told, looked_at_all }) => [told[0], looked_at_all[0]])).toEqual([
    [{}, true],
    [{ a: [true, true] }, true],
  ])
})

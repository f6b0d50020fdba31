/** The folders within a room of the Worker have an order: none needs one that needs it. Types count, as whoever reads follows them, too. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, sep } from 'node:path'
import { expect, test } from 'vitest'

const WORKER = join(import.meta.dirname, '..', '..', 'worker')

test.each(['run', 'session', 'mcp', 'learning', 'auth'])(
  'the folders of worker/%s need each other in one direction',
  (room) => {
    expect(circlesOf(join(WORKER, room))).toEqual([])
  },
)

test('a circle is found, also over a type and a third folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rooms-'))
  const files = {
    'a/one.ts': `import { two } from '../b/two.ts'\nexport const one = two\n`,
    'b/two.ts': `import type { Three } from '../three.ts'\nexport const two: Three = 2\n`,
    'three.ts': `export type Three = number\nexport { one } from './a/one.ts'\n`,
    'c/four.ts': `import { two } from '../b/two.ts'\nconsole.log(two)\n`,
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  expect(circlesOf(folder)).toEqual(['a', 'b', 'three.ts'])
  rmSync(folder, { recursive: true })
})

/** Folders and files directly below `root` that lie on a circle of imports between them. */
function circlesOf(root: string): string[] {
  const needs = new Map<string, Set<string>>()
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((each) => each.endsWith('.ts'))) {
    const from = top(name)
    const targets = needs.get(from) ?? new Set()
    needs.set(from, targets)
    for (const [, specifier] of readFileSync(join(root, name), 'utf8').matchAll(/ from '(\.[^']+)'/g)) {
      const target = relative(root, join(root, dirname(name), specifier!))
      if (!target.startsWith('..') && top(target) !== from) targets.add(top(target))
    }
  }
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
    [...(needs.get(from) ?? [])].some((next) => {
      if (next === to) return true
      if (seen.has(next)) return false
      seen.add(next)
      return reaches(next, to, seen)
    })
  return [...needs.keys()].filter((each) => reaches(each, each)).toSorted()
}

function top(name: string): string {
  return name.split(sep)[0]!
}

/** Every pattern of the product takes time that grows with its text alone; seeded ones that do not prove that this is noticed. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Found, patternsInPython, patternsInTypeScript } from './patterns/find.ts'
import { superLinear } from './patterns/linear.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patterns-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The patterns that are not linear, each with its place and the reason. */
function slow(found: Found[]): string[] {
  return found.flatMap((pattern) => {
    const reason = pattern.source === null ? 'it is not made of constants' : superLinear(pattern)
    return reason === null ? [] : [`${pattern.place}: ${pattern.source} – ${reason}`]
  })
}

test.each(['worker', 'container'])('all patterns in the TypeScript of %s are linear', (part) => {
  expect(slow(patternsInTypeScript(join(PROJECT, part)))).toEqual([])
})

test('all patterns of the runner are linear', () => {
  const patterns = patternsInPython(join(PROJECT, 'container', 'runner'))
  expect(patterns.length).toBeGreaterThan(5)
  expect(slow(patterns)).toEqual([])
})

test.each([
  ['a literal', 'text.replace(/ +$/, "")'],
  ['a literal within another', 'text.replace(/x/, () => text.replace(/ +$/, ""))'],
  ['RegExp with constants', 'const SPACES = " +"\nexport const END = new RegExp(`${SPACES}$`, "g")'],
  ['RegExp without new', 'RegExp("(a+)+$")'],
  ['RegExp with a raw text', 'export const END = new RegExp(String.raw`\\s+${"$"}`)'],
  ['RegExp with a joined list', 'export const END = new RegExp(["a", " +$"].join("|"))'],
  [
    'RegExp with a constant of another file',
    'import { SPACES } from "./spaces.ts"\nexport const END = new RegExp(SPACES)',
  ],
  ['a schema', 'z.string().regex(/^(?:\\w|\\d)*$/)'],
  ['RegExp with what is not known', 'new RegExp(text)'],
  ['RegExp with what changes', 'let x = "a"\nexport const A = new RegExp(x)'],
  [
    'RegExp with an argument, named as what is imported',
    'import { ONE } from "./spaces.ts"\nexport const f = (ONE) => new RegExp(ONE)',
  ],
  ['RegExp with an argument', 'const X = "a"\nexport const f = (X) => new RegExp(X)'],
  ['RegExp with what a block names', 'const X = "a"\nif (y) {\n  const X = y\n  z = new RegExp(X)\n}'],
  ['RegExp with a text in part', 'const X = "a"\nexport const f = (y) => new RegExp(`${X}${y}`)'],
  ['RegExp with a list in part', 'export const f = (y) => new RegExp(["a", y].join("|"))'],
])('a slow pattern is found in TypeScript: %s', (_, code) => {
  mkdirSync(join(folder, 'deep'), { recursive: true })
  writeFileSync(join(folder, 'deep', 'spaces.ts'), 'export const SPACES = " +$", ONE = "a"')
  writeFileSync(join(folder, 'deep', 'seeded.ts'), code)
  expect(slow(patternsInTypeScript(folder))).toHaveLength(1)
})

test('a pattern in TypeScript is put together of its constants', () => {
  mkdirSync(join(folder, 'composed'), { recursive: true })
  writeFileSync(join(folder, 'composed', 'parts.ts'), 'const MAX = 20\nexport const WORD = `[a-z]{1,${MAX}}`')
  const code = [
    'import { WORD as ONE } from "./parts.ts"',
    "const MARKS = ['!', String.raw`\\?`].join('|')",
    'const BELL = String.fromCharCode(7), END = `(?:${MARKS}|${BELL})`',
    "export const FOUND = [new RegExp(`${ONE}${END}`, 'g'), RegExp(String.raw`\\d${END}`)]",
  ]
  writeFileSync(join(folder, 'composed', 'whole.ts'), code.join('\n'))
  expect(patternsInTypeScript(join(folder, 'composed'))).toEqual([
    { place: 'whole.ts:4', source: '[a-z]{1,20}(?:!|\\?|\x07)', flags: 'g' },
    { place: 'whole.ts:4', source: '\\d(?:!|\\?|\x07)', flags: '' },
  ])
})

test.each([
  ['compiled', 'END = re.compile(r" +$")'],
  ['compiled of constants', 'SPACES = " +"\nEND = re.compile(rf"{SPACES}$", re.MULTILINE)'],
  ['used at once', 'def end(text):\n    return re.sub(r" +$", "", text)'],
  ['matched, and searched elsewhere', 'END = re.compile(r" +x")\nFOUND = END.match("") or END.search("")'],
  ['of what is not known', 'def find(text):\n    return re.search(text, text)'],
])('a slow pattern is found in Python: %s', (_, code) => {
  const name = join(folder, 'seeded')
  mkdirSync(name, { recursive: true })
  writeFileSync(join(name, '__init__.py'), '')
  writeFileSync(join(name, 'module.py'), `import re\n\n${code}\n`)
  expect(slow(patternsInPython(name))).toHaveLength(1)
})

test.each([
  [/^ +| +$/g, 'a run of spaces, from each of its places'],
  [/(a+)+$/, 'a repetition within a repetition'],
  [/^(?:\w|\d)*$/, 'alternatives of a repetition'],
  [/^\s*x?\s*$/, 'two neighbours'],
  [/^".*" .*!/, 'two with something between'],
  [/key=[\w=]{8,}\./, 'a search that begins anew within its own loop'],
  [/key=[\w=]{8,}(?![.(])/, 'the same before something that may not follow'],
  [/^\s*at/gm, 'lines of blanks'],
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{8}/, 'a look ahead from every place'],
  [/\bx(?=\w{0,400}\d)/, 'a look ahead that is long'],
  [/\bx(?=\w{0,40}\d\w{0,40}!)/, 'a look ahead that is not linear itself'],
  [/(?<=!\w{0,40}\d\w{0,40})x/, 'a look behind that is not linear itself'],
  [/(['"]).*\1/, 'a backreference'],
  [/ {1,5000}x/, 'a count that is as good as endless'],
])('%s is not linear: %s', ({ source, flags }) => {
  expect(superLinear({ source, flags })).not.toBeNull()
})

test.each([
  [/^[A-Za-z_][\w.]{2,100}: \S/, 'it is tried at one place'],
  [/[-_.]+/g, 'whatever it begins with it takes'],
  [/\bsk-[\w-]{16,}/g, 'it has matched before the loop'],
  [/^data: (.*)$/m, 'a line holds no other line'],
  [/BEGIN[\s\S]*?(?:END|$)/, 'the end is always found'],
  [/(?<![\w-])[\w-]+(?:\/\w+)+/g, 'it does not begin in the middle'],
  [/\bx(?=(?:[^%\d]|%[0-9A-F]{2}){0,80}\d)\S+/, 'it looks ahead at a few characters, in one way'],
])('%s is linear: %s', ({ source, flags }) => {
  expect(superLinear({ source, flags })).toBeNull()
})

test('a pattern that is tried at one place only may begin with a loop', () => {
  const trimmed = { source: ' +$', flags: '' }
  expect(superLinear({ ...trimmed, anchored: true })).toBeNull()
  expect(superLinear(trimmed)).not.toBeNull()
})

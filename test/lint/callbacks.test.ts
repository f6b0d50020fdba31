/**
 * A function that takes more than an element is not handed bare to map, filter and the like: they hand on an index, which an optional
 * parameter takes for its own.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'
import { expect, test } from 'vitest'
import { child, children, type Node, nodesOf } from './patterns/constants.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))

/** Methods whose callback gets an element, its index and more; and where among the arguments it stands. */
const CALLBACK_AT = new Map([
  ...['map', 'flatMap', 'filter', 'forEach', 'find', 'findLast', 'findIndex', 'some', 'every'].map(
    (name) => [name, 0] as const,
  ),
  ...['replace', 'replaceAll', 'from'].map((name) => [name, 1] as const),
])
const BUILT_IN = new Map([['parseInt', 2]])

interface Source {
  file: string
  text: string
}

/** The callbacks that take more than one argument, each with its place. */
function greedyCallbacks(sources: Source[]): string[] {
  const parsed = sources.map((source) => ({ ...source, nodes: nodesOf(parseSync(source.file, source.text).program) }))
  const parameters = new Map(BUILT_IN)
  for (const [name, count] of parsed.flatMap(({ nodes }) => nodes.flatMap((node) => named(node)))) {
    parameters.set(name, Math.max(count, parameters.get(name) ?? 0))
  }
  return parsed.flatMap(({ file, text, nodes }) =>
    nodes.flatMap((node) => {
      const name = bareCallback(node)
      if (name === null || (parameters.get(name) ?? 0) <= 1) return []
      return [
        `${file}:${text.slice(0, node.start).split('\n').length}: ${name} takes ${parameters.get(name)} arguments`,
      ]
    }),
  )
}

/** The function that a node gives a name to, and how many arguments it takes. */
function named(node: Node): [string, number][] {
  const made = node.type === 'FunctionDeclaration' ? node : (child(node, 'init') ?? child(node, 'value'))
  const name = (child(node, 'id') ?? child(node, 'key'))?.['name']
  if (typeof name !== 'string' || made === undefined || !/Function(?:Declaration|Expression)$/.test(made.type))
    return []
  const parameters = children(made, 'params')
  return [[name, parameters.at(-1)?.type === 'RestElement' ? Infinity : parameters.length]]
}

/** The name of the function that a call hands on as it is, or null. */
function bareCallback(node: Node): string | null {
  const callee = child(node, 'callee')
  const method = callee && child(callee, 'property')?.['name']
  const at = typeof method === 'string' ? CALLBACK_AT.get(method) : undefined
  const callback = at === undefined ? undefined : children(node, 'arguments')[at]
  if (callback === undefined) return null
  const name = callback['name'] ?? child(callback, 'property')?.['name']
  return callback.type === 'Identifier' || callback.type === 'MemberExpression' ? String(name) : null
}

function sourcesBelow(folder: string): Source[] {
  return globSync('**/*.ts', { cwd: folder })
    .toSorted()
    .map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }))
}

test('no function takes an index for one of its own arguments', () => {
  const sources = [...sourcesBelow(join(PROJECT, 'worker')), ...sourcesBelow(join(PROJECT, 'container'))]
  expect(sources.length).toBeGreaterThan(200)
  expect(greedyCallbacks(sources)).toEqual([])
})

test.each([
  ['an optional parameter', 'function cut(text: string, max = 3) {}\ntexts.map(cut)'],
  ['an arrow function', 'const cut = (text: string, max?: number) => text\ntexts.flatMap(cut)'],
  ['a rest', 'function join(...parts: string[]) {}\ntexts.forEach((x) => x), texts.filter(join)'],
  ['a method', 'class Cutter {\n  cut(text: string, max = 3) {}\n}\ntexts.map(cutter.cut)'],
  ['a built-in function', 'texts.map(parseInt)'],
  ['a replacement', 'function short(text: string, max = 3) {}\ntext.replace(/a/g, short)'],
  ['Array.from', 'function short(text: string, max = 3) {}\nArray.from(texts, short)'],
])('%s that would take the index is found', (_, text) => {
  expect(greedyCallbacks([{ file: 'seeded.ts', text }])).toHaveLength(1)
})

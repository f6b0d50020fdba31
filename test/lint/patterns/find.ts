/** Every regular expression of the product: TypeScript's from its syntax tree, Python's from the modules that compile them. */
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync, type Program } from 'oxc-parser'
import { z } from 'zod'
import type { Pattern } from './linear.ts'

/** A pattern and where it is. `source` is null when it is made of what is only known at run time. */
export type Found = { place: string } & (Pattern | { source: null })

/** Patterns in the TypeScript below a folder: literals, and `RegExp` called with constant texts. */
export function patternsInTypeScript(folder: string): Found[] {
  return globSync('**/*.ts', { cwd: folder })
    .toSorted()
    .flatMap((file) => patternsOf(file, readFileSync(join(folder, file), 'utf8')))
}

interface Node {
  type: string
  start: number
  [key: string]: unknown
}

function patternsOf(file: string, text: string): Found[] {
  const found: Found[] = []
  const constants = new Map<string, Node>()
  const nodes = nodesOf(parseSync(file, text).program)
  const placeOf = ({ start }: Node) => `${file}:${text.slice(0, start).split('\n').length}`
  for (const node of nodes) {
    if (node.type === 'VariableDeclarator' && isNode(node['id']) && isNode(node['init'])) {
      constants.set(String(node['id']['name']), node['init'])
    }
  }
  for (const node of nodes) {
    if (node.type === 'Literal' && 'regex' in node) {
      const { pattern, flags } = z.object({ pattern: z.string(), flags: z.string() }).parse(node['regex'])
      found.push({ place: placeOf(node), source: pattern, flags })
    }
    if (!('callee' in node && isNode(node['callee']) && node['callee']['name'] === 'RegExp')) continue
    const [source, flags] = z.array(z.custom<Node>(isNode)).parse(node['arguments'])
    const [pattern, letters] = [textOf(source, constants), flags === undefined ? '' : textOf(flags, constants)]
    const place = placeOf(node)
    found.push(
      pattern === null || letters === null ? { place, source: null } : { place, source: pattern, flags: letters },
    )
  }
  return found
}

function nodesOf(program: Program): Node[] {
  const nodes: Node[] = []
  const todo: unknown[] = [program]
  for (const value of todo) {
    if (isNode(value)) nodes.push(value)
    if (typeof value === 'object' && value !== null) todo.push(...Object.values(value))
  }
  return nodes
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}

/** What a text of constants comes to, or null. */
function textOf(node: Node | undefined, constants: ReadonlyMap<string, Node>): string | null {
  const parts = (list: unknown) => z.array(z.custom<Node>(isNode)).parse(list)
  switch (node?.type) {
    case 'Literal':
      return typeof node['value'] === 'string' ? node['value'] : null
    case 'Identifier':
      return textOf(constants.get(String(node['name'])), constants)
    case 'TemplateLiteral': {
      const fixed = parts(node['quasis']).map(({ value }) => z.object({ cooked: z.string() }).parse(value).cooked)
      const put = parts(node['expressions']).map((part) => textOf(part, constants))
      return put.includes(null) ? null : fixed.map((text, index) => text + (put[index] ?? '')).join('')
    }
    case 'CallExpression': {
      // String.fromCharCode(27) is how an invisible character is written visibly.
      const { callee } = z.object({ callee: z.custom<Node>(isNode) }).parse(node)
      const [code] = parts(node['arguments'])
      const isCharacter = isNode(callee['property']) && callee['property']['name'] === 'fromCharCode'
      return isCharacter ? String.fromCharCode(z.number().parse(code?.['value'])) : null
    }
    default:
      return null
  }
}

const pythonPatterns = z.array(
  z.object({ place: z.string(), source: z.string().nullable(), flags: z.string(), anchored: z.boolean() }),
)

/** Patterns that the modules of a Python package compile. */
export function patternsInPython(folder: string): Found[] {
  const script = fileURLToPath(new URL('python_patterns.py', import.meta.url))
  const { stdout, stderr } = spawnSync('python3', [script, folder], { encoding: 'utf8' })
  if (stdout === '') throw new Error(`the patterns of ${folder} could not be read: ${stderr}`)
  return pythonPatterns.parse(JSON.parse(stdout))
}

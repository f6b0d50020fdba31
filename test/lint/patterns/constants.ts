/** What the constant texts of a module come to, from its syntax tree: what a pattern is made of. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync, type Program } from 'oxc-parser'
import * as z from 'zod'

export interface Node {
  type: string
  start: number
  [key: string]: unknown
}

/** A text, or null for what is only known at run time. */
export type TextOf = (node: Node | undefined) => string | null

/** Reads literals, templates, joined lists, and the names of constants of the module, or of one beside it that it imports. */
export function textsOf(program: Program, folder: string): TextOf {
  const constants = constantsOf(program)
  const others = otherNames(program, constants)
  const imports = importsOf(program, folder)
  const all = (nodes: Node[]) => nodes.map(textOf).filter((text) => text !== null)
  function textOf(node: Node | undefined): string | null {
    switch (node?.type) {
      case 'Literal':
        return ['string', 'number'].includes(typeof node['value']) ? String(node['value']) : null
      case 'Identifier': {
        const name = String(node['name'])
        return others.has(name) ? null : (textOf(constants.get(name)) ?? imports.get(name)?.() ?? null)
      }
      case 'TemplateLiteral':
        return filled(node, 'cooked')
      case 'TaggedTemplateExpression':
        return isCallOf(node['tag'], 'raw', 'String') ? filled(child(node, 'quasi'), 'raw') : null
      case 'CallExpression':
        return called(child(node, 'callee'), children(node, 'arguments'))
      default:
        return null
    }
  }
  function filled(template: Node | undefined, kind: 'cooked' | 'raw'): string | null {
    const fixed = children(template, 'quasis').map(({ value }) => z.record(z.string(), z.string()).parse(value)[kind])
    const put = children(template, 'expressions')
    const texts = all(put)
    return texts.length < put.length ? null : fixed.map((text, index) => text + (texts[index] ?? '')).join('')
  }
  function called(callee: Node | undefined, [argument, ...more]: Node[]): string | null {
    if (more.length > 0) return null
    // This is how an invisible character is written visibly.
    if (isCallOf(callee, 'fromCharCode', 'String')) return String.fromCharCode(z.number().parse(argument?.['value']))
    const list = child(callee, 'object')
    const [parts, separator] = [children(list, 'elements'), textOf(argument)]
    const texts = all(parts)
    const isJoined = isCallOf(callee, 'join') && list?.type === 'ArrayExpression' && texts.length === parts.length
    return isJoined && separator !== null ? texts.join(separator) : null
  }
  return textOf
}

/** The module's own constants, by their names. */
function constantsOf({ body }: Program): Map<string, Node> {
  const statements = body.map((one) => (one.type === 'ExportNamedDeclaration' ? (one.declaration ?? one) : one))
  const declared = statements.flatMap((one) =>
    one.type === 'VariableDeclaration' && one.kind === 'const' ? one.declarations : [],
  )
  return new Map(
    declared.flatMap(({ id, init }) => (id.type === 'Identifier' && isNode(init) ? [[id.name, init] as const] : [])),
  )
}

/** Names that a function or a block gives to something of its own, or that can change: what they stand for is not known. */
function otherNames(program: Program, constants: ReadonlyMap<string, Node>): Set<unknown> {
  const values = new Set(constants.values())
  const names = nodesOf(program).flatMap((node) => {
    const isOther = node.type === 'VariableDeclarator' && !values.has(child(node, 'init')!)
    return nodesOf([isOther && node['id'], node['params'], node['param']]).map(({ name }) => name)
  })
  return new Set(names)
}

/** What each imported name of a file beside this one comes to. */
function importsOf({ body }: Program, folder: string): Map<string, () => string | null> {
  const files = body
    .filter((one) => one.type === 'ImportDeclaration')
    .filter(({ source }) => source.value.startsWith('./'))
  return new Map(
    files.flatMap(({ source, specifiers }) =>
      specifiers.flatMap((one): [string, () => string | null][] => {
        if (one.type !== 'ImportSpecifier' || one.imported.type !== 'Identifier') return []
        const { imported, local } = one
        return [[local.name, () => exported(join(folder, source.value), imported.name)]]
      }),
    ),
  )
}

function exported(path: string, name: string): string | null {
  const { program } = parseSync(path, readFileSync(path, 'utf8'))
  return textsOf(program, join(path, '..'))({ type: 'Identifier', start: 0, name })
}

function isCallOf(callee: unknown, method: string, object?: string): boolean {
  if (!isNode(callee) || child(callee, 'property')?.['name'] !== method) return false
  return object === undefined || child(callee, 'object')?.['name'] === object
}

/** All nodes in these, also deep within. */
export function nodesOf(values: unknown): Node[] {
  const nodes: Node[] = []
  const todo: unknown[] = [values]
  for (const value of todo) {
    if (isNode(value)) nodes.push(value)
    if (typeof value === 'object' && value !== null) todo.push(...Object.values(value))
  }
  return nodes
}

export function child(node: Node | undefined, key: string): Node | undefined {
  const value = node?.[key]
  return isNode(value) ? value : undefined
}

export function children(node: Node | undefined, key: string): Node[] {
  const value = node?.[key]
  return Array.isArray(value) ? value.filter(isNode) : []
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}

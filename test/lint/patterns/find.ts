/** Every regular expression of the product: TypeScript's from its syntax tree, Python's from the modules that compile them. */
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'
import * as z from 'zod'
import { child, children, nodesOf, textsOf } from './constants.ts'
import type { Pattern } from './linear.ts'

/** A pattern and where it is. `source` is null when it is made of what is only known at run time. */
export type Found = { place: string } & (Pattern | { source: null })

/** Patterns in the TypeScript below a folder: literals, and `RegExp` called with constant texts. */
export function patternsInTypeScript(folder: string): Found[] {
  return globSync('**/*.ts', { cwd: folder })
    .toSorted()
    .flatMap((file) => patternsOf(join(folder, file), file))
}

function patternsOf(path: string, file: string): Found[] {
  const text = readFileSync(path, 'utf8')
  const { program } = parseSync(file, text)
  const textOf = textsOf(program, dirname(path))
  return nodesOf(program).flatMap((node) => {
    const place = `${file}:${text.slice(0, node.start).split('\n').length}`
    if (node.type === 'Literal' && 'regex' in node) {
      const { pattern, flags } = z.object({ pattern: z.string(), flags: z.string() }).parse(node['regex'])
      return [{ place, source: pattern, flags }]
    }
    if (child(node, 'callee')?.['name'] !== 'RegExp') return []
    const [pattern, letters] = children(node, 'arguments')
    const [source, flags] = [textOf(pattern), letters === undefined ? '' : textOf(letters)]
    return [source === null || flags === null ? { place, source: null } : { place, source, flags }]
  })
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

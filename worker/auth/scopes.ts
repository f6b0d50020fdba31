/** Scopes of tokens, and the scopes that each request needs. Reading one's own session needs a valid token and no scope. */

import * as z from 'zod'

/** Each scope in the words of the consent page. */
export const SCOPES = {
  'python:run': 'Run Python programs in your workspace, install packages, and change or delete its files',
  'learnings:write': 'Add, change and delete what was learned from failures',
  'settings:write': 'Change your settings',
} as const

export type Scope = keyof typeof SCOPES

export function isScope(text: string): text is Scope {
  return Object.hasOwn(SCOPES, text)
}

export const ALL_SCOPES = Object.keys(SCOPES).filter(isScope)

/** Scope of each tool that changes anything. Every other tool only reads. */
const TOOL_SCOPES: Record<string, Scope> = {
  run_python: 'python:run',
  run_python_stream: 'python:run',
  run_with_retry: 'python:run',
  pip_install: 'python:run',
  add_learning: 'learnings:write',
  record_semantic_failure: 'learnings:write',
}

const message = z.object({ method: z.string(), params: z.unknown().optional() })
const call = z.object({
  name: z.string(),
  arguments: z.object({ action: z.unknown().optional(), key: z.unknown().optional() }).default({}),
})

/** Scopes that a JSON-RPC message, or a batch of them, needs. Anything else needs none: it is refused for what it is. */
export function scopesOfMessage(received: unknown): Scope[] {
  return Array.isArray(received) ? [...new Set(received.flatMap(scopesOfOne))] : scopesOfOne(received)
}

function scopesOfOne(received: unknown): Scope[] {
  const { data } = message.safeParse(received)
  switch (data?.method) {
    case 'tools/call':
      return scopesOfCall(data.params)
    case 'tasks/cancel':
    case 'tasks/update':
      return ['python:run']
    default:
      return []
  }
}

function scopesOfCall(params: unknown): Scope[] {
  const { data } = call.safeParse(params)
  if (data === undefined) return []
  const { action, key } = data.arguments
  switch (data.name) {
    case 'configure':
      // Null counts as left out, as for the tool.
      if (action === undefined || action === null || action === 'view') return []
      return key === 'workspace' ? ['settings:write', 'python:run'] : ['settings:write']
    case 'runs':
      // Null counts as left out.
      return action == null || READING_RUNS.has(action) ? [] : ['python:run']
    default:
      return Object.hasOwn(TOOL_SCOPES, data.name) ? [TOOL_SCOPES[data.name]!] : []
  }
}

/** Actions of `runs` that change nothing, by exact name. */
const READING_RUNS: ReadonlySet<unknown> = new Set(['list', 'wait', 'output'])

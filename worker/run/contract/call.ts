/** A caller's request for a run beside its program, as receipts show it: names and sizes, never contents. */
import * as z from 'zod'
import type { RunInput } from './step.ts'

/** Most files that a receipt names, and characters of a name. */
const MAX_FILES = 50
const MAX_NAME_CHARS = 300
/** Most variables that it names. */
const MAX_VARIABLES = 50

/** The request for a run; RunInput has its work. */
export interface RunCall {
  tool: 'run_python' | 'run_python_stream' | 'run_with_retry' | 'POST /runs'
  /** The caller's words. */
  description: string
  background: boolean
}

export const callArguments = z.object({
  tool: z.string(),
  /** The client's own name. */
  client: z.string(),
  timeout_s: z.number(),
  background: z.boolean(),
  auto_install: z.boolean(),
  /** Null: decided by the program's output. */
  show_last: z.boolean().nullable(),
  files: z.array(z.object({ path: z.string(), bytes: z.int() })),
  /** Number of files beyond those that are named. */
  more_files: z.int(),
  stdin_bytes: z.int().nullable(),
  /** Names of the variables in the request. */
  env: z.array(z.string()).default([]),
})
export type CallArguments = z.infer<typeof callArguments>

/** Runs with the same objective belong together: learnings are found by it. */
export function objectiveOf({ description }: Pick<RunCall, 'description'>): string {
  return description.trim().toLowerCase()
}

export function argumentsOf(
  { files = {}, stdin, env = {}, show_last, packages, timeout_s }: Omit<RunInput, 'id'>,
  { tool, background }: RunCall,
  client: string,
): CallArguments {
  const all = Object.entries(files)
  const named = all.slice(0, MAX_FILES).map(([path, content]) => ({
    path: path.slice(0, MAX_NAME_CHARS).toWellFormed(),
    bytes: typeof content === 'string' ? Buffer.byteLength(content) : Buffer.byteLength(content.base64, 'base64'),
  }))
  return {
    tool,
    client,
    timeout_s,
    background,
    auto_install: packages.auto_install,
    show_last: show_last ?? null,
    files: named,
    more_files: all.length - named.length,
    stdin_bytes: stdin === undefined ? null : Buffer.byteLength(stdin),
    env: Object.keys(env).slice(0, MAX_VARIABLES),
  }
}

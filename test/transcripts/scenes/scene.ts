import type { ToolCall } from '../transcript.ts'

/** Calls that belong together, in an empty workspace without learnings and with the settings as they are at first. */
export interface Scene {
  /** Also the name of its file, with hyphens. */
  name: string
  calls: ToolCall[]
}

/** A scene of programs alone. */
export function programs(name: string, ...programs: (string | Record<string, unknown>)[]): Scene {
  const calls = programs.map((each) => ({
    tool: 'run_python',
    args: typeof each === 'string' ? { code: each } : each,
  }))
  return { name, calls }
}

export function call(tool: string, args: Record<string, unknown> = {}): ToolCall {
  return { tool, args }
}

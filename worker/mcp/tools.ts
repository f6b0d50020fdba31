/** The tools by name, and the choice that a client is offered. */
import type { McpServer } from '@modelcontextprotocol/server'
import type { Caller } from './caller.ts'
import { registerAddLearning } from './tools/add-learning.ts'
import { registerConfigure } from './tools/configure.ts'
import { registerGetLearnings } from './tools/get-learnings.ts'
import { registerGetSystemContext } from './tools/get-system-context.ts'
import { registerPipInstall } from './tools/pip-install.ts'
import { registerRecordSemanticFailure } from './tools/record-semantic-failure.ts'
import { registerRunLog } from './tools/run-log.ts'
import { registerRunPythonStream } from './tools/run-python-stream.ts'
import { registerRunPython } from './tools/run-python.ts'
import { registerRuns } from './tools/runs.ts'
import { registerRunWithRetry } from './tools/run-with-retry.ts'
import { FOR_VIEWS, SHOWN_AS_VIEW } from './view.ts'

/** The tools in the order of their list. */
const TOOLS = {
  run_python: registerRunPython,
  run_python_stream: registerRunPythonStream,
  run_with_retry: registerRunWithRetry,
  get_system_context: (server: McpServer, caller: Caller) => registerGetSystemContext(server, caller.context),
  add_learning: registerAddLearning,
  record_semantic_failure: registerRecordSemanticFailure,
  get_learnings: registerGetLearnings,
  pip_install: registerPipInstall,
  configure: registerConfigure,
  runs: registerRuns,
}
export type ToolName = keyof typeof TOOLS

/** Tools that a client is offered; null for all. */
export type OfferedTools = readonly ToolName[] | null

export interface Offer {
  tools: OfferedTools
  /** The client shows views of runs (MCP Apps). */
  views: boolean
}

/** Tools whose calls a client may show as the view of their run. */
const OF_VIEW: ReadonlySet<ToolName> = new Set(['run_python', 'run_python_stream', 'run_with_retry'] as const)

/** Unknown names that a refusal repeats, and the characters of each. */
const SHOWN_NAMES = 3
const SHOWN_CHARS = 60

export function registerTools(server: McpServer, caller: Caller, { tools, views }: Offer): void {
  const names = TOOL_NAMES.filter((name) => tools === null || tools.includes(name))
  const hasView = views && names.some((name) => OF_VIEW.has(name))
  for (const name of names) TOOLS[name](server, caller, views && OF_VIEW.has(name) ? SHOWN_AS_VIEW : undefined)
  if (!hasView) return
  registerRunLog(server, caller)
  // The view stops a run with it, whatever the model is offered.
  if (!names.includes('runs')) registerRuns(server, caller, FOR_VIEWS)
}

/** The tools that an address chooses with `?tools=run_python,runs`, or the reason why that is wrong. */
export function askedTools(params: URLSearchParams): { tools: OfferedTools } | { refused: string } {
  if (!params.has('tools')) return { tools: null }
  const names = params
    .getAll('tools')
    .flatMap((list) => list.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const unknown = names.filter((name) => !isToolName(name))
  const shown = unknown.slice(0, SHOWN_NAMES).map((name) => JSON.stringify(name.slice(0, SHOWN_CHARS)))
  const next = `Next: name some of ${TOOL_NAMES.join(', ')}, or leave it out for all.`
  if (unknown.length > 0) return { refused: `?tools= names ${shown.join(', ')}, which is no tool. ${next}` }
  return names.length === 0 ? { refused: `?tools= names no tool. ${next}` } : { tools: knownTools(names) }
}

/** The known tools of some names: a tool that another version of this server stored may be gone. */
export function knownTools(names: readonly string[]): ToolName[] {
  return names.filter(isToolName)
}

function isToolName(name: string): name is ToolName {
  return Object.hasOwn(TOOLS, name)
}

const TOOL_NAMES = Object.keys(TOOLS).filter(isToolName)

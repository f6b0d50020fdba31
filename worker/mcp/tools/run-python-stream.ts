/**
 * The `run_python_stream` tool: the older name of `run_python`, for prompts that know it. Text that is listed twice is paid for twice, so
 * it takes fewer arguments.
 */
import type { McpServer } from '@modelcontextprotocol/server'
import { toolArguments } from '../arguments/arguments.ts'
import { programArguments } from '../arguments/program.ts'
import { answerWithProgram, PROGRAM_ANNOTATIONS } from '../call-program.ts'
import type { Caller } from '../caller.ts'
import type { ToolMeta } from '../view.ts'

const { code, description, timeout } = programArguments
const inputSchema = toolArguments(
  { code, description, timeout },
  { tool: 'run_python', takes: Object.keys(programArguments) },
)

export function registerRunPythonStream(server: McpServer, caller: Caller, _meta?: ToolMeta): void {
  server.registerTool(
    'run_python_stream',
    {
      title: 'Run Python, live',
      description: 'The older name of run_python, with three of its arguments.',
      inputSchema,
      annotations: PROGRAM_ANNOTATIONS,
      ...(_meta && { _meta }),
    },
    (args, ctx) => answerWithProgram(caller, 'run_python_stream', args, ctx),
  )
}

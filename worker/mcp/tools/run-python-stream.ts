/** The `run_python_stream` tool: the older name of `run_python`, for prompts that know it. What is listed twice is paid for twice, so it takes less. */
import type { McpServer } from '@modelcontextprotocol/server'
import { toolArguments } from '../arguments/arguments.ts'
import type { Caller } from '../caller.ts'
import { runPythonArguments } from './run-python.ts'
import { answerWithProgram, PROGRAM_ANNOTATIONS, programArguments } from './start-run.ts'

const inputSchema = toolArguments(programArguments, { tool: 'run_python', takes: runPythonArguments.names })

export function registerRunPythonStream(server: McpServer, caller: Caller): void {
  server.registerTool(
    'run_python_stream',
    {
      title: 'Run Python, live',
      description: 'The older name of run_python, with three of its arguments.',
      inputSchema,
      annotations: PROGRAM_ANNOTATIONS,
    },
    (args, ctx) => answerWithProgram(caller, 'run_python_stream', args, ctx),
  )
}

/** The `run_python_stream` tool: another name of `run_python`, for prompts that know it. */
import type { McpServer } from '@modelcontextprotocol/server'
import type { Caller } from '../server.ts'
import { runPythonArguments } from './run-python.ts'
import { answerWithProgram, PROGRAM_ANNOTATIONS } from './start-run.ts'

export function registerRunPythonStream(server: McpServer, caller: Caller): void {
  server.registerTool(
    'run_python_stream',
    {
      title: 'Run Python, live',
      description: `The same as run_python, which streams as well: output comes as progress notifications while the program runs, \
and again in the result. A client that gives no progress token gets the text at the end.`,
      inputSchema: runPythonArguments,
      annotations: PROGRAM_ANNOTATIONS,
    },
    (args, ctx) => answerWithProgram(caller, args, ctx),
  )
}

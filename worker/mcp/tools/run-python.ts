/** The `run_python` tool. */
import type { McpServer } from '@modelcontextprotocol/server'
import { toolArguments } from '../arguments/arguments.ts'
import { programArguments } from '../arguments/program.ts'
import { answerWithProgram, PROGRAM_ANNOTATIONS } from '../call-program.ts'
import type { Caller } from '../caller.ts'
import type { ToolMeta } from '../view.ts'

export const runPythonArguments = toolArguments({
  code: programArguments.code.describe('Python source, run as a file (__main__). Print what you want to see.'),
  description: programArguments.description.describe('What the run is for. Runs with the same words belong together.'),
  timeout: programArguments.timeout.describe(
    'Seconds it may run; output until then is kept. Default: the setting default_timeout (50).',
  ),
  auto_install: programArguments.auto_install.describe('Default: the setting auto_install (true).'),
  files: programArguments.files.describe(
    'Written before it starts, by relative path: text, or bytes as "data:;base64,…". Overwrites.',
  ),
  stdin: programArguments.stdin.describe('Without it, input() gets end-of-file.'),
  env: programArguments.env.describe('Environment variables.'),
  show_last: programArguments.show_last.describe(
    'Show the last expression’s value: table, figure, HTML, else repr(). Default: when nothing else is printed or saved.',
  ),
  background: programArguments.background.describe(
    'Answer at once with a run_id; follow it with the tool runs. For more than a minute: give timeout, too.',
  ),
})

export function registerRunPython(server: McpServer, caller: Caller, _meta?: ToolMeta): void {
  server.registerTool(
    'run_python',
    {
      title: 'Run Python',
      description: `Runs a Python program in your working folder; returns its output, exit code, error and changed files. \
Do a whole workflow in one program: fetch, compute, save, print a short result. Files and installed packages persist between calls, \
variables do not. Missing packages are installed first; shell commands work through subprocess. Pictures, texts and other \
files that it saves come back; printing a file's path attaches it first. Save with relative paths.`,
      inputSchema: runPythonArguments,
      annotations: PROGRAM_ANNOTATIONS,
      ...(_meta && { _meta }),
    },
    (args, ctx) => answerWithProgram(caller, 'run_python', args, ctx),
  )
}

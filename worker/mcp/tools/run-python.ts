/** The `run_python` tool. */
import type { McpServer, StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { toolArguments } from '../arguments.ts'
import { fileContent, inlineText } from '../file-content.ts'
import type { Caller } from '../server.ts'
import { answerWithProgram, PROGRAM_ANNOTATIONS, programArguments } from './start-run.ts'

/** Files that one call writes. */
const MAX_FILES = 1_000
const MAX_PATH_CHARS = 1_000

export const runPythonArguments = toolArguments({
  ...programArguments,
  auto_install: z
    .boolean()
    .optional()
    .describe('Install missing packages before the program starts. Default: the setting auto_install (true).'),
  files: z
    .record(z.string(), fileContent)
    .refine((files) => Object.keys(files).length <= MAX_FILES, {
      error: `there are more than ${MAX_FILES}. Next: send an archive and unpack it with the program.`,
    })
    .refine((files) => Object.keys(files).every((path) => path !== '' && path.length <= MAX_PATH_CHARS), {
      error: `a path has 1 to ${MAX_PATH_CHARS} characters. Next: give another one.`,
    })
    .optional()
    .describe(
      'Files to write into the working folder first, by relative path: text, or bytes as "data:;base64,…". Existing ones are overwritten.',
    ),
  stdin: inlineText
    .optional()
    .describe('What the program reads from standard input. Without it, input() gets end-of-file.'),
  show_last: z
    .boolean()
    .optional()
    .describe(
      'Show the last expression’s value as a notebook does: a table as text and CSV, a figure as a picture, HTML as a file, else its repr(). A final semicolon hides it. Default: false.',
    ),
  background: z
    .boolean()
    .optional()
    .describe(
      'Answer at once with a run_id and let the program go on by itself; follow it with the tool runs. For what takes longer than a minute: give the timeout, too.',
    ),
})

export type RunPython = StandardSchemaWithJSON.InferOutput<typeof runPythonArguments>

export function registerRunPython(server: McpServer, caller: Caller): void {
  server.registerTool(
    'run_python',
    {
      title: 'Run Python',
      description: `Runs a Python program in your working folder and returns its output, exit code, errors and file changes. \
Do whole workflows in one program: fetch, compute, save, and print a short result. Files and installed packages persist between \
calls; variables do not. Shell commands work through subprocess. Missing packages are installed before the program starts. \
Output streams as progress while it runs. Pictures, texts and other files that it saves come back with the result; printing a \
file's path puts it first. Save with relative paths; plt.show() saves its figures too.`,
      inputSchema: runPythonArguments,
      annotations: PROGRAM_ANNOTATIONS,
    },
    (args, ctx) => answerWithProgram(caller, args, ctx),
  )
}

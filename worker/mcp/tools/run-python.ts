/** The `run_python` tool. */
import type { McpServer, StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { toolArguments } from '../arguments/arguments.ts'
import { envProblem } from '../../run/program/env.ts'
import { fileContent, inlineText } from '../arguments/file-content.ts'
import type { Caller } from '../caller.ts'
import { answerWithProgram, PROGRAM_ANNOTATIONS, programArguments } from './start-run.ts'

/** Files that one call writes. */
const MAX_FILES = 1_000
const MAX_PATH_CHARS = 1_000

/** Models write ports and switches as numbers and booleans. */
const envValue = z.preprocess(
  (given) => (typeof given === 'number' || typeof given === 'boolean' ? String(given) : given),
  inlineText,
)

export const runPythonArguments = toolArguments({
  code: programArguments.code.describe('Python source, run as a file (__main__). Print what you want to see.'),
  description: programArguments.description.describe('What the run is for. Runs with the same words belong together.'),
  timeout: programArguments.timeout.describe(
    'Seconds it may run; output until then is kept. Default: the setting default_timeout (50).',
  ),
  auto_install: z.boolean().optional().describe('Default: the setting auto_install (true).'),
  files: z
    .record(z.string(), fileContent)
    .refine((files) => Object.keys(files).length <= MAX_FILES, {
      error: `there are more than ${MAX_FILES}. Next: send an archive and unpack it with the program.`,
    })
    .refine((files) => Object.keys(files).every((path) => path !== '' && path.length <= MAX_PATH_CHARS), {
      error: `a path has 1 to ${MAX_PATH_CHARS} characters. Next: give another one.`,
    })
    .optional()
    .describe('Written before it starts, by relative path: text, or bytes as "data:;base64,…". Overwrites.'),
  stdin: inlineText.optional().describe('Without it, input() gets end-of-file.'),
  env: z
    .record(z.string(), envValue)
    .superRefine((env, ctx) => {
      const problem = envProblem(env)
      if (problem !== null) ctx.addIssue({ code: 'custom', message: problem })
    })
    .optional()
    .describe('Environment variables.'),
  show_last: z
    .boolean()
    .optional()
    .describe(
      'Show the last expression’s value: table, figure, HTML, else repr(). Default: when nothing else is printed or saved.',
    ),
  background: z
    .boolean()
    .optional()
    .describe('Answer at once with a run_id; follow it with the tool runs. For more than a minute: give timeout, too.'),
})

export type RunPython = StandardSchemaWithJSON.InferOutput<typeof runPythonArguments>

export function registerRunPython(server: McpServer, caller: Caller): void {
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
    },
    (args, ctx) => answerWithProgram(caller, 'run_python', args, ctx),
  )
}

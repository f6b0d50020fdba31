/** The `run_python` tool. */
import type { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { runOutcome } from '../../run/outcome.ts'
import { stripFence } from '../../run/program.ts'
import { fileContent } from '../../run/protocol.ts'
import { platformErrorWords } from '../../run/words.ts'
import { INSTALL_TIMEOUT_S, MAX_TIMEOUT_S, MIN_TIMEOUT_S, ORPHAN_GRACE_S } from '../../settings/settings.ts'
import { reportProgress } from '../progress.ts'
import { runResult } from '../result.ts'
import type { Caller } from '../server.ts'

/** Longest program, in characters. */
const MAX_CODE_CHARS = 2 * 1024 * 1024

const inputSchema = z.strictObject({
  code: z
    .string()
    .max(MAX_CODE_CHARS)
    .refine((code) => code.trim() !== '', 'code must not be empty')
    .describe('The program: plain Python source, run as a file of its own (__main__). Print what you want to see.'),
  description: z
    .string()
    .max(1000)
    .default('')
    .describe('What the run is for, in a few words. Runs with the same description belong together.'),
  timeout: z
    .int()
    .min(MIN_TIMEOUT_S)
    .max(MAX_TIMEOUT_S)
    .optional()
    .describe(
      'Seconds the program may run; the output so far is kept when it is stopped. Default: the setting default_timeout (50).',
    ),
  auto_install: z
    .boolean()
    .optional()
    .describe('Install missing packages before the program starts. Default: the setting auto_install (true).'),
  files: z
    .record(z.string().min(1).max(1000), fileContent)
    .optional()
    .describe(
      'Files to write into the working folder first, by relative path: text, or { "base64": … }. Existing ones are overwritten.',
    ),
  stdin: z
    .string()
    .optional()
    .describe('What the program reads from standard input. Without it, input() gets end-of-file.'),
})

export function registerRunPython(server: McpServer, caller: Caller): void {
  server.registerTool(
    'run_python',
    {
      title: 'Run Python',
      description: `Runs a Python program in your working folder and returns its output, exit code, errors and file changes. \
Do whole workflows in one program: fetch, compute, save, and print a short result. Files and installed packages persist between \
calls; variables do not. Shell commands work through subprocess. Missing packages are installed before the program starts. \
Output streams as progress while it runs. Save files with relative paths; they are listed in the result.`,
      inputSchema,
      outputSchema: runOutcome,
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
    },
    async (args, ctx) => {
      const settings = caller.settings()
      try {
        const run = caller.startRun(
          {
            code: stripFence(args.code),
            ...(args.files && { files: args.files }),
            stdin: args.stdin,
            timeout_s: args.timeout ?? settings.default_timeout,
            auto_install: args.auto_install ?? settings.auto_install,
            max_output_bytes: settings.max_output_bytes,
            orphan_grace_s: ORPHAN_GRACE_S,
            install_timeout_s: INSTALL_TIMEOUT_S,
          },
          args.description.trim().toLowerCase(),
          ctx.mcpReq.id,
        )
        ctx.mcpReq.signal.addEventListener('abort', () => run.cancel())
        if (ctx.mcpReq.signal.aborted) run.cancel()
        await reportProgress(run, ctx.mcpReq, () => caller.clientReady())
        return runResult(await run.outcome)
      } catch (error) {
        return { isError: true, content: [{ type: 'text', text: platformErrorWords(error) }] }
      }
    },
  )
}

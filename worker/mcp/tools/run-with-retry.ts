/** The `run_with_retry` tool. */
import type { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { runWithRetry, waitFor } from '../../run/retry.ts'
import { MAX_RETRIES } from '../../settings/settings.ts'
import { toolArguments } from '../arguments.ts'
import type { Caller } from '../server.ts'
import { answerWithRun, PROGRAM_ANNOTATIONS, programArguments, startProgram } from './start-run.ts'

const inputSchema = toolArguments({
  code: programArguments.code,
  description: programArguments.description,
  max_retries: z
    .int()
    .min(0)
    .max(MAX_RETRIES)
    .optional()
    .describe('Runs after the first one, at most. Default: the setting max_retries (3).'),
  timeout: programArguments.timeout.describe(
    'Seconds that each attempt may run. Default: the setting default_timeout (50).',
  ),
})

export function registerRunWithRetry(server: McpServer, caller: Caller): void {
  server.registerTool(
    'run_with_retry',
    {
      title: 'Run Python, again if that may help',
      description: `Runs a Python program as run_python does, and again, after a growing pause, when it failed for a reason that may \
pass by itself: a broken connection, a rate limit, an overloaded service, a locked database. Any other failure is run once and \
explained; a time-out or a limit says what to change. Each attempt starts the program from the top, so make it safe to repeat: \
what an attempt did before it failed stays done. A program that handles its own errors asks for another attempt with sys.exit(75).`,
      inputSchema,
      annotations: PROGRAM_ANNOTATIONS,
    },
    (args, ctx) =>
      answerWithRun(caller, ctx, () =>
        runWithRetry({
          start: () => startProgram(caller, args, ctx.mcpReq.id),
          maxRetries: args.max_retries ?? caller.settings().max_retries,
          random: Math.random,
          wait: waitFor,
        }),
      ),
  )
}

/** The `run_with_retry` tool. */
import type { McpServer } from '@modelcontextprotocol/server'
import * as z from 'zod'
import { runWithRetry } from '../../run/execution/retry.ts'
import { pause } from '../../waiting.ts'
import { MAX_RETRIES } from '../../run/contract/bounds.ts'
import { toolArguments } from '../arguments/arguments.ts'
import { programArguments } from '../arguments/program.ts'
import { answerWithRun, PROGRAM_ANNOTATIONS, startProgram } from '../call-program.ts'
import type { Caller } from '../caller.ts'
import type { ToolMeta } from '../view.ts'

const inputSchema = toolArguments({
  code: programArguments.code,
  description: programArguments.description,
  max_retries: z
    .int()
    .min(0)
    .max(MAX_RETRIES)
    .optional()
    .describe('Runs after the first. Default: the setting max_retries (3).'),
  timeout: programArguments.timeout.describe('Seconds of each attempt.'),
})

export function registerRunWithRetry(server: McpServer, caller: Caller, _meta?: ToolMeta): void {
  server.registerTool(
    'run_with_retry',
    {
      title: 'Run Python, again if that may help',
      description: `Runs a program as run_python does, and again, after growing pauses, while its failure may pass: a broken connection, \
a rate limit, a locked database. Other failures run once. Each attempt starts from the top: make \
it safe to repeat. sys.exit(75) asks for another.`,
      inputSchema,
      annotations: PROGRAM_ANNOTATIONS,
      ...(_meta && { _meta }),
    },
    (args, ctx) =>
      answerWithRun(caller, ctx, () =>
        runWithRetry({
          start: () => startProgram(caller, 'run_with_retry', args, ctx.mcpReq.id),
          maxRetries: args.max_retries ?? caller.settings().max_retries,
          random: Math.random,
          wait: pause,
        }),
      ),
  )
}

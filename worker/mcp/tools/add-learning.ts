/** The `add_learning` tool. */
import type { McpServer } from '@modelcontextprotocol/server'
import { LIMITS, tagsOf } from '../../learning/learning.ts'
import { toolArguments } from '../arguments/arguments.ts'
import { boundedText } from '../arguments/bounded-text.ts'
import { tagList } from '../arguments/tag-list.ts'
import { recordResult } from '../results/learnings.ts'
import type { LearningsCaller } from '../caller.ts'

const inputSchema = toolArguments({
  error_pattern: boundedText(LIMITS.problem)
    .trim()
    .min(1)
    .describe('Best its last traceback line. Its words are compared; it is no regular expression.'),
  solution: boundedText(LIMITS.solution).trim().min(1),
  context: boundedText(LIMITS.context).describe('Library, version, kind of task.'),
  tags: tagList.describe(`Comma-separated, at most ${LIMITS.tags}.`),
})

export function registerAddLearning(server: McpServer, caller: LearningsCaller): void {
  server.registerTool(
    'add_learning',
    {
      title: 'Add a learning',
      description: `Records how an error was solved. It is shown when a program fails with the same error, and whether it helped is \
counted. For what a later reader could not guess.`,
      inputSchema,
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    },
    ({ error_pattern, solution, context, tags }) =>
      recordResult(caller, {
        kind: 'error',
        problem: error_pattern,
        failed_approach: '',
        solution,
        context,
        tags: tagsOf(tags),
      }),
  )
}

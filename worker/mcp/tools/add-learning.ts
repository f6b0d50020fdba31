/** The `add_learning` tool. */
import type { McpServer } from '@modelcontextprotocol/server'
import { LIMITS, tagsOf } from '../../learning/learning.ts'
import { toolArguments } from '../arguments.ts'
import { boundedText } from '../bounded-text.ts'
import { recordResult } from '../learning-result.ts'
import type { Learnings } from '../learnings-caller.ts'

const inputSchema = toolArguments({
  error_pattern: boundedText(LIMITS.problem)
    .trim()
    .min(1)
    .describe(
      'The error, best as its last traceback line ("ValueError: could not convert …"). Its words are compared, it is not a regular expression.',
    ),
  solution: boundedText(LIMITS.solution).trim().min(1).describe('What solved it, concretely.'),
  context: boundedText(LIMITS.context).describe('When it happens: library, version, kind of task.'),
  tags: tagList(),
})

/** A comma list. */
export function tagList() {
  return boundedText(LIMITS.tags * (LIMITS.tag + 2), 'give fewer')
    .default('')
    .describe(`Comma-separated, at most ${LIMITS.tags}.`)
}

export function registerAddLearning(server: McpServer, caller: Learnings): void {
  server.registerTool(
    'add_learning',
    {
      title: 'Add a learning',
      description: `Records how an error was solved. It is shown by itself when a program fails with the same error, and whether it \
helped is counted from the next run. Use it for what a later reader could not guess; secrets are removed.`,
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

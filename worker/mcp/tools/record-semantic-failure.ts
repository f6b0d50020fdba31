/** The `record_semantic_failure` tool. */
import type { McpServer } from '@modelcontextprotocol/server'
import { LIMITS, tagsOf } from '../../learning/learning.ts'
import { toolArguments } from '../arguments/arguments.ts'
import { boundedText } from '../arguments/bounded-text.ts'
import { tagList } from '../arguments/tag-list.ts'
import { recordResult } from '../results/learnings.ts'
import type { LearningsCaller } from '../caller.ts'

const inputSchema = toolArguments({
  objective: boundedText(LIMITS.problem).trim().min(1).describe('Best as in run_python’s description.'),
  failed_approach: boundedText(LIMITS.failed_approach).trim().min(1),
  successful_approach: boundedText(LIMITS.solution).trim().min(1),
  context: boundedText(LIMITS.context).default(''),
  tags: tagList,
})

export function registerRecordSemanticFailure(server: McpServer, caller: LearningsCaller): void {
  server.registerTool(
    'record_semantic_failure',
    {
      title: 'Record a semantic failure',
      description: `Records that a program ran without an error but did not do the job, and what did. It is shown with runs of the \
same objective.`,
      inputSchema,
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    },
    ({ objective, failed_approach, successful_approach, context, tags }) =>
      recordResult(caller, {
        kind: 'semantic',
        problem: objective,
        failed_approach,
        solution: successful_approach,
        context,
        tags: tagsOf(tags),
      }),
  )
}

/** The `get_learnings` tool. */
import type { McpServer } from '@modelcontextprotocol/server'
import * as z from 'zod'
import { learningKind, MAX_SEARCH_CHARS } from '../../learning/learning.ts'
import { toolArguments } from '../arguments/arguments.ts'
import { boundedText } from '../arguments/bounded-text.ts'
import { foundResult } from '../results/learnings.ts'
import type { LearningsCaller } from '../caller.ts'

const inputSchema = toolArguments({
  search: boundedText(MAX_SEARCH_CHARS, 'search for fewer words')
    .default('')
    .describe('Words, or a learning’s id. Empty: the newest.'),
  kind: learningKind.optional(),
  limit: z.int().min(1).max(50).default(10),
})

export function registerGetLearnings(server: McpServer, caller: LearningsCaller): void {
  server.registerTool(
    'get_learnings',
    {
      title: 'Get learnings',
      description: `Searches what failures taught: errors with their solutions, approaches that did not do the job. \
Look here before a task that has gone wrong before.`,
      inputSchema,
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    },
    (query) => foundResult(caller.searchLearnings(query), query),
  )
}

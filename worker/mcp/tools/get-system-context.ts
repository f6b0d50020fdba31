/** The `get_system_context` tool. */
import type { McpServer } from '@modelcontextprotocol/server'
import { requestErrorWords } from '../../run/words/platform.ts'
import { toolArguments } from '../arguments/arguments.ts'
import { refusedResult, toolResult } from '../results/tool-result.ts'
import type { ContextSource } from '../caller.ts'
import { contextText, readContext } from '../context.ts'

const inputSchema = toolArguments({})

export function registerGetSystemContext(server: McpServer, source: ContextSource): void {
  server.registerTool(
    'get_system_context',
    {
      title: 'Get system context',
      description: `What to know before writing a program: Python, system, working folder and its newest files, installed packages, \
limits, the most helpful learnings, tips.`,
      inputSchema,
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    },
    async () => {
      try {
        const context = await readContext(source)
        return toolResult(contextText(context), context)
      } catch (error) {
        return refusedResult(requestErrorWords(error, 'Nothing is known of it for now.'))
      }
    },
  )
}

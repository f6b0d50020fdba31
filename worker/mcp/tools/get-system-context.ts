/** The `get_system_context` tool, and the resource with the same text. */
import type { McpServer } from '@modelcontextprotocol/server'
import { requestErrorWords } from '../../run/words.ts'
import { toolArguments } from '../arguments/arguments.ts'
import { refusedResult, toolResult } from '../results/tool-result.ts'
import type { ContextSource } from '../caller.ts'
import { contextText, readContext } from '../context.ts'

export function registerGetSystemContext(server: McpServer, source: ContextSource): void {
  server.registerTool(
    'get_system_context',
    {
      title: 'Get system context',
      description: `What to know before writing a program: Python, system, working folder and its newest files, installed packages, \
limits, the most helpful learnings, tips.`,
      inputSchema: toolArguments({}),
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

export function registerContextResource(server: McpServer, source: ContextSource): void {
  server.registerResource(
    'context',
    'codemode://context',
    {
      title: 'System context',
      description: 'What to know before writing a program, as get_system_context says it.',
      mimeType: 'text/plain',
    },
    async (uri) => {
      try {
        const text = contextText(await readContext(source))
        return { contents: [{ uri: uri.href, mimeType: 'text/plain', text }] }
      } catch (cause) {
        throw new Error(requestErrorWords(cause, 'Nothing is known of it for now.'), { cause })
      }
    },
  )
}

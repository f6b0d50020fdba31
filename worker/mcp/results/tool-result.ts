/**
 * Answer of a tool. A model sees `content`. The same facts as data are for programs, and stand in `_meta`: where a result has
 * `structuredContent`, the largest hosts give their model its JSON in place of `content`, and pictures and texts of files are lost.
 */
import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/server'

/** Key in `_meta` of a result's data. */
const DATA_KEY = 'codemode/data'

/** Text first, as some hosts show no more than the first block. */
export type ResultContent = string | [text: { type: 'text'; text: string }, ...files: ContentBlock[]]

/** A result with its data. `isError`: the model has something to mend. */
export function toolResult(content: ResultContent, data: object, isError = false): CallToolResult {
  return {
    content: typeof content === 'string' ? [{ type: 'text', text: content }] : content,
    _meta: { [DATA_KEY]: data },
    ...(isError && { isError }),
  }
}

/** A refusal and the next step, without data. */
export function refusedResult(reason: string): CallToolResult {
  return { isError: true, content: [{ type: 'text', text: reason }] }
}

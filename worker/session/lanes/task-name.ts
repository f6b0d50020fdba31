/**
 * The header `Mcp-Name` of a request about a task. It is for those who route requests before they read them, which nobody does here, and
 * FastMCP leaves it out; the SDK refuses that. A header that is there stays as it is: one that says another thing than the body is an error.
 */
import * as z from 'zod'
import { parsedJson } from '../../text/parsed-json.ts'

const aboutTask = z.object({
  method: z.enum(['tasks/get', 'tasks/update', 'tasks/cancel']),
  // An id of ours. Others lead nowhere, and might not be allowed in a header.
  params: z.object({ taskId: z.string().regex(/^[\x21-\x7e]{1,200}$/) }),
})

/** Adds the header where it is missing. `text`: the body of the request with these headers. */
export function nameTask(headers: Headers, text: string): void {
  if (headers.has('mcp-name') || headers.get('mcp-method')?.startsWith('tasks/') !== true) return
  const task = aboutTask.safeParse(parsedJson(text)).data
  if (task !== undefined) headers.set('mcp-name', task.params.taskId)
}

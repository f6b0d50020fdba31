/**
 * The header `Mcp-Name` of a request about a task. It is for routers that do not read bodies, of which there is none here, and FastMCP
 * leaves it out; the SDK refuses that. A header that is there stays as it is: one that differs from the body is an error.
 */
import * as z from 'zod'

const aboutTask = z.object({
  method: z.enum(['tasks/get', 'tasks/update', 'tasks/cancel']),
  // An id of ours. Others lead nowhere, and might not be allowed in a header.
  params: z.object({ taskId: z.string().regex(/^[\x21-\x7e]{1,200}$/) }),
})

/** Adds the header where it is missing. `message`: the body of the request with these headers. */
export function nameTask(headers: Headers, message: unknown): void {
  if (headers.has('mcp-name') || headers.get('mcp-method')?.startsWith('tasks/') !== true) return
  const task = aboutTask.safeParse(message).data
  if (task !== undefined) headers.set('mcp-name', task.params.taskId)
}

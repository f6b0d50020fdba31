/** An MCP client's own name: kept with its user's learnings, and never trusted for anything. */
import * as z from 'zod'

const MAX_CHARS = 100
/** Name of a client that gives none. */
export const UNNAMED = 'unknown'
const CLIENT_INFO = 'io.modelcontextprotocol/clientInfo'

const info = z.object({ name: z.string() })
/** `initialize` of the 2025 revisions, or any request of 2026-07-28. */
const message = z.object({
  params: z.object({ clientInfo: info.optional(), _meta: z.object({ [CLIENT_INFO]: info.optional() }).optional() }),
})

export function clientNameOf(request: unknown): string {
  const { data } = message.safeParse(request)
  return (data?.params.clientInfo ?? data?.params._meta?.[CLIENT_INFO])?.name.slice(0, MAX_CHARS) ?? UNNAMED
}

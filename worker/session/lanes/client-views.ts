/** What a message tells of a client's views of runs (the extension MCP Apps). */
import { CLIENT_CAPABILITIES_META_KEY } from '@modelcontextprotocol/server'
import * as z from 'zod'

const EXTENSION = 'io.modelcontextprotocol/ui'
const VIEW_TYPE = 'text/html;profile=mcp-app'

const capabilities = z.object({
  extensions: z.object({ [EXTENSION]: z.object({ mimeTypes: z.array(z.unknown()).optional() }) }),
})
/** `initialize` of the 2025 revisions, or any request of 2026-07-28. */
const declaration = z.union([
  z.object({ method: z.literal('initialize'), params: z.object({ capabilities }) }),
  z
    .object({ params: z.object({ _meta: z.object({ [CLIENT_CAPABILITIES_META_KEY]: capabilities }) }) })
    .transform(({ params }) => ({ params: { capabilities: params._meta[CLIENT_CAPABILITIES_META_KEY] } })),
])

/** Returns whether the client that declares itself in this message shows views. */
export function showsViews(message: unknown): boolean {
  const { data } = declaration.safeParse(message)
  if (data === undefined) return false
  const { mimeTypes } = data.params.capabilities.extensions[EXTENSION]
  return mimeTypes === undefined || mimeTypes.includes(VIEW_TYPE)
}

const stepsCall = z.object({ method: z.literal('tools/call'), params: z.object({ name: z.literal('run_log') }) })

/** Returns whether a message asks for steps of a run, as a view does many times. Whoever misses the answer asks again. */
export function asksForSteps(message: unknown): boolean {
  return stepsCall.safeParse(message).success
}

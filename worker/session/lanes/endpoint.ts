/** `/mcp`: reads a request's body once, refuses requests that neither lane shall see, and gives the rest to the lane of its revision. */
import {
  DEFAULT_MAX_REQUEST_BODY_SIZE,
  isLegacyRequest,
  ProtocolErrorCode,
  readRequestBody,
} from '@modelcontextprotocol/server'
import type { VerifiedCaller } from '../../auth/caller.ts'
import { askedTools } from '../../mcp/tools.ts'
import { nothingAt } from '../http/nothing-at.ts'
import type { OpenStreams } from '../http/open-streams.ts'
import type { RoutedRequest, Router } from '../http/router.ts'
import { newScope, requestScope } from './request-scope.ts'
import { answerForm, asJson, BOTH_FORMS } from './accept.ts'
import { clientNameOf, UNNAMED } from './client-name.ts'
import { jsonRpcError } from './json-rpc-error.ts'
import type { Lane2025 } from './lane-2025.ts'
import type { Lane2026 } from './lane-2026.ts'
import { showsViews } from './client-views.ts'
import { tooLongText } from './message-bounds.ts'
import { wrongMeta } from './request-meta.ts'
import { nameTask } from './task-name.ts'
import { parsedJson } from '../../text/parsed-json.ts'

export interface EndpointDeps {
  lane2025: Lane2025
  lane2026: Lane2026
  /** The 403 for a message, or batch, that the token may not send, or null. */
  missingScope: (caller: VerifiedCaller, message: unknown, requested: URL) => Response | null
  /** A client that may run programs has sent a request. */
  runnerExpected: () => void
  /** As `OpenStreams.add`, of an answer that is being sent. */
  opened: OpenStreams['add']
  /** A client's request was answered. `life`: stays the same from one request of a client to the next. */
  seen: (caller: VerifiedCaller, life: string, name: () => string | null) => void
}

export function mcpRouter(deps: EndpointDeps): Router<'/mcp'> {
  return { handlers: { '/mcp': { ANY: (routed) => answer(routed, deps) } } }
}

async function answer({ request, url, caller }: RoutedRequest, deps: EndpointDeps): Promise<Response> {
  if (caller === null) return nothingAt(url)
  const asked = askedTools(url.searchParams)
  if ('refused' in asked) return jsonRpcError(400, ProtocolErrorCode.InvalidParams, asked.refused)
  if (caller.scopes.includes('python:run')) deps.runnerExpected()
  const read = await readRequestBody(request)
  if (read.tooLarge) {
    const words = `Request body exceeds ${DEFAULT_MAX_REQUEST_BODY_SIZE} bytes. Next: send large data as a file (PUT /files/{path}).`
    return jsonRpcError(413, -32000, words)
  }
  const { text } = read
  const message = parsedJson(text)
  const lacking = deps.missingScope(caller, message, url)
  if (lacking !== null) return lacking
  const { method, signal } = request
  const headers = new Headers(request.headers)
  const form = method === 'POST' ? answerForm(headers.get('accept')) : 'events'
  if (form === 'none') headers.delete('accept')
  else headers.set('accept', BOTH_FORMS)
  nameTask(headers, message)
  // With its body in memory the request can be looked at before it is routed, and refused without being read.
  const whole = new Request(request.url, { method, headers, signal, ...(text !== '' && { body: text }) })
  const offer = { tools: asked.tools, views: showsViews(message) }
  const scope = newScope(url.origin, () => clientNameOf(message), offer)
  return requestScope.run(scope, async () => {
    // The SDK has words for a body that is no JSON: it reads that itself.
    const legacy = await isLegacyRequest(whole, message ?? undefined)
    const refused = tooLongText(message) ?? wrongMeta(message)
    if (refused !== null) {
      // 2026-07-28 wants the status of a bad request; earlier clients take any but 200 for a broken connection.
      const isSession = legacy || headers.has('mcp-session-id')
      const status = isSession && refused.id !== null ? 200 : 400
      return Response.json({ jsonrpc: '2.0', ...refused }, { status })
    }
    const response = await (legacy ? deps.lane2025.fetch(whole) : deps.lane2026.fetch(whole, message, scope.meter))
    if (response.ok) {
      const life = headers.get('mcp-session-id') ?? clientNameOf(message)
      deps.seen(caller, life, () => (scope.clientName() === UNNAMED ? null : scope.clientName()))
    }
    const events = await scope.meter.measure(response, (end) => deps.opened(caller, end))
    // A listening stream never ends with an answer.
    const listens = headers.get('mcp-method') === 'subscriptions/listen'
    return form === 'json' && !listens ? asJson(events, Array.isArray(message)) : events
  })
}

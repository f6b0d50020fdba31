/**
 * State of the one HTTP request that is being served. It travels by async context, because the MCP SDK calls tools and the event store
 * without passing anything of ours.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { RequestId } from '@modelcontextprotocol/server'
import type { OfferedTools } from '../../mcp/tools.ts'
import { ResponseMeter } from './response-meter.ts'

export interface RequestScope {
  meter: ResponseMeter
  /** Address at which the client reached us. */
  origin: string
  /** The client's own name. */
  clientName: () => string
  /** Tools that the address chooses. A transport session (2025) keeps those that it was opened with. */
  tools: OfferedTools
  /** The JSON-RPC requests of this POST (2025: several in a batch), with the runs that their tool calls started. */
  requests: Map<RequestId, string | null>
  /** Set when the body is a batch (2025). */
  isBatch: boolean
  /** The transport stream (2025) that answers this POST, once the transport has named it. */
  streamId?: string
  /** Set when the client has cancelled the only request: there is no answer to come, and nothing to keep. */
  cancelled?: true
}

/** The scope of a request that comes in at `origin`. */
export function newScope(origin: string, clientName: () => string, tools: OfferedTools = null): RequestScope {
  return { meter: new ResponseMeter(), origin, clientName, tools, requests: new Map(), isBatch: false }
}

export const requestScope = new AsyncLocalStorage<RequestScope>()

/** Own name of the client whose request is being answered. */
export function clientName(): string {
  return requestScope.getStore()?.clientName() ?? 'unknown'
}

/**
 * State of the one HTTP request that is being served. It travels by async context, because the MCP SDK calls tools and the event store
 * without passing anything of ours.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { RequestId } from '@modelcontextprotocol/server'
import type { Offer } from '../../mcp/tools.ts'
import { ResponseMeter } from './response-meter.ts'

export interface RequestScope {
  meter: ResponseMeter
  /** Address at which the client reached us. */
  origin: string
  /** The client's own name. */
  clientName: () => string
  /** What the client is offered. A transport session (2025) keeps what it was opened with. */
  offer: Offer
  /** The JSON-RPC requests of this POST (2025: several in a batch), with the runs that their tool calls started. */
  requests: Map<RequestId, string | null>
  /** Set when the answer is of no use later: it is not stored for a client that comes back (2025). */
  isFleeting: boolean
  /** Set when the body is a batch (2025). */
  isBatch: boolean
  /** The transport stream (2025) that answers this POST, once the transport has named it. */
  streamId?: string
  /** Set when the client has cancelled the only request: there is no answer to come, and nothing to keep. */
  cancelled?: true
}

/** The scope of a request that comes in at `origin`. */
export function newScope(
  origin: string,
  clientName: () => string,
  offer: Offer = { tools: null, views: false },
): RequestScope {
  const meter = new ResponseMeter()
  return { meter, origin, clientName, offer, requests: new Map(), isFleeting: false, isBatch: false }
}

export const requestScope = new AsyncLocalStorage<RequestScope>()

/** Own name of the client whose request is being answered. */
export function clientName(): string {
  return requestScope.getStore()?.clientName() ?? 'unknown'
}

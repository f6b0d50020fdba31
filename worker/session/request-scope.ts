/**
 * What belongs to the one HTTP request that is being served. It travels by async context, because the MCP SDK calls tools and the
 * event store without handing anything of ours through.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { RequestId } from '@modelcontextprotocol/server'
import type { ResponseMeter } from './response-meter.ts'

export interface RequestScope {
  meter: ResponseMeter
  /** Where the client reached us. */
  origin: string
  /** What the client calls itself. */
  clientName: () => string
  /** What answers the stream: a request (2025: the last one of a batch), and the run that its tool call started. */
  answer?: { requestId: RequestId; runId: string | null }
  /** The transport stream (2025) that answers this request, once the transport has named it. */
  streamId?: string
  /** Requests of this POST (2025: several in a batch) that have no answer yet. */
  unanswered: number
  /** The client has cancelled the last of them: there is no answer to come, and nothing to keep. */
  cancelled?: true
}

export const requestScope = new AsyncLocalStorage<RequestScope>()

/** The ids of the requests in a body (2025), which may be a batch, and the reasons why the SDK's transport could not tell them apart. */
import type { RequestId } from '@modelcontextprotocol/server'
import * as z from 'zod'
import type { OpenSession } from './transport-sessions.ts'

const requestWithId = z.object({ method: z.string(), id: z.union([z.string(), z.number()]) })

export function requestIds(body: unknown): RequestId[] {
  const messages: unknown[] = Array.isArray(body) ? body : [body]
  return messages.flatMap((each) => requestWithId.safeParse(each).data?.id ?? [])
}

/** The reason why requests with these ids are refused, and the next step; null when they are not. */
export function idProblem(session: OpenSession, ids: RequestId[]): string | null {
  if (new Set(ids).size < ids.length) {
    return 'two requests of the batch have the same id. Next: number them anew, and send it again.'
  }
  const underWay = ids.find((each) => isUnderWay(session, each))
  if (underWay === undefined) return null
  return `the request with the id ${JSON.stringify(underWay)} has no answer yet. Next: send this one with an id of its own, or cancel that one first.`
}

/**
 * Returns whether the transport would mix up a request of this id with another one. It keeps those of a batch until all have their answers.
 */
function isUnderWay({ unanswered, arriving }: OpenSession, id: RequestId): boolean {
  if (arriving.has(id) || unanswered.has(id)) return true
  return [...unanswered.values()].some(({ requests }) => requests.has(id))
}

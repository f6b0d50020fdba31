/** The way into a session: checks the caller, the budget and the scopes, and finds the handler. */
import { callerOf, ON_PAGE, type VerifiedCaller } from '../../auth/caller.ts'
import { isStorageFull, STORAGE_FULL } from '../../run/contract/errors.ts'
import { endedAccess, missingScope } from './access.ts'
import { newScope, requestScope } from '../lanes/request-scope.ts'
import { basePathOf, scopesOfRequest } from '../routes.ts'
import { afterBody } from '../http/discard-body.ts'
import { nothingAt } from '../http/nothing-at.ts'
import type { Routers } from './routers.ts'
import { dispatch } from '../http/router.ts'
import { tooManyRequests } from './too-many-requests.ts'

export interface DoorDeps {
  storage: DurableObjectStorage
  /** Lets one request through (0), or says in how many seconds the next one will be. */
  takeRequest: () => number
  /** A caller was let in beside /mcp, where clients have names. */
  letIn: (caller: VerifiedCaller) => void
  routers: Routers
}

/** Answers one request. Never rejects for want of room: that is a 507. */
export async function answerAtDoor(request: Request, deps: DoorDeps): Promise<Response> {
  try {
    return await afterBody(request, await answer(request, deps))
  } catch (error) {
    if (!isStorageFull(error)) throw error
    return Response.json({ error: STORAGE_FULL }, { status: 507 })
  }
}

async function answer(request: Request, { storage, takeRequest, letIn, routers }: DoorDeps): Promise<Response> {
  const url = new URL(request.url)
  const caller = callerOf(request)
  const refused =
    caller && (endedAccess(storage, caller) ?? missingScope(caller, scopesOfRequest(request.method, url.pathname), url))
  if (refused !== null) return refused
  const waitS = takeRequest()
  if (waitS > 0) return tooManyRequests(waitS)
  const base = basePathOf(url.pathname)
  if (base === null) return nothingAt(url)
  if (caller !== null && base !== '/mcp') letIn(caller)
  // Until its MCP message names it, a client is only known to speak HTTP.
  const scope = newScope(url.origin, () => (caller?.browserId !== undefined ? ON_PAGE : 'http'))
  return requestScope.run(scope, () => dispatch(routers[base], { request, url, caller }))
}

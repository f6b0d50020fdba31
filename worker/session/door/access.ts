/** Rights of a verified caller in this session: tokens that the user has ended since, and scopes. */
import { insufficientScope } from '@cloudflare/workers-oauth-provider'
import type { VerifiedCaller } from '../../auth/caller.ts'
import { REFRESH_TOKEN_IDLE_S } from '../../auth/refreshed-grants.ts'
import { resourceOf } from '../../auth/resource-names.ts'
import { orElse, readStored, storedTime, UNREADABLE } from '../../stored.ts'
import { ALL_SCOPES, type Scope, SCOPES, scopesOfMessage } from '../../auth/scopes.ts'

/** Key of the time before which no token counts. */
const REFUSED_BEFORE = 'tokens_refused_before'
/** Beginning of each ended grant's key, whose value is the time of the end. */
const ENDED_GRANT = 'ended_grant:'
/** The same of a browser that was signed out. */
const LEFT_BROWSER = 'left_browser:'
/** How long such a browser's note is kept, at least: an export that it began asks for its next entries until then. Milliseconds. */
const LEFT_BROWSER_MS = 24 * 60 * 60_000

/** Refuses, from now on, all access that was allowed before this time (milliseconds since 1970). It outlives the session's other data. */
export function refuseTokensBefore(storage: DurableObjectStorage, time: number): void {
  storage.kv.put(REFUSED_BEFORE, time)
}

/** Refuses, from now on, all access by this grant, for as long as a copy of it, or of a token, can be somewhere in KV. */
export function refuseGrant(storage: DurableObjectStorage, grantId: string, now: number): void {
  refuse(storage, ENDED_GRANT, grantId, now - REFRESH_TOKEN_IDLE_S * 1000, now)
}

/** Refuses what a browser still asks for that was signed out, such as the next entry of an export that it began before. */
export function refuseBrowser(storage: DurableObjectStorage, browserId: string, now: number): void {
  refuse(storage, LEFT_BROWSER, browserId, now - LEFT_BROWSER_MS, now)
}

function refuse(storage: DurableObjectStorage, prefix: string, id: string, forgottenBefore: number, now: number): void {
  for (const [key, stored] of storage.kv.list({ prefix }))
    if (orElse(readStored(storedTime, stored), now) <= forgottenBefore) storage.kv.delete(key)
  storage.kv.put(`${prefix}${id}`, now)
}

/** The 401 for access that was ended by signing out, here or everywhere, or with its grant, or null. The Worker adds the challenge. */
export function endedAccess(
  storage: DurableObjectStorage,
  { authorizedAt, grantId, browserId }: VerifiedCaller,
): Response | null {
  if (authorizedAt < refusedBefore(storage))
    return invalidToken('The user has signed out everywhere. Next: connect again.')
  if (grantId !== undefined && storage.kv.get(`${ENDED_GRANT}${grantId}`) !== undefined)
    return invalidToken('The connection of this app was ended. Next: connect again.')
  if (browserId !== undefined && storage.kv.get(`${LEFT_BROWSER}${browserId}`) !== undefined)
    return invalidToken('This browser was signed out. Next: sign in again.')
  return null
}

function refusedBefore(storage: DurableObjectStorage): number {
  const stored = storage.kv.get(REFUSED_BEFORE)
  const time = stored === undefined ? 0 : readStored(storedTime, stored)
  if (time !== UNREADABLE) return time
  // A token of unknown age counts as older: its user connects again, once.
  const now = Date.now()
  refuseTokensBefore(storage, now)
  return now
}

function invalidToken(error_description: string): Response {
  return Response.json({ error: 'invalid_token', error_description }, { status: 401 })
}

/** The 403 that names the missing scopes, or null when none is missing. */
export function missingScope(caller: VerifiedCaller, needed: Scope[], requested: URL): Response | null {
  const missing = needed.filter((scope) => !caller.scopes.includes(scope))
  if (missing.length === 0) return null
  const what = missing.map((scope) => `${scope} (${SCOPES[scope]})`).join(', ')
  // Clients ask for the named scopes and no more: those that the token has already are named, too.
  const all = [...caller.scopes, ...missing]
  const next =
    caller.grantId === undefined ? `make one at ${requested.origin}/account that may` : 'connect again and allow it'
  const description = `This token lacks ${what}. Next: ${next}.`
  return insufficientScope({ token: '', audience: resourceOf(requested), scope: [] }, all, description)
}

/** The 403 for the JSON-RPC message, or batch, of a POST to /mcp. */
export function missingScopeOfMessage(caller: VerifiedCaller, message: unknown, requested: URL): Response | null {
  if (ALL_SCOPES.every((scope) => caller.scopes.includes(scope))) return null
  return missingScope(caller, scopesOfMessage(message), requested)
}

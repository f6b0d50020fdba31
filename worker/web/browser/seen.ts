/** The clients of a user that have come, for their own pages. */
import type { Env } from '../../env.ts'
import { isStorageFull } from '../../run/contract/errors.ts'
import type { SeenClient } from '../../session/lanes/seen-clients.ts'
import type { AccountDeps, SessionControl } from '../session-control.ts'

/** MCP clients. */
export function seenBy(session: AccountDeps['session'], env: Env, userId: string): Promise<SeenClient[]> {
  return orNone(async () => (await session(env, userId)).seenClients(), [])
}

/** When each OAuth grant was used last beside /mcp. */
export function grantsSeenBy(
  session: AccountDeps['session'],
  env: Env,
  userId: string,
): ReturnType<SessionControl['seenGrants']> {
  return orNone(async () => (await session(env, userId)).seenGrants(), {})
}

async function orNone<T>(asked: () => Promise<T>, none: T): Promise<T> {
  try {
    return await asked()
  } catch (error) {
    if (!isStorageFull(error)) throw error
    return none // it could not be started: the pages about runs and files say so
  }
}

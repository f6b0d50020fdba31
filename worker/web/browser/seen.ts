/** The MCP clients of a user, for their own pages. */
import type { Env } from '../../env.ts'
import { isStorageFull } from '../../run/contract/errors.ts'
import type { SeenClient } from '../../session/lanes/seen-clients.ts'
import type { AccountDeps } from '../session-control.ts'

export async function seenBy(session: AccountDeps['session'], env: Env, userId: string): Promise<SeenClient[]> {
  try {
    return await (await session(env, userId)).seenClients()
  } catch (error) {
    if (!isStorageFull(error)) throw error
    return [] // it could not be started: the pages about runs and files say so
  }
}

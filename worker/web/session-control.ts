/** The session object of a user, as the pages use it beside its paths. */
import type { OAuthRoles } from '../auth/oauth.ts'
import type { Env } from '../env.ts'
import type { SeenClient } from '../session/lanes/seen-clients.ts'
import type { NotShared, Share, ShareDays } from '../session/sharing/shares.ts'
import type { SharedRun } from '../session/sharing/snapshot.ts'

/** Requests of the pages to a user's session object. */
export interface SessionControl {
  /** Refuses every token that was allowed before this time (milliseconds since 1970). */
  refuseTokensBefore(time: number): Promise<void>
  /** Ends what this browser has open. Lists of others are asked for again. */
  browserLeft(browserId: string): Promise<void>
  /** Refuses every token of this grant. */
  refuseGrant(grantId: string): Promise<void>
  /** Ends what a personal token that was revoked has open. */
  tokenEnded(tokenId: string): Promise<void>
  /** Ends the runs and deletes the workspace. Throws when the runner cannot be reached. */
  eraseWorkspace(): Promise<void>
  /** Resolves when there is room to store something. */
  storeSomething(): Promise<void>
  /** The MCP clients that have come; the one that came last stands first. */
  seenClients(): Promise<SeenClient[]>
  /** When each OAuth grant was used last beside /mcp: milliseconds since 1970. */
  seenGrants(): Promise<Record<string, number>>
  /** Links by which anybody may look at a run. */
  shares(): Promise<Share[]>
  /** Why no link can be made to a run; null where one can. */
  notShared(runId: string): Promise<NotShared | null>
  share(runId: string, days: ShareDays): Promise<Share | NotShared>
  endShare(id: string): Promise<void>
  /** What a link shows; null when it shows nothing. */
  sharedRun(id: string): Promise<(SharedRun & { expiresAt: number }) | null>
  sharedPicture(id: string, at: number): Promise<{ body: ArrayBuffer; mime: string } | null>
  /** Deletes everything that is kept for this user. May end with an error, as the object ends with it. */
  forget(): Promise<void>
}

export interface AccountDeps {
  rolesAt: (origin: string) => OAuthRoles
  session: (env: Env, userId: string) => Promise<SessionControl>
}

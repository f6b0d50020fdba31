/**
 * Spent refresh tokens in a user's account, as functions of its `sql`. The OAuth provider keeps a grant's newest token and the one before
 * it, in KV, which may show an older state elsewhere; these rows are the same for everybody at once.
 */
import * as z from 'zod'
import { orElse, readStored, storedTime } from '../stored.ts'

/** Longest time between two refreshes of a grant; then it ends. Seconds. */
export const REFRESH_TOKEN_IDLE_S = 30 * 24 * 60 * 60
/**
 * Most spent tokens kept of one grant: a year of hourly refreshes, in about 1 MB. With this many the grant ends. To forget the oldest would
 * let a thief refresh until the victim's token is unknown.
 */
export const MAX_SPENT_TOKENS = 10_000

/** Reason why a grant ended: a token of it came back, it was refreshed MAX_SPENT_TOKENS times, or it was taken from the app. */
const grantEnd = z.enum(['reused', 'worn out', 'disconnected'])
export type GrantEnd = z.infer<typeof grantEnd>

const grant = z.object({
  /** Hash of the token that was used last. It may be used again until its successor is used: a reply may have been lost. */
  latest: z.string(),
  /** Hash of the token that the reply had; null until that is known. */
  successor: z.string().nullable(),
  /** Time at which the successor became known. Milliseconds since 1970. */
  replied_at: z.number(),
  spent: z.number(),
  // An unknown reason, from another version, still ends the grant.
  ended: grantEnd.nullable().catch('disconnected'),
})

type Grant = z.infer<typeof grant>

const UNREADABLE_GRANT: Grant = { latest: '', successor: null, replied_at: 0, spent: 0, ended: 'disconnected' }

export interface EndedConnection {
  client: string
  /** Milliseconds since 1970. */
  endedAt: number
}

type Sql = SqlStorage

export function createRefreshTables(sql: Sql): void {
  sql.exec(`
    CREATE TABLE IF NOT EXISTS refreshed_grants (
      grant_id TEXT PRIMARY KEY, client TEXT NOT NULL, latest TEXT NOT NULL, successor TEXT, spent INTEGER NOT NULL,
      replied_at INTEGER NOT NULL, used_at INTEGER NOT NULL, ended TEXT
    ) STRICT;
    CREATE TABLE IF NOT EXISTS spent_refresh_tokens (
      grant_id TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (grant_id, hash)
    ) STRICT, WITHOUT ROWID;`)
}

/** A token that the provider found good. */
export interface UsedToken {
  grantId: string
  hash: string
  /** The client's name, for people to read. */
  client: string
  /** Time of the request with it. Milliseconds since 1970. */
  askedAt: number
}

/** Notes the use of a token. Returns how its grant ended instead, or null. */
export function useRefreshToken(sql: Sql, { grantId, hash, client, askedAt }: UsedToken, now: number): GrantEnd | null {
  forgetOldGrants(sql, now)
  const known = findGrant(sql, grantId)
  if (known?.ended) return known.ended
  const isRepeat = known?.latest === hash
  // KV still shows the grant as it was before the use of this token.
  if (!isRepeat && isSpent(sql, grantId, hash)) return endGrant(sql, grantId, 'reused', now)
  if (known !== null && known.spent >= MAX_SPENT_TOKENS) return endGrant(sql, grantId, 'worn out', now)
  // A repeat says that the reply was lost. Should the token of that reply show up, the reply had arrived, and two hold the token. A request
  // that came before the reply went out says nothing: one client may have asked twice at one moment.
  const lost = isRepeat && askedAt >= known.replied_at ? known.successor : null
  const spent = isRepeat ? lost : hash
  if (spent !== null) sql.exec('INSERT INTO spent_refresh_tokens VALUES (?, ?) ON CONFLICT DO NOTHING', grantId, spent)
  sql.exec(
    `INSERT INTO refreshed_grants VALUES (?, ?, ?, NULL, 1, 0, ?, NULL) ON CONFLICT (grant_id) DO UPDATE SET
       latest = excluded.latest, successor = NULL, spent = spent + 1, used_at = excluded.used_at`,
    grantId,
    client,
    hash,
    now,
  )
  return null
}

/** Stores the successor that the reply to a used token gave. */
export function noteSuccessor(sql: Sql, grantId: string, hash: string, successor: string, now: number): void {
  sql.exec(
    'UPDATE refreshed_grants SET successor = ?, replied_at = ? WHERE grant_id = ? AND latest = ? AND ended IS NULL',
    successor,
    now,
    grantId,
    hash,
  )
}

/** Returns whether a token that the provider did not know is a spent one, which ends its grant. */
export function isReuse(sql: Sql, grantId: string, hash: string, now: number): boolean {
  const known = findGrant(sql, grantId)
  if (known === null || !isSpent(sql, grantId, hash)) return false
  // The token that was used last is good, unless KV is behind.
  if (known.latest === hash && known.ended === null) return false
  if (known.ended === null) endGrant(sql, grantId, 'reused', now)
  return true
}

/** Ends a grant for good: a copy that comes back in KV does not refresh either. The first reason stays. */
export function endGrant<End extends GrantEnd>(sql: Sql, grantId: string, ended: End, now: number): End {
  sql.exec(
    `INSERT INTO refreshed_grants VALUES (?, '', '', NULL, 0, 0, ?, ?) ON CONFLICT (grant_id) DO UPDATE SET
       ended = COALESCE(ended, excluded.ended), used_at = excluded.used_at`,
    grantId,
    now,
    ended,
  )
  return ended
}

/** Connections that ended because a token came back, newest first. */
export function reusedConnections(sql: Sql, now: number): EndedConnection[] {
  forgetOldGrants(sql, now)
  return sql
    .exec<{ client: string; used_at: number }>(
      `SELECT client, used_at FROM refreshed_grants WHERE ended = 'reused' ORDER BY used_at DESC`,
    )
    .toArray()
    .map(({ client, used_at }) => ({ client, endedAt: orElse(readStored(storedTime, used_at), 0) }))
}

/** A grant that was not refreshed for this long is over in KV, too, and so are its tokens. */
function forgetOldGrants(sql: Sql, now: number): void {
  const oldest = now - REFRESH_TOKEN_IDLE_S * 1000
  sql.exec(
    `DELETE FROM spent_refresh_tokens WHERE grant_id IN (SELECT grant_id FROM refreshed_grants WHERE used_at <= ?)`,
    oldest,
  )
  sql.exec('DELETE FROM refreshed_grants WHERE used_at <= ?', oldest)
}

/** A grant that cannot be read is over: nobody knows which of its tokens were used. */
function findGrant(sql: Sql, grantId: string): Grant | null {
  const [row] = sql.exec('SELECT * FROM refreshed_grants WHERE grant_id = ?', grantId).toArray()
  return row === undefined ? null : orElse(readStored(grant, row), UNREADABLE_GRANT)
}

function isSpent(sql: Sql, grantId: string, hash: string): boolean {
  const found = sql.exec('SELECT 1 FROM spent_refresh_tokens WHERE grant_id = ? AND hash = ?', grantId, hash)
  return found.toArray().length > 0
}

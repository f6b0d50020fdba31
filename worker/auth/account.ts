/** One user's account: identity, signed-in browsers and personal tokens. Secrets are kept as hashes. */
import { DurableObject } from 'cloudflare:workers'
import * as z from 'zod'
import type { Env } from '../env.ts'
import { type Identity, identitySchema } from './identity/identity.ts'
import { randomSecret, sha256 } from './keys.ts'
import {
  createRefreshTables,
  endGrant,
  type EndedConnection,
  type GrantEnd,
  isReuse,
  noteSuccessor,
  reusedConnections,
  type UsedToken,
  useRefreshToken,
} from './refreshed-grants.ts'
import { orElse, readStored, readStoredJson, storedTime, UNREADABLE } from '../stored.ts'
import { isScope, type Scope } from './scopes.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/** Life of a browser's sign-in. Milliseconds. */
const BROWSER_LIFE_MS = 30 * DAY_MS
/**
 * Life of a sign-in at a local server: a working day. Cookies know no ports: another server on this machine's loopback address receives
 * this cookie when the browser opens it. Milliseconds.
 */
const LOCAL_BROWSER_LIFE_MS = 8 * 60 * 60 * 1000
/** Browsers of one user; a new one ends the oldest. */
const MAX_BROWSERS = 20
/** Personal tokens of one user; the next one is refused. */
export const MAX_TOKENS = 50
export const MAX_TOKEN_NAME = 80
export const MAX_TOKEN_DAYS = 366
/** Life of the mark that something was used: longer than consent pages and codes live, which is ten minutes. Milliseconds. */
const USED_LIFE_MS = 15 * 60_000
/** Precision of a token's last use: a write for each use would cost more than it tells. Milliseconds. */
const LAST_USE_MS = 60_000

const texts = z.array(z.string())

const personalToken = z.object({
  id: z.string(),
  name: z.string(),
  // A scope that a newer version no longer has counts as none. So does a list that cannot be read.
  scopes: z.string().transform((json) => orElse<string[], string[]>(readStoredJson(texts, json), []).filter(isScope)),
  /** Milliseconds since 1970; one that cannot be read is 1970. */
  created_at: storedTime.catch(0),
  expires_at: storedTime.catch(0),
  last_used_at: storedTime.nullable().catch(0),
})
export type PersonalToken = z.infer<typeof personalToken>

/** A browser or a personal token that was recognized. */
export interface Recognized {
  id: string
  identity: Identity
  scopes: Scope[]
  name: string
  /** Milliseconds since 1970. */
  created_at: number
}

/** Life of a browser's sign-in at this server. Milliseconds. */
export function browserLifeMs({ DEV_TOKEN }: Env): number {
  return DEV_TOKEN ? LOCAL_BROWSER_LIFE_MS : BROWSER_LIFE_MS
}

export class Account extends DurableObject<Env> {
  readonly #sql = this.ctx.storage.sql

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#createTables()
  }

  #createTables(): void {
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS identity (id INTEGER PRIMARY KEY CHECK (id = 1), value TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS browsers (
        hash TEXT PRIMARY KEY, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE IF NOT EXISTS tokens (
        id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, name TEXT NOT NULL, scopes TEXT NOT NULL,
        created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, last_used_at INTEGER
      ) STRICT;
      CREATE TABLE IF NOT EXISTS used (mark TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT;`)
    createRefreshTables(this.#sql)
  }

  /** Signs a browser in. Returns the secret that it has to show. */
  async signIn(identity: Identity): Promise<string> {
    const secret = randomSecret()
    const hash = await sha256(secret)
    const now = Date.now()
    this.#sql.exec(
      'INSERT INTO identity (id, value) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET value = excluded.value',
      JSON.stringify(identity),
    )
    this.#sql.exec('DELETE FROM browsers WHERE expires_at <= ?', now)
    this.#sql.exec(
      `DELETE FROM browsers WHERE hash IN (SELECT hash FROM browsers ORDER BY created_at DESC LIMIT -1 OFFSET ?)`,
      MAX_BROWSERS - 1,
    )
    this.#sql.exec('INSERT INTO browsers VALUES (?, ?, ?)', hash, now, now + browserLifeMs(this.env))
    return secret
  }

  /** Returns the user who is signed in with this secret, or null. */
  async browser(secret: string): Promise<Identity | null> {
    const found = this.#sql
      .exec('SELECT 1 FROM browsers WHERE hash = ? AND expires_at > ?', await sha256(secret), Date.now())
      .toArray()
    return found.length === 0 ? null : this.#identity()
  }

  /** Who it is; null for an account that nobody has, or that was deleted. */
  knownIdentity(): Identity | null {
    return this.#identity()
  }

  async signOut(secret: string): Promise<void> {
    this.#sql.exec('DELETE FROM browsers WHERE hash = ?', await sha256(secret))
  }

  /** Makes a personal token that lives for `days`. Returns its secret, which is not kept, or null when there are MAX_TOKENS already. */
  async createToken(name: string, scopes: Scope[], days: number): Promise<string | null> {
    const secret = randomSecret()
    const hash = await sha256(secret)
    if (this.tokens().length >= MAX_TOKENS) return null
    const now = Date.now()
    this.#sql.exec(
      'INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, NULL)',
      crypto.randomUUID(),
      hash,
      name,
      JSON.stringify(scopes),
      now,
      now + days * DAY_MS,
    )
    return secret
  }

  /** Personal tokens that have not expired, newest first. */
  tokens(): PersonalToken[] {
    this.#sql.exec('DELETE FROM tokens WHERE expires_at <= ?', Date.now())
    return this.#sql
      .exec('SELECT * FROM tokens ORDER BY created_at DESC')
      .toArray()
      .map((row) => readStored(personalToken, row))
      .filter((token) => token !== UNREADABLE)
  }

  revokeToken(id: string): void {
    this.#sql.exec('DELETE FROM tokens WHERE id = ?', id)
  }

  /** Returns the identity and scopes of the personal token with this secret, or null. */
  async token(secret: string): Promise<Recognized | null> {
    const hash = await sha256(secret)
    const now = Date.now()
    const [row] = this.#sql.exec('SELECT * FROM tokens WHERE hash = ? AND expires_at > ?', hash, now).toArray()
    const identity = this.#identity()
    if (row === undefined || identity === null) return null
    const found = readStored(personalToken, row)
    if (found === UNREADABLE) return null
    const { id, name, scopes, created_at, last_used_at } = found
    if (last_used_at === null || now - last_used_at > LAST_USE_MS) {
      this.#sql.exec('UPDATE tokens SET last_used_at = ? WHERE id = ?', now, id)
    }
    return { id, identity, scopes, name, created_at }
  }

  /** Returns whether this is the first use of something that works once. Of several requests at one moment only one gets true. */
  firstUse(mark: string): boolean {
    const now = Date.now()
    this.#sql.exec('DELETE FROM used WHERE expires_at <= ?', now)
    const inserted = 'INSERT INTO used VALUES (?, ?) ON CONFLICT (mark) DO NOTHING RETURNING mark'
    return this.#sql.exec(inserted, mark, now + USED_LIFE_MS).toArray().length === 1
  }

  /** Notes the use of a refresh token. Returns how its grant ended instead, or null. */
  useRefreshToken(token: UsedToken): GrantEnd | null {
    return useRefreshToken(this.#sql, token, Date.now())
  }

  noteSuccessor(grantId: string, hash: string, successor: string): void {
    noteSuccessor(this.#sql, grantId, hash, successor, Date.now())
  }

  /** Returns whether a refresh token that does not work was used before. Its grant then never works again. */
  isReuse(grantId: string, hash: string): boolean {
    return isReuse(this.#sql, grantId, hash, Date.now())
  }

  /** Ends a grant: none of its tokens refreshes from now on. */
  endGrant(grantId: string): void {
    endGrant(this.#sql, grantId, 'disconnected', Date.now())
  }

  reusedConnections(): EndedConnection[] {
    return reusedConnections(this.#sql, Date.now())
  }

  /** Signs all browsers out and revokes all personal tokens. */
  signOutEverywhere(): void {
    this.#sql.exec('DELETE FROM browsers')
    this.#sql.exec('DELETE FROM tokens')
  }

  /** Forgets everything, the identity included. */
  async forget(): Promise<void> {
    await this.ctx.storage.deleteAll()
    this.#createTables()
  }

  /** An identity that cannot be read counts as none: the next sign-in stores it anew. */
  #identity(): Identity | null {
    const [row] = this.#sql.exec<{ value: string }>('SELECT value FROM identity').toArray()
    return row === undefined ? null : orElse(readStoredJson(identitySchema, row.value), null)
  }
}

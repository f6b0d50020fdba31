/** A new session object's own SQLite database, for tests of the store. */
import { env, runInDurableObject } from 'cloudflare:test'
import type { Env } from '../../../worker/env.ts'
import { type Sql, sqlOf } from '../../../worker/session/store/sql.ts'

export interface Database {
  sql: Sql
  transaction: <T>(work: () => T) => T
}

/** The object has not been started: its database has none of our tables. */
export function withDatabase(use: (database: Database) => void | Promise<void>): Promise<void> {
  const { SESSION } = env as Env
  const stub = SESSION.getByName(crypto.randomUUID())
  return runInDurableObject(stub, (_session, ctx) =>
    use({ sql: sqlOf(ctx.storage.sql), transaction: (work) => ctx.storage.transactionSync(work) }),
  )
}

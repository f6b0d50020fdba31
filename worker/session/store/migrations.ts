/** The session's tables, as numbered steps that run once each, in order. SCHEMA.md shows every table with an example row. */
import type { Sql } from './sql.ts'

const MIGRATIONS: readonly string[][] = [
  [
    `CREATE TABLE runs (
      id TEXT PRIMARY KEY,
      status TEXT NOT NULL,
      objective TEXT NOT NULL,
      timeout_s REAL NOT NULL,
      created_at INTEGER NOT NULL,
      ended_at INTEGER,
      outcome TEXT
    )`,
    `CREATE INDEX runs_by_age ON runs (created_at)`,
    `CREATE INDEX runs_unfinished ON runs (status) WHERE ended_at IS NULL`,
    `CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL)`,
    `CREATE TABLE transport_sessions (
      id TEXT PRIMARY KEY,
      initialize TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      seen_at INTEGER NOT NULL
    )`,
    `CREATE TABLE transport_streams (
      id TEXT PRIMARY KEY,
      session_id TEXT NOT NULL,
      run_id TEXT,
      request_id TEXT,
      done_at INTEGER
    )`,
    `CREATE INDEX transport_streams_by_session ON transport_streams (session_id)`,
    `CREATE INDEX transport_streams_by_run ON transport_streams (run_id) WHERE run_id IS NOT NULL`,
    `CREATE TABLE transport_events (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      stream_id TEXT NOT NULL,
      message TEXT NOT NULL
    )`,
    `CREATE INDEX transport_events_by_stream ON transport_events (stream_id, seq)`,
  ],
]

/** Brings a database to the newest version; `transaction` must roll back when its function throws. */
export function migrate(sql: Sql, transaction: (work: () => void) => void): void {
  sql('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)')
  const current = Number(sql('SELECT max(version) AS version FROM schema_version')[0]?.['version'] ?? 0)
  MIGRATIONS.forEach((statements, index) => {
    const version = index + 1
    if (version <= current) return
    transaction(() => {
      for (const statement of statements) sql(statement)
      sql('INSERT INTO schema_version (version) VALUES (?)', version)
    })
  })
}

/** The session's tables, as numbered steps that run once each, in order. SCHEMA.md shows every table with an example row. */
import { numberOf } from './columns.ts'
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
  [
    `CREATE TABLE learnings (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      kind TEXT NOT NULL,
      problem TEXT NOT NULL,
      failed_approach TEXT NOT NULL,
      solution TEXT NOT NULL,
      context TEXT NOT NULL,
      tags TEXT NOT NULL,
      origin_via TEXT NOT NULL,
      origin_client TEXT NOT NULL,
      origin_run_id TEXT,
      draft INTEGER NOT NULL,
      success_count INTEGER NOT NULL,
      failure_count INTEGER NOT NULL,
      created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL,
      used_at INTEGER,
      fingerprint TEXT,
      objective TEXT NOT NULL,
      content_hash INTEGER NOT NULL,
      kind_word TEXT GENERATED ALWAYS AS ('kind' || kind) VIRTUAL
    )`,
    `CREATE INDEX learnings_by_kind ON learnings (kind, seq)`,
    `CREATE INDEX learnings_by_fingerprint ON learnings (fingerprint, seq) WHERE fingerprint IS NOT NULL`,
    `CREATE INDEX learnings_by_objective ON learnings (objective, seq) WHERE objective <> ''`,
    `CREATE INDEX learnings_by_content ON learnings (content_hash)`,
    `CREATE INDEX learnings_by_success ON learnings (success_count, seq) WHERE success_count > 0`,
    `CREATE INDEX learnings_drafts ON learnings (used_at, seq) WHERE draft = 1`,
    `CREATE VIRTUAL TABLE learnings_index USING fts5(
      kind_word, problem, failed_approach, solution, context, tags,
      content = 'learnings', content_rowid = 'seq', tokenize = 'porter unicode61 remove_diacritics 2'
    )`,
    `CREATE TABLE learning_counts (kind TEXT PRIMARY KEY, n INTEGER NOT NULL)`,
    `CREATE TRIGGER learnings_inserted AFTER INSERT ON learnings BEGIN
      INSERT INTO learnings_index (rowid, kind_word, problem, failed_approach, solution, context, tags)
        VALUES (new.seq, new.kind_word, new.problem, new.failed_approach, new.solution, new.context, new.tags);
      INSERT INTO learning_counts (kind, n) VALUES (new.kind, 1) ON CONFLICT (kind) DO UPDATE SET n = n + 1;
    END`,
    `CREATE TRIGGER learnings_deleted AFTER DELETE ON learnings BEGIN
      INSERT INTO learnings_index (learnings_index, rowid, kind_word, problem, failed_approach, solution, context, tags)
        VALUES ('delete', old.seq, old.kind_word, old.problem, old.failed_approach, old.solution, old.context, old.tags);
      UPDATE learning_counts SET n = n - 1 WHERE kind = old.kind;
    END`,
    `CREATE TRIGGER learnings_changed AFTER UPDATE OF problem, failed_approach, solution, context, tags ON learnings BEGIN
      INSERT INTO learnings_index (learnings_index, rowid, kind_word, problem, failed_approach, solution, context, tags)
        VALUES ('delete', old.seq, old.kind_word, old.problem, old.failed_approach, old.solution, old.context, old.tags);
      INSERT INTO learnings_index (rowid, kind_word, problem, failed_approach, solution, context, tags)
        VALUES (new.seq, new.kind_word, new.problem, new.failed_approach, new.solution, new.context, new.tags);
    END`,
    `CREATE TABLE learnings_shown (
      run_id TEXT NOT NULL,
      learning_id TEXT NOT NULL,
      fingerprint TEXT,
      objective TEXT NOT NULL,
      shown_at INTEGER NOT NULL,
      PRIMARY KEY (run_id, learning_id)
    ) WITHOUT ROWID`,
    `CREATE INDEX learnings_shown_by_age ON learnings_shown (shown_at)`,
    `CREATE TABLE failed_runs (
      run_id TEXT PRIMARY KEY,
      objective TEXT NOT NULL,
      fingerprint TEXT,
      error TEXT NOT NULL,
      program TEXT NOT NULL,
      client TEXT NOT NULL,
      failed_at INTEGER NOT NULL
    )`,
    `CREATE INDEX failed_runs_by_age ON failed_runs (failed_at)`,
    `CREATE INDEX failed_runs_by_objective ON failed_runs (objective, failed_at) WHERE objective <> ''`,
  ],
  [
    `CREATE TABLE transport_subscriptions (
      session_id TEXT NOT NULL,
      uri TEXT NOT NULL,
      PRIMARY KEY (session_id, uri)
    ) WITHOUT ROWID`,
  ],
  [
    `CREATE TABLE run_logs (
      run_id TEXT NOT NULL,
      seq INTEGER NOT NULL,
      lines TEXT NOT NULL,
      PRIMARY KEY (run_id, seq)
    )`,
    `CREATE TRIGGER runs_deleted AFTER DELETE ON runs BEGIN
      DELETE FROM run_logs WHERE run_id = old.id;
    END`,
  ],
  [`CREATE TABLE keys (name TEXT PRIMARY KEY, value TEXT NOT NULL)`],
  [`ALTER TABLE runs ADD COLUMN task_until INTEGER`],
  [
    `ALTER TABLE runs ADD COLUMN installed_packages TEXT`,
    // Null means that the program was not started, which is not known of a live run.
    `UPDATE runs SET installed_packages = '[]'`,
  ],
  [
    `CREATE TABLE transport_requests (
      stream_id TEXT NOT NULL,
      request_id TEXT NOT NULL,
      run_id TEXT,
      PRIMARY KEY (stream_id, request_id)
    ) WITHOUT ROWID`,
    `CREATE INDEX transport_requests_by_run ON transport_requests (run_id) WHERE run_id IS NOT NULL`,
    `INSERT INTO transport_requests (stream_id, request_id, run_id)
      SELECT id, request_id, run_id FROM transport_streams WHERE done_at IS NULL AND request_id IS NOT NULL`,
    `DROP INDEX transport_streams_by_run`,
    `ALTER TABLE transport_streams DROP COLUMN run_id`,
    `ALTER TABLE transport_streams DROP COLUMN request_id`,
  ],
  [`ALTER TABLE transport_sessions ADD COLUMN tools TEXT`],
  [
    // The program stands last: so a row is read without it.
    `CREATE TABLE run_history (
      run_id TEXT PRIMARY KEY,
      description TEXT NOT NULL,
      headline TEXT NOT NULL,
      asked TEXT,
      checked TEXT,
      started_at INTEGER,
      wall_ms REAL,
      error_type TEXT,
      error_line TEXT NOT NULL DEFAULT '',
      said TEXT NOT NULL DEFAULT '',
      sent_chars INTEGER,
      kept_chars INTEGER NOT NULL DEFAULT 0,
      program TEXT
    )`,
    `INSERT INTO run_history (run_id, description, headline, wall_ms, error_type)
      SELECT id, objective, '', json_extract(readable, '$.usage.wall_ms'), json_extract(readable, '$.error.type')
      FROM (SELECT *, rowid AS place, CASE WHEN json_valid(outcome) THEN outcome END AS readable FROM runs)
      WHERE id IS NOT NULL ORDER BY created_at, place`,
    `DROP TRIGGER runs_deleted`,
    `CREATE TRIGGER runs_deleted AFTER DELETE ON runs BEGIN
      DELETE FROM run_logs WHERE run_id = old.id;
      DELETE FROM run_history WHERE run_id = old.id;
    END`,
  ],
  [
    `CREATE VIRTUAL TABLE learnings_index_problem USING fts5(
      problem, content = 'learnings', content_rowid = 'seq', detail = none,
      tokenize = 'porter unicode61 remove_diacritics 2'
    )`,
    `INSERT INTO learnings_index_problem (learnings_index_problem) VALUES ('rebuild')`,
    `CREATE TRIGGER learnings_problem_inserted AFTER INSERT ON learnings BEGIN
      INSERT INTO learnings_index_problem (rowid, problem) VALUES (new.seq, new.problem);
    END`,
    `CREATE TRIGGER learnings_problem_deleted AFTER DELETE ON learnings BEGIN
      INSERT INTO learnings_index_problem (learnings_index_problem, rowid, problem) VALUES ('delete', old.seq, old.problem);
    END`,
    `CREATE TRIGGER learnings_problem_changed AFTER UPDATE OF problem ON learnings BEGIN
      INSERT INTO learnings_index_problem (learnings_index_problem, rowid, problem) VALUES ('delete', old.seq, old.problem);
      INSERT INTO learnings_index_problem (rowid, problem) VALUES (new.seq, new.problem);
    END`,
  ],
  [
    // From the newest row on a page of the index is read whole. One of the usual size has thousands of rows.
    `INSERT INTO learnings_index_problem (learnings_index_problem, rank) VALUES ('pgsz', 500)`,
    `INSERT INTO learnings_index_problem (learnings_index_problem) VALUES ('rebuild')`,
  ],
  [
    // A column of `runs` or `run_history` would stand behind long texts, which are read on the way to it.
    `CREATE TABLE run_pictures (run_id TEXT PRIMARY KEY, paths TEXT NOT NULL) WITHOUT ROWID`,
    `DROP TRIGGER runs_deleted`,
    `CREATE TRIGGER runs_deleted AFTER DELETE ON runs BEGIN
      DELETE FROM run_logs WHERE run_id = old.id;
      DELETE FROM run_history WHERE run_id = old.id;
      DELETE FROM run_pictures WHERE run_id = old.id;
    END`,
  ],
]

export const NEWEST_VERSION = MIGRATIONS.length

/** Brings a database to the newest version, or to an older one for a test; `transaction` must roll back when its function throws. */
export function migrate(sql: Sql, transaction: (work: () => void) => void, to = NEWEST_VERSION): void {
  sql('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)')
  // Every step leaves a row: their number tells as well, should one of them be unreadable.
  const steps = sql('SELECT version FROM schema_version').map((row) => numberOf(row['version']) ?? 0)
  const current = Math.max(steps.length, ...steps)
  MIGRATIONS.forEach((statements, index) => {
    const version = index + 1
    if (version <= current || version > to) return
    transaction(() => {
      for (const statement of statements) sql(statement)
      sql('INSERT INTO schema_version (version) VALUES (?)', version)
    })
  })
}

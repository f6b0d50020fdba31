/** How the store's functions are given the session's SQLite database. */
export type SqlValue = string | number | null

/** Runs one statement with its parameters and returns all rows. */
export type Sql = (statement: string, ...params: SqlValue[]) => Record<string, SqlValue>[]

export function sqlOf(storage: SqlStorage): Sql {
  return (statement, ...params) => storage.exec<Record<string, SqlValue>>(statement, ...params).toArray()
}

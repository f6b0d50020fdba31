/** How the store's functions are given the session's SQLite database. */
export type SqlValue = string | number | null

/** Runs one statement with its parameters and returns all rows. */
export type Sql = (statement: string, ...params: SqlValue[]) => Record<string, SqlValue>[]

/** The part of the platform's SqlStorage that is used; named here, so that the store also runs outside of the platform (its benchmark). */
interface SqlDatabase {
  exec<Row extends Record<string, SqlValue>>(statement: string, ...params: SqlValue[]): { toArray(): Row[] }
}

export function sqlOf(storage: SqlDatabase): Sql {
  return (statement, ...params) => storage.exec<Record<string, SqlValue>>(statement, ...params).toArray()
}

/** How the store's functions are given the session's SQLite database. Bytes are only found where a row is damaged. */
import { isStorageFull, StorageFull } from '../../run/contract/errors.ts'

export type SqlValue = string | number | null | ArrayBuffer

/** Runs one statement with its parameters and returns all rows. */
export type Sql = (statement: string, ...params: SqlValue[]) => Record<string, SqlValue>[]

/** The part of the platform's SqlStorage that is used; named here, so that the store also runs outside of the platform (its benchmark). */
interface SqlDatabase {
  exec<Row extends Record<string, SqlValue>>(statement: string, ...params: SqlValue[]): { toArray(): Row[] }
}

/** Statements throw StorageFull where there is no room for what they store. */
export function sqlOf(storage: SqlDatabase): Sql {
  return (statement, ...params) => {
    try {
      return storage.exec<Record<string, SqlValue>>(statement, ...params).toArray()
    } catch (error) {
      throw isStorageFull(error) ? new StorageFull(error) : error
    }
  }
}

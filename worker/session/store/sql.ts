/** How the store's functions are given the session's SQLite database. Bytes are only found where a row is damaged. */
import { isStorageFull, StorageFull } from '../../run/contract/errors.ts'

export type SqlValue = string | number | null | ArrayBuffer

/** Runs one statement with its parameters and returns all rows. */
export type Sql = (statement: string, ...params: SqlValue[]) => Record<string, SqlValue>[]

/** The part of the platform's SqlStorage that is used; named here, so that the store also runs outside of the platform (its benchmark). */
interface SqlDatabase {
  exec<Row extends Record<string, SqlValue>>(statement: string, ...params: SqlValue[]): { toArray(): Row[] }
}

/**
 * Statements throw StorageFull where there is no room for what they store; all that store something do while `readOnly` says so, as
 * what cannot be stored would end the object.
 */
export function sqlOf(storage: SqlDatabase, readOnly: () => boolean = () => false): Sql {
  return (statement, ...params) => {
    if (readOnly() && !/^\s*SELECT\b/i.test(statement)) throw new StorageFull(new Error('the object is only read'))
    try {
      return storage.exec<Record<string, SqlValue>>(statement, ...params).toArray()
    } catch (error) {
      throw isStorageFull(error) ? new StorageFull(error) : error
    }
  }
}

/** The session's SQLite database as the store's functions get it. Bytes are only found where a row is damaged. */
import { isStorageFull, StorageFull } from '../../run/contract/errors.ts'

export type SqlValue = string | number | null | ArrayBuffer

/** Runs one statement with its parameters and returns all rows. */
export type Sql = (statement: string, ...params: SqlValue[]) => Record<string, SqlValue>[]

/** The used part of the platform's SqlStorage; named here, so that the store also runs outside of the platform (its benchmark). */
interface SqlDatabase {
  exec<Row extends Record<string, SqlValue>>(statement: string, ...params: SqlValue[]): { toArray(): Row[] }
}

/**
 * The database as a function. Statements throw StorageFull where they find no room; all that store something do so while `readOnly` returns
 * true, as a failed write would end the object.
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

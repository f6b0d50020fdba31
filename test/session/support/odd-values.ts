/** Values that no version of this server would store where they are put: what a damaged row, or one of another version, may hold. */
import type { Env } from '../../../worker/env.ts'
import { env, runInDurableObject } from 'cloudflare:test'

type Value = string | number | null | ArrayBuffer
type Row = Record<string, Value>

/** `NULL` is only there where the column allows it. */
export const ODD_VALUES: Readonly<Record<string, Value>> = {
  NULL: null,
  'an empty text': '',
  'a letter': 'x',
  'a brace': '{',
  'an empty list': '[]',
  'an empty object': '{}',
  'the text null': 'null',
  'a number beyond all': '1e999',
  'a whole number': 7,
  'a negative number': -5,
  'a fraction': 0.5,
  'the largest whole number': Number.MAX_SAFE_INTEGER,
  'an enormous number': 1.5e300,
  bytes: new Uint8Array([0, 255, 123]).buffer,
  'a word of another version': 'postponed',
  'a huge text': 'y'.repeat(500_000),
  'half a character': '\ud800',
}

/** Columns, one after the other, take turns at a third of the values, as each value costs a start; `ALL_ODD_VALUES=1`: all in each. */
const TURNS = (env as Env & { ALL_ODD_VALUES?: string }).ALL_ODD_VALUES === undefined ? 3 : 1

/** The values for a column, by its place among all columns. */
export function oddValuesAt(place: number): Record<string, Value> {
  return Object.fromEntries(Object.entries(ODD_VALUES).filter((_, nth) => (nth + place) % TURNS === 0))
}

/** A column of a table, as the schema itself names it. */
export interface Column {
  table: string
  column: string
}

/** Our tables of an object: what the platform, the Agents SDK and the full-text index keep is theirs. */
const OURS = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*'
  AND name NOT GLOB 'cf_*' AND name NOT GLOB 'learnings_index*' ORDER BY name`

/** The tables of an object, and what is in them. */
export type Contents = Map<string, { columns: string[]; rows: Row[] }>

export function contentsOf({ sql }: DurableObjectStorage): Contents {
  return new Map(
    sql
      .exec<{ name: string }>(OURS)
      .toArray()
      .map(({ name }) => [
        name,
        {
          columns: sql
            .exec<{ name: string }>(`SELECT name FROM pragma_table_info('${name}')`)
            .toArray()
            .map((column) => column.name),
          rows: sql.exec<Row>(`SELECT * FROM ${name}`).toArray(),
        },
      ]),
  )
}

/** Brings an object's tables back to what they held. */
export function putBack({ sql }: DurableObjectStorage, contents: Contents): void {
  // The indexes cannot forget rows that were changed without them.
  const rebuild = () => {
    if (!contents.has('learnings')) return
    for (const index of ['learnings_index', 'learnings_index_problem'])
      sql.exec(`INSERT INTO ${index} (${index}) VALUES ('rebuild')`)
  }
  rebuild()
  for (const [table, { columns, rows }] of contents) {
    sql.exec(`DELETE FROM ${table}`)
    for (const row of rows) {
      const values = columns.map((column) => row[column]!)
      sql.exec(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`, ...values)
    }
  }
  // The triggers have counted what was put back, beside the counts that were.
  const counts = contents.get('learning_counts')?.rows ?? []
  for (const { kind, n } of counts) sql.exec('UPDATE learning_counts SET n = ? WHERE kind = ?', n!, kind!)
  rebuild()
}

/** Puts a value into a column of one row; false where the schema does not allow it. */
export function putOdd({ sql }: DurableObjectStorage, { table, column }: Column, row: Row, value: Value): boolean {
  const isThatRow = Object.keys(row)
    .map((name) => `${name} IS ?`)
    .join(' AND ')
  try {
    return (
      sql.exec(`UPDATE ${table} SET ${column} = ? WHERE ${isThatRow}`, value, ...Object.values(row)).rowsWritten > 0
    )
  } catch (error) {
    if (/constraint|datatype mismatch/i.test(String(error))) return false
    throw error
  }
}

/** Rows that belong together, by the names that they have for it. */
export type Thing = Readonly<Record<string, string>>

/** Copies all rows that name a thing, under new names: `{ old: new }`. */
export function copyThing({ sql }: DurableObjectStorage, contents: Contents, names: Thing): Map<string, Row[]> {
  const copies = new Map<string, Row[]>()
  for (const [table, { columns, rows }] of contents) {
    // The database numbers these itself.
    const own = columns.filter((column) => !(column === 'seq' && table !== 'run_logs'))
    const named = (value: Value) => (typeof value === 'string' ? names[value] : undefined)
    const copied = rows
      .filter((row) => own.some((column) => named(row[column]!) !== undefined))
      .map((row) => own.map((column) => named(row[column]!) ?? row[column]!))
      .flatMap((values) =>
        sql
          .exec<Row>(
            `INSERT OR IGNORE INTO ${table} (${own.join(', ')}) VALUES (${own.map(() => '?').join(', ')})
             RETURNING ${columns.join(', ')}`,
            ...values,
          )
          .toArray(),
      )
    if (copied.length > 0) copies.set(table, copied)
  }
  return copies
}

export const sessionOf = (userId: string) => (env as Env).SESSION.getByName(userId)
export const accountOf = (userId: string) => (env as Env).ACCOUNT.getByName(userId)

/** Works in the storage of an object, without starting its session. */
export function inStorage<T>(
  object: DurableObjectStub,
  work: (storage: DurableObjectStorage) => T | Promise<T>,
): Promise<T> {
  return runInDurableObject(object, (_instance, ctx) => work(ctx.storage))
}

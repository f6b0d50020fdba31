/** Reads columns: a column may hold anything, whatever its declared type, and reading it never throws. */
import * as z from 'zod'
import { orElse, readStored, storedTime } from '../../stored.ts'
import type { SqlValue } from './sql.ts'

const anyText = z.string()
const anyNumber = z.number()

/** The text of a column, or an empty one. */
export function textOf(value: SqlValue | undefined): string {
  return orElse(readStored(anyText, value), '')
}

export function numberOf(value: SqlValue | undefined): number | null {
  return orElse(readStored(anyNumber, value), null)
}

/** Milliseconds since 1970. */
export function timeOf(value: SqlValue | undefined): number | null {
  return orElse(readStored(storedTime, value), null)
}

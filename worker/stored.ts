/**
 * Reading of stored values. Any value, also one that another version of this server has written or that is damaged, is either of the wanted
 * type or unreadable. Reading never throws, so one odd value takes nothing else with it.
 */
import * as z from 'zod'

/** Stands in place of a value that is not what this code stores there. */
export const UNREADABLE = Symbol('unreadable')
export type Stored<T> = T | typeof UNREADABLE

/** A value as the database, or KV, holds it. */
export function readStored<T>(schema: z.ZodType<T>, value: unknown): Stored<T> {
  const parsed = schema.safeParse(value)
  return parsed.success ? parsed.data : UNREADABLE
}

/** A value that is stored as JSON. */
export function readStoredJson<T>(schema: z.ZodType<T>, text: unknown): Stored<T> {
  if (typeof text !== 'string') return UNREADABLE
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return UNREADABLE
  }
  return readStored(schema, value)
}

/** The value, or the fallback for an unreadable one. */
export function orElse<T, Else>(stored: Stored<T>, fallback: Else): T | Else {
  return stored === UNREADABLE ? fallback : stored
}

/** Milliseconds since 1970 within the range of a Date: a time beyond it has no text. */
export const storedTime = z.int().min(-8.64e15).max(8.64e15)

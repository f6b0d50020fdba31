/**
 * Reads arguments as models and frameworks send them: null for one that is left out, a number or an object in a text. The type in the
 * schema makes the meaning clear. Where the schema asks for a text, a text stays as it is, whatever it looks like.
 */
import type * as z from 'zod'

export type JsonSchema = z.core.JSONSchema.BaseSchema

/** The value in the type of its schema. A value that is not understood stays as it is: the schema refuses it. */
export function understood(given: unknown, schema: JsonSchema): unknown {
  const value = typeof given === 'string' ? fromText(given, schema.type) : given
  if (schema.type !== 'object' || !isObject(value)) return value
  const { required = [] } = schema
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => {
      const { own, inside } = schemaOf(name, schema)
      if (inner === null && own && !required.includes(name)) return []
      return [[name, inside === undefined ? inner : understood(inner, inside)]]
    }),
  )
}

/**
 * The schema of an object's value under a name, or of a list's value at a place; `own`: the schema names it, so it is not one of many in a
 * map.
 */
export function schemaOf(name: string, schema: JsonSchema): { own: boolean; inside: JsonSchema | undefined } {
  const { properties = {}, additionalProperties, items } = schema
  const own = Object.hasOwn(properties, name)
  const inside = own ? properties[name] : Array.isArray(items) ? undefined : (items ?? additionalProperties)
  return { own, inside: typeof inside === 'object' ? inside : undefined }
}

function fromText(text: string, type: JsonSchema['type']): unknown {
  if (type === 'boolean') {
    // Python writes them with a capital.
    const word = text.trim().toLowerCase()
    return word === 'true' || word === 'false' ? word === 'true' : text
  }
  const value = type === 'integer' || type === 'number' || type === 'object' ? parsed(text) : undefined
  const fits = type === 'object' ? isObject(value) : typeof value === 'number'
  return fits ? value : text
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // it is no JSON, so it stays a text
  }
}

/** Refusals of arguments: each wrong one, with its valid form. */
import type * as z from 'zod'
import { type JsonSchema, schemaOf } from './reading.ts'

/** A tool with arguments that its relative lacks. */
export interface Relative {
  tool: string
  takes: readonly string[]
}

/** Most mistakes that one refusal explains. */
const MAX_MISTAKES = 3
/** Characters that a refusal repeats of a wrong value or name. */
const MAX_SHOWN = 60

/** Each mistake with the next step. A message of ours has it; for those of zod it is made from the schema. */
export function refusalWords(error: z.ZodError, given: unknown, schema: JsonSchema, relative?: Relative): string {
  const mistakes = error.issues.slice(0, MAX_MISTAKES).map((issue) => {
    if (issue.code === 'unrecognized_keys') return unknownWords(issue.keys, schema, relative)
    const path = issue.path.map((part) => shortened(String(part))).join('.')
    const where = path === '' ? '' : `${path}: `
    return where + (issue.message.includes('Next: ') ? issue.message : wrongWords(issue.path, given, schema))
  })
  const more = error.issues.length - MAX_MISTAKES
  return [...mistakes, ...(more > 0 ? [`And ${more} more.`] : [])].join(' ')
}

function unknownWords(keys: string[], { properties = {} }: JsonSchema, relative?: Relative): string {
  const shown = keys.slice(0, MAX_MISTAKES).map((key) => shortened(JSON.stringify(key)))
  const words = `There is no argument ${shown.join(', ')}${keys.length > MAX_MISTAKES ? ' …' : ''}.`
  if (relative !== undefined && keys.every((key) => relative.takes.includes(key))) {
    return `${words} Next: use ${relative.tool}, which takes it.`
  }
  const names = Object.keys(properties)
  return `${words} Next: ${names.length === 0 ? 'call it without arguments' : `use only ${names.join(', ')}`}.`
}

/** The kind of the value at a path, and the kind that is needed. */
function wrongWords(path: readonly PropertyKey[], given: unknown, schema: JsonSchema): string {
  let value = given
  let inside: JsonSchema = schema
  let optional = false
  for (const part of path.map(String)) {
    const found = schemaOf(part, inside)
    optional = found.own && inside.required?.includes(part) !== true
    inside = found.inside ?? {}
    value = typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(part) : undefined
  }
  const next = `Next: give ${formOf(inside, value)}${optional ? ', or leave it out' : ''}.`
  return value == null ? `it is missing. ${next}` : `${shownValue(value)} is not valid. ${next}`
}

function formOf({ type, enum: choices, minimum, maximum, maxLength, maxItems }: JsonSchema, value: unknown): string {
  if (choices !== undefined) return `one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`
  if (type === 'boolean') return 'true or false'
  if (type === 'object') return 'an object, such as {"name": "text"}'
  if (type === 'array') return maxItems === undefined ? 'a list' : `a list of ${maxItems} at most`
  if (type === 'string' && maxLength !== undefined) return `a text of at most ${maxLength} characters`
  if (type === 'string') return typeof value === 'string' ? 'a text that is not empty' : 'a text'
  if (type !== 'integer' && type !== 'number') return 'another value'
  const number = type === 'integer' ? 'a whole number' : 'a number'
  return minimum === undefined || maximum === undefined ? number : `${number} from ${minimum} to ${maximum}`
}

function shownValue(value: unknown): string {
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object'
  return shortened(typeof value === 'number' ? String(value) : JSON.stringify(value))
}

function shortened(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`
}

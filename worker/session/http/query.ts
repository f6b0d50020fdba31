/** The query of an address, read strictly: otherwise an unknown name would be ignored without a word. */
import * as z from 'zod'
import { BadRequest } from './body.ts'
import { refusalWords } from '../../mcp/arguments/words.ts'

/** A whole number from 1 to `max`, as text. */
export function wholeNumber(max: number) {
  const error = `it is not valid. Next: give a whole number from 1 to ${max}, or leave it out.`
  return z
    .string()
    .regex(/^\d{1,4}$/, error)
    .transform(Number)
    .pipe(z.int(error).min(1, error).max(max, error))
}

/** Reads a query. Throws BadRequest for unknown names, for one that comes twice, and for values that do not fit. */
export function readQuery<Shape extends z.ZodRawShape>(
  url: URL,
  shape: Shape,
): z.output<z.ZodObject<Shape, z.core.$strict>> {
  const known = Object.keys(shape)
  const next = known.length === 0 ? 'leave the query out' : `use only ${known.join(', ')}, each once`
  const seen = new Set<string>()
  for (const name of url.searchParams.keys()) {
    if (!Object.hasOwn(shape, name)) throw badQuery(`there is no ${shownName(name)}`, next)
    if (seen.has(name)) throw badQuery(`${shownName(name)} comes twice`, next)
    seen.add(name)
  }
  const schema = z.strictObject(shape)
  const given = Object.fromEntries(url.searchParams)
  const { data, error } = schema.safeParse(given)
  if (error === undefined) return data
  throw new BadRequest(
    400,
    `The query is not valid: ${refusalWords(error, given, z.toJSONSchema(schema, { io: 'input' }))}`,
  )
}

function badQuery(reason: string, next: string): BadRequest {
  return new BadRequest(400, `The query is not valid: ${reason}. Next: ${next}.`)
}

function shownName(name: string): string {
  return JSON.stringify(name.slice(0, 60))
}

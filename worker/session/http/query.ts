/** The query of an address, read strictly: a name that is not known here would otherwise be asked for in vain. */
import { z } from 'zod'
import { BadRequest, invalidWords, MAX_REASON_CHARS } from './body.ts'

/** A whole number from 1 to `max`, as text. */
export function wholeNumber(max: number) {
  return z
    .string()
    .regex(/^\d{1,4}$/, 'a whole number is needed')
    .transform(Number)
    .pipe(z.int().min(1).max(max))
}

/** Throws BadRequest for unknown names, for one that comes twice, and for values that do not fit. */
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
  const { data, error } = z.strictObject(shape).safeParse(Object.fromEntries(url.searchParams))
  if (error === undefined) return data
  throw badQuery(invalidWords(error), 'correct it and ask again')
}

function badQuery(reason: string, next: string): BadRequest {
  return new BadRequest(400, `The query is not valid: ${reason.slice(0, MAX_REASON_CHARS)}. Next: ${next}.`)
}

function shownName(name: string): string {
  return JSON.stringify(name.slice(0, 60))
}

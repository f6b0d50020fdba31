/** A text argument. None is without a bound: everything that looks at a text takes time for it, and everybody of this user waits. */
import * as z from 'zod'

/** At most `max` characters; one that is longer is refused before anything else looks at it. */
export function boundedText(max: number, next = 'shorten it'): z.ZodString {
  return z.string().max(max, { error: `has more than ${max} characters. Next: ${next}.`, abort: true })
}

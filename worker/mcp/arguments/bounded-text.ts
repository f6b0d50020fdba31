/** A text argument. Each has a bound: everything that looks at a text takes time for it, and all clients of this user wait. */
import * as z from 'zod'

/** At most `max` characters; a longer text is refused before anything else looks at it. */
export function boundedText(max: number, next = 'shorten it'): z.ZodString {
  return z.string().max(max, { error: `has more than ${max} characters. Next: ${next}.`, abort: true })
}

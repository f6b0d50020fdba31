/** Keeps the object in memory for work that lasts. */
import { within } from '../../waiting.ts'

/** The platform lets an object without requests go after ten seconds at the earliest. */
const SHORT_MS = 2_000

/** Does the work. Work longer than a moment is kept alive, which stores a job and sets an alarm, and takes both back at its end. */
export async function keepAliveIfLong<T>(
  work: () => Promise<T>,
  keepAliveWhile: (work: () => Promise<T>) => Promise<T>,
): Promise<T> {
  const result = work()
  const ended = result.then(
    () => true,
    () => true,
  )
  return (await within(ended, SHORT_MS)) ? result : keepAliveWhile(() => result)
}

/** What a run was told of a learning: its texts, which stand quoted in the line that models read (`learning/quote.ts`). */

export interface Told {
  problem: string
  /** Empty of an error. */
  failed_approach: string
  solution: string
  context: string
}

/** A quoted text. */
const TEXT = String.raw`("(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-f]{4}))*")`
const LINE = new RegExp(
  `^(?:error ${TEXT}; solution|objective ${TEXT}; did not work ${TEXT}; worked) ${TEXT}(?:; context ${TEXT})?; [\\w ]+$`,
  'u',
)

/** The texts in such a line; null of one in other words. */
export function toldIn(line: string): Told | null {
  const match = LINE.exec(line)
  if (match === null) return null
  const [error, objective, failed_approach, solution, context] = match
    .slice(1)
    .map((text: string | undefined) => (text === undefined ? '' : String(JSON.parse(text))))
  return { problem: error! || objective!, failed_approach: failed_approach!, solution: solution!, context: context! }
}

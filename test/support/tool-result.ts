/** The data that a tool's result carries for programs, as a client finds it. */

export const DATA = 'codemode/data'

/** The data of a result as it came over the wire; undefined when it has none. */
// oxlint-disable-next-line typescript/no-explicit-any -- what each tool answers with is what its test looks at
export function dataOf(result: unknown): any {
  return (result as { _meta?: Record<string, unknown> } | undefined)?._meta?.[DATA]
}

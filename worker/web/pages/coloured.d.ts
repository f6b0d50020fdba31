/** The languages that are coloured. */
export const COLOURED: readonly string[]
/** A text as HTML: every character escaped, in spans whose classes begin with `hljs-`. */
export function coloured(code: string, language: string): string

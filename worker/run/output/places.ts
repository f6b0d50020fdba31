/** Places in a text. */

/** Start of the last so many lines of a text; 0 when it has no more. */
export function startOfLast(lines: number, text: string): number {
  let start = text.length + 1
  for (let found = 0; found <= lines; found++) {
    start = start > 1 ? text.lastIndexOf('\n', start - 2) + 1 : 0
    if (start === 0) return 0
  }
  return start
}

/** Index of a pattern from a place on; the text's length when it is not found. */
export function indexOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  return pattern.exec(text)?.index ?? text.length
}

/** Trimming without patterns: `/ +$/` would scan a run of spaces from each of its places. */

/** The text without spaces at its ends; tabs and line breaks stay. */
export function trimSpaces(text: string): string {
  let start = 0
  while (text[start] === ' ') start++
  return trimEndOf(text.slice(start), ' ')
}

/** The text without these characters at its end. */
export function trimEndOf(text: string, characters: string): string {
  let end = text.length
  while (end > 0 && characters.includes(text[end - 1]!)) end--
  return text.slice(0, end)
}

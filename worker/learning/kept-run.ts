/** A run's texts as its history keeps them: nothing invisible, no secrets, within limits. */
import { clean, cut } from '../text/clean.ts'
import { storableText, upTo } from './learning.ts'
import { redact } from './secrets/redact.ts'

/** Longest program that is kept whole, in UTF-16 code units; a longer one is cut to its beginning. */
export const MAX_PROGRAM_CHARS = 64 * 1024
/** Longest line by which a run is told from others. */
const MAX_LINE_CHARS = 200

/** A program as it is kept. Unlike other texts it is not trimmed: its first line may be indented. */
export function keptProgram(code: string): string {
  // A secret at the cut is still recognised whole.
  return cut(redact(clean(upTo(code, 1.25 * MAX_PROGRAM_CHARS))), MAX_PROGRAM_CHARS)
}

export function keptLine(line: string): string {
  return storableText(line, MAX_LINE_CHARS).replaceAll(/\s+/g, ' ')
}

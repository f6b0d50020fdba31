/** Secrets in two pieces: "ghp_…" "…", or one line that ends with a backslash and the next. */
import { FORMS } from './forms.ts'

/** Text between the quotes of two pieces. */
const BETWEEN = String.raw`[ \t]{0,8}(?:\+[ \t]{0,8})?(?:\\?\n[ \t]{0,80})?(?:\+[ \t]{0,8})?`
/** Separators between two pieces of one text. */
const SPLIT = new RegExp(String.raw`\\\n[ \t]{0,80}|"${BETWEEN}"|'${BETWEEN}'`, 'g')
/** Characters of a piece that are looked at. */
const PIECE = 200

const IN_A_SECRET = /[\w+/=.-]/

/** The text with pieces joined that are one secret together. */
export function withoutSplits(text: string): string {
  const parts: string[] = []
  // The end of the joined pieces.
  let tail = ''
  const add = (part: string) => {
    parts.push(part)
    tail = (tail + part.slice(-PIECE)).slice(-PIECE)
  }
  let done = 0
  for (const split of text.matchAll(SPLIT)) {
    const end = split.index + split[0].length
    add(text.slice(done, split.index))
    if (!isSecretTogether(lastPiece(tail), firstPiece(text, end))) add(split[0])
    done = end
  }
  return parts.join('') + text.slice(done)
}

function lastPiece(text: string): string {
  let start = text.length
  while (start > 0 && IN_A_SECRET.test(text[start - 1]!)) start -= 1
  return text.slice(start)
}

function firstPiece(text: string, start: number): string {
  let end = start
  while (end < text.length && end - start < PIECE && IN_A_SECRET.test(text[end]!)) end += 1
  return text.slice(start, end)
}

/** Returns whether a secret reaches from one piece into the other. */
function isSecretTogether(left: string, right: string): boolean {
  if (left === '' || right === '') return false
  const whole = left + right
  return FORMS.some((form) =>
    [...whole.matchAll(form)].some(({ index, 0: found }) => index < left.length && index + found.length > left.length),
  )
}

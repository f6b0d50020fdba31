/** Texts in quotes, as they stand in programs, in JSON, in JSON within JSON, and in URLs. */

export interface Quotation {
  /** Bounds of the text between the quotes. */
  start: number
  end: number
  /** Behind the closing quote, and behind further pieces of the same text. */
  after: number
}

const OPENING = /(\\{0,7})("""|'''|["'`])|%22|%27|&quot;|&#3[49];/y
/** Another piece: "…" "…", "…" + "…", with or without a line's end between. */
const NEXT_PIECE = /[ \t]{0,8}\+?[ \t]{0,8}(?:\\?\n[ \t]{0,80})?\+?[ \t]{0,8}(?=["'])/y
/** Pieces that are read as one text. */
const MAX_PIECES = 100

/** The text that begins with a quote here, to its end, or, when that was cut off, to the end of its line; null when there is no quote. */
export function quotedAt(text: string, at: number): Quotation | null {
  const first = pieceAt(text, at)
  if (first === null) return null
  let { after } = first
  for (let piece = 1; piece < MAX_PIECES; piece += 1) {
    NEXT_PIECE.lastIndex = after
    const next = NEXT_PIECE.test(text) ? pieceAt(text, NEXT_PIECE.lastIndex) : null
    if (next === null) break
    after = next.after
  }
  return { ...first, after }
}

function pieceAt(text: string, at: number): Quotation | null {
  OPENING.lastIndex = at
  const [quote, escapes, mark] = OPENING.exec(text) ?? []
  if (quote === undefined) return null
  const start = at + quote.length
  const end =
    mark === undefined || mark.length === 3
      ? closing(text, mark ?? quote, start)
      : closingQuote(text, mark, escapes!.length, start)
  const isClosed = text.startsWith(mark === undefined ? quote : mark, end + (mark?.length === 1 ? escapes!.length : 0))
  return { start, end, after: isClosed ? end + quote.length : end }
}

function closing(text: string, quote: string, from: number): number {
  const found = text.indexOf(quote, from)
  return found < 0 ? text.length : found
}

/** Index of the `quote` that stands behind as many backslashes as the opening one: behind more of them it belongs to the text. */
function closingQuote(text: string, quote: string, escapes: number, from: number): number {
  let backslashes = 0
  for (let i = from; i < text.length; i += 1) {
    const character = text[i]
    if (character === '\\') {
      backslashes += 1
      continue
    }
    if (character === '\n' && backslashes % 2 === 0) return i
    if (character === quote && (backslashes === escapes || (escapes === 0 && backslashes % 2 === 0))) return i - escapes
    backslashes = 0
  }
  return text.length
}

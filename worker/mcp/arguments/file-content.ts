/**
 * A file within a call: text, or bytes in base64. Bytes are advertised as a data URI, because hosts that simplify schemas keep one type of a union
 * only, and `{ base64 }` would be all that their models may send.
 */
import * as z from 'zod'
import { boundedText } from './bounded-text.ts'

/** Longest data within a call, in characters: as long as a whole request may be. */
const MAX_INLINE_CHARS = 4 * 1024 ** 2
const UPLOAD = 'upload it as a file (PUT /files/{path})'
/** Longest beginning of a data URI, up to its comma, in characters. */
const MAX_HEAD_CHARS = 200

export const inlineText = boundedText(MAX_INLINE_CHARS, UPLOAD)

export const fileContent = z
  .preprocess(
    (given) => dataUriOf(given) ?? given,
    z.string('must be a text. Next: give the file’s text, or its bytes as "data:;base64,…".').max(MAX_INLINE_CHARS, {
      error: `has more than ${MAX_INLINE_CHARS} characters. Next: ${UPLOAD}.`,
      abort: true,
    }),
  )
  .transform((text, ctx): string | { base64: string } => {
    const data = dataOf(text)
    if (data === null) return text
    const base64 = plainBase64(data)
    if (base64 !== null) return { base64 }
    const message =
      'is not valid base64. Next: encode the whole file anew; a text that only begins like a data URI is sent in base64, too.'
    ctx.issues.push({ code: 'custom', message, input: text.slice(0, MAX_HEAD_CHARS) })
    return z.NEVER
  })

/** The data URI for `{ base64 }`, whose text may itself be a data URI; null for anything else. */
function dataUriOf(given: unknown): string | null {
  const { data } = wrapped.safeParse(given)
  return data === undefined || dataOf(data.base64) !== null ? (data?.base64 ?? null) : `data:;base64,${data.base64}`
}

const wrapped = z.strictObject({ base64: z.string() })

/** The data after the head of a data URI in base64; null for any other text. */
function dataOf(text: string): string | null {
  const comma = text.slice(0, MAX_HEAD_CHARS).indexOf(',')
  const head = text.slice(0, Math.max(0, comma)).toLowerCase()
  const isHead = head.startsWith('data:') && head.endsWith(';base64') && !/\s/.test(head)
  return isHead ? text.slice(comma + 1) : null
}

/** Base64 in one line, in the usual alphabet, padded; null when the text is not base64. */
function plainBase64(text: string): string | null {
  // Lines may be indented. No encoder puts blanks within a line: such data is a text.
  const line = text.trim().replaceAll(/[\r\n]\s*/g, '')
  const usual = /[+/]/.test(line) ? line : line.replaceAll('-', '+').replaceAll('_', '/')
  const digits = usual.endsWith('==') ? usual.slice(0, -2) : usual.endsWith('=') ? usual.slice(0, -1) : usual
  const isPadded = digits.length < usual.length
  if (!/^[A-Za-z0-9+/]*$/.test(digits) || digits.length % 4 === 1) return null
  if (isPadded && usual.length % 4 !== 0) return null
  return digits.padEnd(Math.ceil(digits.length / 4) * 4, '=')
}

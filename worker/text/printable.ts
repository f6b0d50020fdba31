/** Bytes as text, when they are mostly text. */

/** Share of control characters, which take six bytes in JSON: with no more of them a text takes less than three times its size. */
const MAX_UNPRINTABLE = 1 / 5

/** UTF-8, with replacement characters for invalid bytes; null when more than a fifth of it is replacement or control characters. */
export function printableText(body: ArrayBuffer): string | null {
  const text = new TextDecoder().decode(body)
  let unprintable = 0
  for (let index = 0; index < text.length; index++) if (!isPrintable(text.charCodeAt(index))) unprintable++
  return unprintable > text.length * MAX_UNPRINTABLE ? null : text
}

/** Tabs, line ends and form feeds are part of texts. */
function isPrintable(code: number): boolean {
  return code >= 0x20 ? code !== 0x7f && code !== 0xfffd : code === 9 || code === 10 || code === 12 || code === 13
}

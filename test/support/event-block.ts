/**
 * The data of a block of an SSE stream, if it has any. Only a line feed ends it here: U+2028, which JSON may hold, ends a line to
 * patterns alone.
 */
export function blockData(block: string): string | undefined {
  const line = block.split('\n').find((each) => each.startsWith('data: '))
  return line?.slice('data: '.length) || undefined
}

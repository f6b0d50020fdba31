/** An SSE stream of the MCP SDK, block by block. */

/** Replaces each block by the result of `rewrite`, and adds that of `end` behind the last one. */
export function byBlock(
  rewrite: (block: string) => AsyncIterable<string> | Iterable<string>,
  end: () => string = () => '',
): TransformStream<Uint8Array, Uint8Array> {
  const [decoder, encoder] = [new TextDecoder(), new TextEncoder()]
  let rest = ''
  return new TransformStream({
    async transform(chunk, controller) {
      const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        for await (const each of rewrite(block)) controller.enqueue(encoder.encode(each))
      }
    },
    flush(controller) {
      const last = end()
      if (last !== '') controller.enqueue(encoder.encode(last))
    },
  })
}

/** The message of a block; null for a comment, and for a block without one. */
export function messageOf(block: string): string | null {
  // No pattern's `$`, to which U+2028 ends a line: JSON may hold it, and in a stream of events it is an ordinary character.
  const line = block.split('\n').find((each) => each.startsWith('data: '))
  return line?.slice('data: '.length) || null
}

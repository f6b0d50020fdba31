/** A run's events as the text that the program printed, in its order: what a person downloads. */
import * as z from 'zod'

const printed = z.object({ type: z.enum(['stdout', 'stderr']), text: z.string() })
const missed = z.object({ type: z.literal('missed'), chars: z.number() })

/** From server-sent events, in bytes, to text, in bytes. */
export function logText(): ReadableWritablePair<Uint8Array, BufferSource> {
  const decoder = new TextDecoderStream()
  let rest = ''
  const texts = new TransformStream<string, string>({
    transform(chunk, controller) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line.startsWith('data: ')) controller.enqueue(textOf(JSON.parse(line.slice(6))))
    },
  })
  const readable = decoder.readable.pipeThrough(texts).pipeThrough(new TextEncoderStream())
  return { readable, writable: decoder.writable }
}

function textOf(event: unknown): string {
  const output = printed.safeParse(event)
  if (output.success) return output.data.text
  const gap = missed.safeParse(event)
  return gap.success ? `\n[${gap.data.chars} characters are not kept any more]\n` : ''
}

/** A run's events as what the program printed, in its order: what a person downloads. */
import * as z from 'zod'
import type { Printed } from './notebook.ts'

const printed = z.object({ type: z.enum(['stdout', 'stderr']), text: z.string() })
const missed = z.object({ type: z.literal('missed'), chars: z.number() })

/** From server-sent events, in bytes, to text, in bytes. */
export function logText(): ReadableWritablePair<Uint8Array, BufferSource> {
  const { readable, writable } = eventTexts()
  const texts = new TransformStream<Printed, string>({
    transform: ({ text }, controller) => controller.enqueue(text),
  })
  return { readable: readable.pipeThrough(texts).pipeThrough(new TextEncoderStream()), writable }
}

/** What the program printed, to so many characters at most. */
export async function printedTexts(events: ReadableStream<BufferSource>, most: number): Promise<Printed[]> {
  const texts: Printed[] = []
  let room = most
  for await (const { stream, text } of events.pipeThrough(eventTexts())) {
    texts.push({ stream, text: text.slice(0, room) })
    room -= text.length
    if (room > 0) continue
    texts.push({ stream: 'stderr', text: '\n[The rest is left out here; the whole output is a file of its own.]\n' })
    break
  }
  return texts
}

function eventTexts(): ReadableWritablePair<Printed, BufferSource> {
  const decoder = new TextDecoderStream()
  let rest = ''
  const texts = new TransformStream<string, Printed>({
    transform(chunk, controller) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const text = line.startsWith('data: ') ? textOf(JSON.parse(line.slice(6))) : null
        if (text !== null) controller.enqueue(text)
      }
    },
  })
  return { readable: decoder.readable.pipeThrough(texts), writable: decoder.writable }
}

function textOf(event: unknown): Printed | null {
  const output = printed.safeParse(event)
  if (output.success) return { stream: output.data.type, text: output.data.text }
  const gap = missed.safeParse(event)
  return gap.success ? { stream: 'stderr', text: `\n[${gap.data.chars} characters are not kept any more]\n` } : null
}

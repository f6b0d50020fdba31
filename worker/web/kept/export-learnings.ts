/**
 * The learnings of an export of everything, in files that can each be imported again: an entry of a tar says its length first, and a
 * hundred thousand learnings are more than memory holds. They are read once, so a file is as long as it says, whatever changes meanwhile.
 */
import * as z from 'zod'
import { parsedJson } from '../../text/parsed-json.ts'

/** Bounds of one file; an import takes a little more. */
const FILE_BYTES = 3_500_000
const FILE_ENTRIES = 15_000

export interface LearningsFile {
  name: string
  text: string
}

const tail = z.object({
  changed_meanwhile: z.object({ added: z.int(), deleted: z.int(), changed: z.int() }).optional(),
})
export type ChangedMeanwhile = z.infer<typeof tail>['changed_meanwhile']

/**
 * Cuts what `/learnings/export` answers with, which has a learning a line. `changed` is told what changed while it was read. Throws when the
 * answer ends too early.
 */
export async function* learningsFiles(
  answer: ReadableStream<Uint8Array>,
  changed: (meanwhile: ChangedMeanwhile) => void,
): AsyncGenerator<LearningsFile> {
  let head: string | null = null
  let entries: string[] = []
  let bytes = 0
  let files = 0
  const file = (last: string, isOnly: boolean): LearningsFile => {
    files++
    const text = `${[head, entries.join(',\n'), last].filter((part) => part !== '').join('\n')}\n`
    entries = []
    bytes = 0
    return { name: isOnly ? 'learnings.json' : `learnings-${files}.json`, text }
  }
  for await (const line of linesOf(answer)) {
    if (head === null) head = line
    else if (line.startsWith(']')) {
      changed(tail.safeParse(parsedJson(`{"learnings":[${line}`)).data?.changed_meanwhile)
      return yield file(line, files === 0)
    } else if (line !== '') {
      const entry = line.endsWith(',') ? line.slice(0, -1) : line
      const length = Buffer.byteLength(entry) + 2
      if (entries.length === FILE_ENTRIES || (bytes + length > FILE_BYTES && entries.length > 0))
        yield file(']}', false)
      entries.push(entry)
      bytes += length
    }
  }
  throw new Error('the learnings ended too early')
}

async function* linesOf(bytes: ReadableStream<BufferSource>): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

/**
 * Everything that is kept for a user, as one compressed tar that is made while it is read: our own entries as one gzip member, and behind
 * it the files as the runner packs them. Programs that unpack gzip read members one after the other.
 */
import * as z from 'zod'
import type { Ask } from '../signed-in/as-user.ts'
import { tarEnd, tarHeader, tarPadding } from './tar.ts'

/** Folder of our own entries. Files of the working folder stand beside it, as they are there. */
const FOLDER = 'mcp-code-mode'
const RUNS_AT_ONCE = 250

const page = z.object({ runs: z.array(z.object({ run_id: z.string() })), next: z.string().nullable() })

const README = `Everything that this server keeps for you.

${FOLDER}/learnings.json  what was learned; the page about learnings imports it again
${FOLDER}/settings.json   your settings
${FOLDER}/runs/           a file for each run: program, what was asked, output, files, costs
everything else           the files of your working folder

Installed packages are not in it: they can be installed again.
`

/** `now`: milliseconds since 1970. */
export function exportOf(ask: Ask, now: number): ReadableStream<Uint8Array> {
  return streamOf(all(ask, now))
}

async function* all(ask: Ask, now: number): AsyncGenerator<Uint8Array> {
  yield* compressed(ours(ask, now))
  const files = await ask('/files?archive=tar.gz')
  if (files.ok && files.body !== null) return yield* files.body
  const why = `The files of your working folder are not in this export: ${await files.text()}\n`
  yield* compressed(
    (async function* () {
      yield* entry('FILES-ARE-MISSING.txt', why, now)
      yield tarEnd()
    })(),
  )
}

async function* ours(ask: Ask, now: number): AsyncGenerator<Uint8Array> {
  yield* entry(`${FOLDER}/README.txt`, README, now)
  yield* entry(`${FOLDER}/settings.json`, await textOf(ask, '/config'), now)
  yield* learnings(ask, now)
  let next: string | null = `/runs?limit=${RUNS_AT_ONCE}`
  while (next !== null) {
    const listed: z.infer<typeof page> = page.parse(JSON.parse(await textOf(ask, next)))
    for (const { run_id } of listed.runs) {
      const response = await ask(`/runs/${encodeURIComponent(run_id)}`)
      // It may have been forgotten since it was listed.
      if (response.ok) yield* entry(`${FOLDER}/runs/${run_id}.json`, await response.text(), now)
      else await response.body?.cancel()
    }
    next = listed.next
  }
}

/** They may be more than memory holds, and a header has to know their length: they are read once for it, and once more. */
async function* learnings(ask: Ask, now: number): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const piece of await bodyOf(ask, '/learnings/export')) bytes += piece.byteLength
  yield tarHeader(`${FOLDER}/learnings.json`, bytes, now)
  let left = bytes
  for await (const piece of await bodyOf(ask, '/learnings/export')) {
    left -= piece.byteLength
    yield piece
  }
  if (left !== 0) throw new Error('learnings were changed while they were exported')
  yield tarPadding(bytes)
}

async function* entry(name: string, text: string, now: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  yield tarHeader(name, bytes.byteLength, now)
  yield bytes
  yield tarPadding(bytes.byteLength)
}

async function bodyOf(ask: Ask, path: string): Promise<ReadableStream<Uint8Array>> {
  const response = await ask(path)
  if (!response.ok || response.body === null) throw new Error(`${path} answers with ${response.status}`)
  return response.body
}

async function textOf(ask: Ask, path: string): Promise<string> {
  return new Response(await bodyOf(ask, path)).text()
}

async function* compressed(pieces: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* streamOf(pieces).pipeThrough(new CompressionStream('gzip'))
}

/** A stream that makes what it is asked for. */
function streamOf(pieces: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next()
      if (done === true) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await pieces.return(undefined)
    },
  })
}

/**
 * Everything that is kept for a user, as one compressed tar that is made while it is read: our own entries as one gzip member, and behind
 * it the files as the runner packs them. Programs that unpack gzip read members one after the other.
 */
import * as z from 'zod'
import type { Ask } from '../signed-in/as-user.ts'
import { type ChangedMeanwhile, learningsFiles } from './export-learnings.ts'
import { tarEnd, tarHeader, tarPadding } from './tar.ts'

/** Folder of everything: unpacked among other things, nothing lies beside it. */
const FOLDER = 'mcp-code-mode'
/** Folder of the files of the working folder. */
const FILES = `${FOLDER}/files`
const RUNS_AT_ONCE = 250
/** Longest time for which a request may be put off; a longer one is no question of a moment. */
const MAX_WAIT_S = 60

const page = z.object({ runs: z.array(z.object({ run_id: z.string() })), next: z.string().nullable() })

const README = `Everything that this server keeps for you.

${FOLDER}/learnings.json  what was learned; the page about learnings imports it again (of very many there are learnings-1.json and so on)
${FOLDER}/settings.json   your settings
${FOLDER}/runs/           a file for each run: program, what was asked, output, files, costs
${FILES}/          the files of your working folder

Installed packages are not in it: they can be installed again.
Where something changed while the archive was made, ${FOLDER}/CHANGED-MEANWHILE.txt says what.
`

/** `now`: milliseconds since 1970. */
export function exportOf(ask: Ask, now: number): ReadableStream<Uint8Array> {
  return streamOf(all(whileAllowed(patient(ask)), now))
}

/** Throws when the access ends, by signing out: nothing that is missing for that is told as forgotten. */
function whileAllowed(ask: Ask): Ask {
  return async (path, init) => {
    const response = await ask(path, init)
    if (response.status !== 401) return response
    await response.body?.cancel()
    throw new Error(`${path} answers with 401`)
  }
}

/** Asks again when the user has asked for too much at once: an export of many runs does, all by itself. */
function patient(ask: Ask): Ask {
  return async (path, init) => {
    for (;;) {
      const response = await ask(path, init)
      const waitS = Number(response.headers.get('retry-after') ?? NaN)
      if (response.status !== 429 || !(waitS <= MAX_WAIT_S)) return response
      await response.body?.cancel()
      await scheduler.wait(waitS * 1000)
    }
  }
}

async function* all(ask: Ask, now: number): AsyncGenerator<Uint8Array> {
  yield* compressed(ours(ask, now))
  const files = await ask(`/files?archive=tar.gz&below=${FILES}`)
  if (files.ok && files.body !== null) return yield* files.body
  const why = `The files of your working folder are not in this export: ${await files.text()}\n`
  yield* compressed(
    (async function* () {
      yield* entry(`${FOLDER}/FILES-ARE-MISSING.txt`, why, now)
      yield tarEnd()
    })(),
  )
}

async function* ours(ask: Ask, now: number): AsyncGenerator<Uint8Array> {
  yield* entry(`${FOLDER}/README.txt`, README, now)
  yield* entry(`${FOLDER}/settings.json`, await textOf(ask, '/config'), now)
  const meanwhile: string[] = []
  const learnings = learningsFiles(await bodyOf(ask, '/learnings/export'), (changed) => {
    if (changed !== undefined) meanwhile.push(learningsWords(changed))
  })
  for await (const { name, text } of learnings) yield* entry(`${FOLDER}/${name}`, text, now)
  const gone: string[] = []
  let next: string | null = `/runs?limit=${RUNS_AT_ONCE}`
  while (next !== null) {
    const answer: Response = await ask(next)
    if (answer.status === 400) {
      // The run from which on older ones were asked for was forgotten, and all older ones before it.
      await answer.body?.cancel()
      gone.push('and older ones')
      break
    }
    const listed: z.infer<typeof page> = page.parse(JSON.parse(await new Response(bodyIn(answer, next)).text()))
    for (const { run_id } of listed.runs) {
      const response = await ask(`/runs/${encodeURIComponent(run_id)}`)
      if (response.ok) yield* entry(`${FOLDER}/runs/${run_id}.json`, await response.text(), now)
      else {
        await response.body?.cancel()
        gone.push(run_id)
      }
    }
    next = listed.next
  }
  if (gone.length > 0)
    meanwhile.push(
      `Runs that are not in it, as they were forgotten before their turn or cannot be read: ${gone.join(', ')}.`,
    )
  if (meanwhile.length > 0) {
    const words = ['While this archive was made, something changed.', ...meanwhile].join('\n')
    yield* entry(`${FOLDER}/CHANGED-MEANWHILE.txt`, `${words}\n`, now)
  }
}

function learningsWords({ added, deleted, changed }: NonNullable<ChangedMeanwhile>): string {
  return `Learnings: ${added} were added, and are not in it; ${deleted} were deleted, and are in it when their turn was before; ${changed} were changed, and are in it as they stood when their turn came.`
}

async function* entry(name: string, text: string, now: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  yield tarHeader(name, bytes.byteLength, now)
  yield bytes
  yield tarPadding(bytes.byteLength)
}

async function bodyOf(ask: Ask, path: string): Promise<ReadableStream<Uint8Array>> {
  return bodyIn(await ask(path), path)
}

/** Throws for a refusal, which breaks the download off: half an archive is not taken for a whole one. */
function bodyIn(response: Response, path: string): ReadableStream<Uint8Array> {
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

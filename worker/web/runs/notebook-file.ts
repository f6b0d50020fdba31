/** The notebook of a run, with its output and those pictures that are still its own. */
import type { Ask } from '../signed-in/as-user.ts'
import { API } from '../pages/paths.ts'
import { printedTexts } from './log-text.ts'
import { notebook, type Picture } from './notebook.ts'
import { addressOf } from '../pages/paths.ts'
import type { Receipt } from '../data/run-data.ts'

/** Most characters of output, and most pictures with the bytes of each. */
const MAX_CHARS = 2_000_000
const MAX_PICTURES = 10
const MAX_PICTURE_BYTES = 3_000_000

export async function notebookFile(run: Receipt, ask: Ask): Promise<Response> {
  const events = await ask(`/runs/${run.run_id}/events`)
  const printed = events.body === null || !events.ok ? [] : await printedTexts(events.body, MAX_CHARS)
  const pictures = await picturesOf(run, ask)
  return new Response(`${JSON.stringify(notebook(run, printed, pictures), null, 1)}\n`, {
    headers: {
      'content-type': 'application/x-ipynb+json; charset=utf-8',
      'content-disposition': `attachment; filename="${run.run_id}.ipynb"`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
  })
}

/** One after the other: each is held as a whole. */
async function picturesOf({ outcome, changed_since }: Receipt, ask: Ask): Promise<Picture[]> {
  const since = new Set(changed_since.map(({ path }) => path))
  const small = (outcome?.files ?? []).filter(
    ({ path, kind, change, bytes }) =>
      kind === 'image' && change !== 'deleted' && (bytes ?? Infinity) <= MAX_PICTURE_BYTES && !since.has(path),
  )
  const pictures: Picture[] = []
  for (const { path, mime, bytes: made } of small.slice(0, MAX_PICTURES)) {
    const response = await ask(addressOf(path).slice(API.length))
    // One that is gone, or is not the run's any more, is left out.
    if (!response.ok || mime === null) await response.body?.cancel()
    else {
      const bytes = Buffer.from(await response.arrayBuffer())
      if (bytes.byteLength === made) pictures.push({ path, mime, data: bytes.toString('base64') })
    }
  }
  return pictures
}

/** Pictures for the list of runs. What cannot be seen now is answered with a drawing of our own, so that no row looks broken. */
import { Hono } from 'hono'
import type { Env } from '../../env.ts'
import { asUserBy } from '../signed-in/as-user.ts'
import { wholePicture } from '../../files/picture.ts'
import { MAX_PICTURE_BYTES } from '../../session/store/run-pictures.ts'
import type { AnswerOf } from '../session-answers.ts'

export const THUMBNAILS = '/app/thumbnails'

/** The address of a run's picture. The run is named because a browser shows what it has of an address that stood on this page before. */
export function thumbnailOf(path: string, runId: string): string {
  return `${THUMBNAILS}/${path.split('/').map(encodeURIComponent).join('/')}?run=${runId}`
}

export function thumbnailPages(answerOf: AnswerOf): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  const asUser = asUserBy(answerOf)
  app.get(`${THUMBNAILS}/*`, (c) =>
    asUser(c, async (ask) => {
      const { pathname } = new URL(c.req.url)
      // Looking at a list is no reason to start a sandbox.
      const response = await ask(`/files${pathname.slice(THUMBNAILS.length)}?start=false`)
      const picture = await pictureIn(response)
      if (picture !== null) {
        const headers = new Headers(response.headers)
        headers.set('content-type', picture.mime)
        headers.set('cross-origin-resource-policy', 'same-origin')
        return new Response(picture.body, { headers })
      }
      return c.redirect('/assets/icons/no-picture.svg', 302)
    }),
  )
  return app
}

/**
 * The picture that a row shows, whole. Null for what only calls itself one, for what has changed its length since, and for SVG: that is a
 * document that may have script, and is shown on its run's page in a frame.
 */
async function pictureIn(response: Response): Promise<{ body: Uint8Array<ArrayBuffer>; mime: string } | null> {
  if (!response.ok || response.body === null) {
    await response.body?.cancel()
    return null
  }
  const pieces: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const piece of response.body) {
      bytes += piece.byteLength
      if (bytes > MAX_PICTURE_BYTES) return null
      pieces.push(piece)
    }
  } catch {
    return null // it became shorter while it was read
  }
  const body = Buffer.concat(pieces)
  const facts = wholePicture(body)
  return facts && { body, mime: facts.mime }
}

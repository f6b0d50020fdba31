/** Pictures for the list of runs. What cannot be seen now is answered with a drawing of our own, so that no row looks broken. */
import { Hono } from 'hono'
import type { Env } from '../../env.ts'
import { asUserBy } from '../signed-in/as-user.ts'
import type { AnswerOf } from '../session-answers.ts'

export const THUMBNAILS = '/app/thumbnails'

/** Types that a row shows. SVG is a document that may have script, and is shown on its run's page in a frame. */
const SHOWN = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

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
      if (response.ok && SHOWN.has(response.headers.get('content-type') ?? '')) {
        const headers = new Headers(response.headers)
        headers.set('cross-origin-resource-policy', 'same-origin')
        return new Response(response.body, { headers })
      }
      await response.body?.cancel()
      return c.redirect('/assets/icons/no-picture.svg', 302)
    }),
  )
  return app
}

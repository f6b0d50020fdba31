/** Documents that programs made, for the frames on the pages. */
import { Hono } from 'hono'
import type { Env } from '../../env.ts'
import { asUserBy, refused } from '../signed-in/as-user.ts'
import { FRAMED, framedHeaders, isFramed } from '../pages/framed.ts'
import { errorResponse } from '../pages/page.ts'
import type { AnswerOf } from '../session-answers.ts'

export function framedPages(answerOf: AnswerOf): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  const asUser = asUserBy(answerOf)
  app.get(`${FRAMED}/*`, (c) => {
    // In a window of its own it could pass for a page of ours.
    if (c.req.header('sec-fetch-dest') !== 'iframe')
      return errorResponse(404, 'Not here', 'This is shown within a page only.', 'Next: open the page of its run.')
    return asUser(c, async (ask) => {
      const { pathname } = new URL(c.req.url)
      const response = await ask(`/files${pathname.slice(FRAMED.length)}`)
      if (!response.ok) return refused(response, '/app/files')
      const mime = response.headers.get('content-type')?.split(';')[0] ?? ''
      if (isFramed(mime)) return new Response(response.body, { headers: framedHeaders(mime) })
      await response.body?.cancel()
      return errorResponse(415, 'Not shown', 'It is no HTML and no SVG.', 'Next: download the file.')
    })
  })
  return app
}

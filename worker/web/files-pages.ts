/** The page about the files of the working folder: look, upload, download, delete. */
import { Hono } from 'hono'
import * as z from 'zod'
import type { Env } from '../env.ts'
import { asUserBy, refused } from './as-user.ts'
import { appHeaders } from './pages/app-page.ts'
import { filesPage } from './pages/files.ts'
import type { AnswerOf } from './session-answers.ts'

export const FILES_PAGE = '/app/files'

/** What the page shows of files, as the session's `/files` answers. */
const files = z.object({
  files: z.array(z.object({ path: z.string(), bytes: z.number(), mime: z.string(), modified: z.string() })),
  cut: z.boolean(),
  uploads: z.array(z.object({ path: z.string(), upload: z.string(), bytes: z.number(), received: z.number() })),
  use: z.object({ bytes: z.number(), limit_bytes: z.number() }),
})
export type ShownFiles = z.infer<typeof files>

export function filesPages(answerOf: AnswerOf): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  const asUser = asUserBy(answerOf)

  app.get(FILES_PAGE, (c) =>
    asUser(c, async (ask) => {
      const response = await ask('/files')
      if (!response.ok) return refused(response, '/app/runs')
      return c.html(filesPage(files.parse(await response.json())), 200, appHeaders())
    }),
  )

  app.post(`${FILES_PAGE}/delete`, (c) =>
    asUser(c, async (ask) => {
      const { path } = await c.req.parseBody()
      const response = await ask(sessionPath(path), { method: 'DELETE' })
      if (!response.ok) return refused(response, FILES_PAGE)
      await response.body?.cancel()
      return c.redirect(FILES_PAGE, 303)
    }),
  )

  app.post(`${FILES_PAGE}/drop`, (c) =>
    asUser(c, async (ask) => {
      const { path, upload } = await c.req.parseBody()
      const query = new URLSearchParams({ upload: typeof upload === 'string' ? upload : '' })
      const response = await ask(`${sessionPath(path)}?${query.toString()}`, { method: 'DELETE' })
      if (!response.ok && response.status !== 404) return refused(response, FILES_PAGE)
      await response.body?.cancel()
      return c.redirect(FILES_PAGE, 303)
    }),
  )
  return app
}

/** The path of a file, from a form, as the session has it. */
function sessionPath(path: unknown): string {
  return `/files/${(typeof path === 'string' ? path : '').split('/').map(encodeURIComponent).join('/')}`
}

/** The page that says how much there is to take along, and the download of it. */
import { Hono } from 'hono'
import * as z from 'zod'
import type { Env } from '../../env.ts'
import { asUserBy } from '../signed-in/as-user.ts'
import { exportOf } from './export.ts'
import { appHeaders } from '../pages/app-page.ts'
import { exportPage } from './looks/export.ts'
import type { AnswerOf } from '../session-answers.ts'

export const EXPORT = '/account/export'

const files = z.object({ files: z.array(z.object({ bytes: z.number() })), cut: z.boolean() })

export function exportPages(answerOf: AnswerOf): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  const asUser = asUserBy(answerOf)

  app.get(EXPORT, (c) =>
    asUser(c, async (ask) => {
      const response = await ask('/files')
      const found = response.ok ? files.parse(await response.json()) : null
      if (found === null) await response.body?.cancel()
      const bytes = found?.files.reduce((total, file) => total + file.bytes, 0) ?? null
      return c.html(exportPage(bytes, found?.files.length ?? 0, found?.cut ?? false), 200, appHeaders())
    }),
  )

  // A form, and no link: making it takes the user's time, and no other site's page may ask for it.
  app.post(EXPORT, (c) =>
    asUser(c, async (ask) => {
      const now = Date.now()
      const day = new Date(now).toISOString().slice(0, 10)
      return c.body(exportOf(ask, now), 200, {
        'content-type': 'application/gzip',
        'content-disposition': `attachment; filename="mcp-code-mode-${day}.tar.gz"`,
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      })
    }),
  )
  return app
}

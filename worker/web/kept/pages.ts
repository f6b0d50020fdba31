/** Pages about what is kept beside runs. */
import { Hono } from 'hono'
import type { Env } from '../../env.ts'
import type { AnswerOf } from '../session-answers.ts'
import { exportPages } from './export-pages.ts'
import { FILES_PAGE, filesPages } from './files-pages.ts'
import { LEARNINGS_PAGE, learningsPages } from './learnings-pages.ts'
import { PACKAGES_PAGE, packagesPages } from './packages-pages.ts'
import { SETTINGS_PAGE, settingsPages } from './settings-pages.ts'
import { USAGE_PAGE, usagePages } from './usage-pages.ts'

export const KEPT_PATHS = [LEARNINGS_PAGE, FILES_PAGE, PACKAGES_PAGE, USAGE_PAGE, SETTINGS_PAGE].flatMap((path) => [
  path,
  `${path}/*`,
])

export function keptPages(answerOf: AnswerOf): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  for (const pages of [learningsPages, filesPages, packagesPages, usagePages, settingsPages, exportPages])
    app.route('/', pages(answerOf))
  return app
}

/** The page about what the user takes of the server: minutes, storage, runs by day, and the sandbox with its start and stop. */
import { Hono } from 'hono'
import * as z from 'zod'
import type { Env } from '../../env.ts'
import { asUserBy, json, refused } from '../signed-in/as-user.ts'
import { appHeaders } from '../pages/app-page.ts'
import { usagePage } from './looks/usage.ts'
import type { AnswerOf } from '../session-answers.ts'

export const USAGE_PAGE = '/app/usage'

/** What the page shows, as the session's `/usage` answers. */
const usage = z.object({
  today: z.object({ used_ms: z.number(), limit_minutes: z.number().nullable() }),
  storage: z.object({ bytes: z.number(), at_least: z.boolean(), limit_bytes: z.number() }).nullable(),
  days: z.array(z.object({ day: z.string(), runs: z.number(), failed: z.number(), wall_ms: z.number() })),
  sandbox: z.object({
    executor: z.enum(['local', 'sandbox', 'none']),
    state: z.enum(['running', 'asleep', 'unreachable']),
    python: z.string().nullable(),
    live_runs: z.number().nullable(),
    live_installs: z.number().nullable(),
  }),
})
export type Usage = z.infer<typeof usage>

export function usagePages(answerOf: AnswerOf): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  const asUser = asUserBy(answerOf)

  app.get(USAGE_PAGE, (c) =>
    asUser(c, async (ask) => {
      const response = await ask('/usage')
      if (!response.ok) return refused(response, '/app/runs')
      return c.html(usagePage(usage.parse(await response.json()), new Date()), 200, appHeaders())
    }),
  )

  app.post(`${USAGE_PAGE}/sandbox`, (c) =>
    asUser(c, async (ask) => {
      const { action } = await c.req.parseBody()
      const response = await ask('/usage/sandbox', json('POST', { action }))
      if (!response.ok) return refused(response, USAGE_PAGE)
      await response.body?.cancel()
      return c.redirect(USAGE_PAGE, 303)
    }),
  )
  return app
}

/** Signed links to a user's files. */
import { Hono } from 'hono'
import { forwarded } from '../auth/caller.ts'
import { passesGate } from '../auth/user-gate.ts'
import type { Env } from '../env.ts'
import { claimedUser } from '../files/download.ts'
import { LINK_PATHS } from '../session/routes.ts'
import type { AnswerOf } from './session-answers.ts'

/** Serves signed links, which need no token: the session that a link names checks the signature, and answers nothing else to it. */
export function linkRoutes(answerOf: AnswerOf): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  for (const path of LINK_PATHS)
    app.get(path, async (c, next) => {
      const userId = c.req.header('authorization') === undefined ? claimedUser(new URL(c.req.url)) : null
      if (userId === null || !(await passesGate(c.env, 'link', userId, c.req.query('gate') ?? null)))
        return await next()
      return answerOf(c.env, userId, forwarded(c.req.raw, null))
    })
  return app
}

/** The page about what was learned: search, edit, approve, delete, export, import. */
import { Hono } from 'hono'
import * as z from 'zod'
import type { Env } from '../../env.ts'
import { asUserBy, json, reasonOf, refused } from '../signed-in/as-user.ts'
import { appHeaders } from '../pages/app-page.ts'
import { tellOnce, toldOnce } from '../pages/told-once.ts'
import { deletionPage, importedPage, learningsPage, unsavedPage } from './looks/learnings.ts'
import type { AnswerOf } from '../session-answers.ts'

export const LEARNINGS_PAGE = '/app/learnings'

/** What the page shows of a learning, as the session's `/learnings` answers. */
const learning = z.object({
  id: z.string(),
  kind: z.string(),
  problem: z.string(),
  failed_approach: z.string(),
  solution: z.string(),
  context: z.string(),
  tags: z.array(z.string()),
  origin: z.object({ via: z.string(), client: z.string(), run_id: z.string().nullable() }),
  draft: z.boolean(),
  success_count: z.number(),
  failure_count: z.number(),
  created_at: z.number(),
})
export type ShownLearning = z.infer<typeof learning>

const found = z.object({ learnings: z.array(learning), total: z.number() })
const summary = z.object({
  added: z.number(),
  merged: z.number(),
  skipped: z.number(),
  problems: z.array(z.object({ index: z.number(), reason: z.string() })),
})
export type ImportSummary = z.infer<typeof summary>

const texts = z.object({
  problem: z.string(),
  failed_approach: z.string(),
  solution: z.string(),
  context: z.string(),
  tags: z.string(),
})

export function learningsPages(answerOf: AnswerOf): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  const asUser = asUserBy(answerOf)

  app.get(LEARNINGS_PAGE, (c) =>
    asUser(c, async (ask) => {
      const search = c.req.query('search') ?? ''
      const response = await ask(`/learnings?${new URLSearchParams({ search, limit: '100' }).toString()}`)
      if (!response.ok) return refused(response, LEARNINGS_PAGE)
      const done = { deleted: toldOnce(c, 'deleted'), saved: toldOnce(c, 'saved') }
      const page = learningsPage(found.parse(await response.json()), search, done)
      return c.html(page, 200, appHeaders())
    }),
  )

  app.post(`${LEARNINGS_PAGE}/import`, (c) =>
    asUser(c, async (ask) => {
      const { file } = await c.req.parseBody()
      const body = file instanceof File ? await file.text() : ''
      const response = await ask('/learnings/import', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      if (!response.ok) return refused(response, LEARNINGS_PAGE)
      return c.html(importedPage(summary.parse(await response.json())), 200, appHeaders())
    }),
  )

  app.post(`${LEARNINGS_PAGE}/:id`, (c) =>
    asUser(c, async (ask) => {
      const form = await c.req.parseBody()
      const path = `/learnings/${encodeURIComponent(c.req.param('id'))}`
      const response = await ask(path, requestOf(form))
      if (!response.ok) {
        const old = learning.safeParse(await (await ask(path)).json().catch(() => null)).data
        const typed = changeIn(form)
        if (old === undefined || typed === null) return refused(response, LEARNINGS_PAGE)
        // What was typed stands in its field, to be mended.
        const page = unsavedPage({ ...old, ...typed }, textIn(form['search']), await reasonOf(response))
        return c.html(page, 400, appHeaders())
      }
      await response.body?.cancel()
      tellOnce(c, 'saved', c.req.param('id'))
      return c.redirect(`${listOf(form['search'])}#${c.req.param('id')}`, 303)
    }),
  )

  // Asks first: nothing here brings it back.
  app.post(`${LEARNINGS_PAGE}/:id/delete`, (c) =>
    asUser(c, async (ask) => {
      const path = `/learnings/${encodeURIComponent(c.req.param('id'))}`
      const response = await ask(path)
      if (!response.ok) return refused(response, LEARNINGS_PAGE)
      const found = learning.parse(await response.json())
      const { sure, search } = await c.req.parseBody()
      const list = listOf(search)
      if (sure !== 'yes') return c.html(deletionPage(found, textIn(search), list), 200, appHeaders())
      const deleted = await ask(path, { method: 'DELETE' })
      if (!deleted.ok) return refused(deleted, LEARNINGS_PAGE)
      await deleted.body?.cancel()
      tellOnce(c, 'deleted', found.problem)
      return c.redirect(list, 303)
    }),
  )
  return app
}

function textIn(field: unknown): string {
  return typeof field === 'string' ? field : ''
}

/** The list that a form stood in. `search`: the form's field with the words that were searched for. */
function listOf(search: unknown): string {
  const words = textIn(search)
  return words === '' ? LEARNINGS_PAGE : `${LEARNINGS_PAGE}?${new URLSearchParams({ search: words }).toString()}`
}

/** The session's request for what was pressed. */
function requestOf(form: Record<string, unknown>): RequestInit {
  if (form['action'] === 'approve') return json('PATCH', { draft: false })
  const typed = changeIn(form)
  // No form of ours: the session says that there is nothing to change. Who edits a draft has looked at it.
  return json('PATCH', typed && { ...typed, draft: false })
}

/** What was typed; null when it is no form of ours. */
function changeIn(form: Record<string, unknown>): Pick<ShownLearning, keyof z.infer<typeof texts>> | null {
  const given = texts.safeParse(form)
  if (!given.success) return null
  const { problem, failed_approach, solution, context, tags } = given.data
  // A form's text has line ends of two characters.
  const lines = (text: string) => text.replaceAll('\r\n', '\n')
  return {
    problem: lines(problem),
    failed_approach: lines(failed_approach),
    solution: lines(solution),
    context: lines(context),
    tags: tags
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ''),
  }
}

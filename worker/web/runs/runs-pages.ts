/** Pages about the runs of the user who is signed in to this browser: list, run, its output and program as files, start and stop. */
import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { publicOrigin } from '../../auth/oauth.ts'
import type { Env } from '../../env.ts'
import { type Ask, asUserBy, json, reasonOf, refused } from '../signed-in/as-user.ts'
import { filtersIn, queryOf } from './filters.ts'
import { learnedBefore } from './learned.ts'
import { logText } from './log-text.ts'
import { sharesAreOn } from './share-links.ts'
import { notebookFile } from './notebook-file.ts'
import { appHeaders } from '../pages/app-page.ts'
import { errorResponse } from '../pages/page.ts'
import { runPage } from './looks/run.ts'
import { runsPage } from './looks/runs.ts'
import { receipt, runPage as runList, type Receipt } from '../data/run-data.ts'
import type { AnswerOf } from '../session-answers.ts'

type Ctx = Context<{ Bindings: Env }>

export const RUNS_PAGE = '/app/runs'
const NEXT = html`Next: see your <a href="${RUNS_PAGE}">runs</a>.`
const TEXT_FILE = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' }

export function runsPages(answerOf: AnswerOf): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()

  const asUser = asUserBy(answerOf)
  const withRun = (c: Ctx, answer: (run: Receipt, ask: Ask) => Promise<Response> | Response) =>
    asUser(c, async (ask) => {
      const response = await ask(`/runs/${encodeURIComponent(c.req.param('id') ?? '')}`)
      return response.ok ? answer(receipt.parse(await response.json()), ask) : refused(response, RUNS_PAGE)
    })

  app.get('/app', (c) => c.redirect(RUNS_PAGE, 302))

  app.get(RUNS_PAGE, (c) =>
    asUser(c, async (ask) => {
      const filters = filtersIn((name) => c.req.query(name))
      const response = await ask(`/runs${queryOf(filters)}`)
      const origin = publicOrigin(c.req.raw, c.env)
      // What is wrong stands in its form, to be mended.
      if (response.status === 400)
        return c.html(runsPage(origin, await reasonOf(response), filters, Date.now()), 400, appHeaders())
      if (!response.ok) return refused(response, RUNS_PAGE)
      const page = runList.parse(await response.json())
      return c.html(runsPage(origin, page, filters, Date.now()), 200, appHeaders())
    }),
  )

  app.post(RUNS_PAGE, (c) =>
    asUser(c, async (ask) => {
      const { code, description } = await c.req.parseBody()
      const wanted = { code: textOf(code), description: textOf(description), background: true }
      const response = await ask('/runs', json('POST', wanted))
      if (!response.ok) return refused(response, RUNS_PAGE)
      await response.body?.cancel()
      return c.redirect(`/app${response.headers.get('location') ?? '/runs'}`, 303)
    }),
  )

  app.get(`${RUNS_PAGE}/:id`, (c) =>
    withRun(c, async (run, ask) =>
      c.html(runPage(run, await learnedBefore(run, ask), sharesAreOn(c.env)), 200, appHeaders()),
    ),
  )

  app.post(`${RUNS_PAGE}/:id/stop`, (c) =>
    withRun(c, async ({ run_id }, ask) => {
      const response = await ask(`/runs/${run_id}`, { method: 'DELETE' })
      await response.body?.cancel()
      return c.redirect(`${RUNS_PAGE}/${run_id}`, 303)
    }),
  )

  app.get(`${RUNS_PAGE}/:id/log.txt`, (c) =>
    withRun(c, async ({ run_id }, ask) => {
      const response = await ask(`/runs/${run_id}/events`)
      if (!response.ok || response.body === null) return refused(response, RUNS_PAGE)
      return c.body(response.body.pipeThrough(logText()), 200, {
        ...TEXT_FILE,
        'content-type': 'text/plain; charset=utf-8',
        'content-disposition': `attachment; filename="${run_id}.txt"`,
      })
    }),
  )

  app.get(`${RUNS_PAGE}/:id/notebook.ipynb`, (c) => withRun(c, notebookFile))

  app.get(`${RUNS_PAGE}/:id/program.py`, (c) =>
    withRun(c, ({ run_id, program }) => {
      if (program === null) return errorResponse(404, 'No program', 'It is not kept any more.', NEXT)
      return c.body(program, 200, {
        ...TEXT_FILE,
        'content-type': 'text/x-python; charset=utf-8',
        'content-disposition': `attachment; filename="${run_id}.py"`,
      })
    }),
  )
  return app
}

/** A form's text has line ends of two characters. */
function textOf(field: unknown): string {
  return typeof field === 'string' ? field.replaceAll('\r\n', '\n') : ''
}

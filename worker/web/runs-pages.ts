/** Pages about the runs of the user who is signed in to this browser: list, run, its output and program as files, start and stop. */
import { type Context, Hono } from 'hono'
import { isAllowed } from '../auth/identity/allow-list.ts'
import { publicOrigin } from '../auth/oauth.ts'
import type { Env } from '../env.ts'
import { signedIn } from './browser.ts'
import { asSession } from './browser-api.ts'
import { logText } from './log-text.ts'
import { appHeaders } from './pages/app-page.ts'
import { errorResponse } from './pages/page.ts'
import { runPage } from './pages/run.ts'
import { runsPage } from './pages/runs.ts'
import { receipt, runPage as runList, type Receipt } from './run-data.ts'
import type { AnswerOf } from './session-answers.ts'
import { notAllowed } from './sign-in.ts'

type Ctx = Context<{ Bindings: Env }>
/** Asks the session object of the user. */
type Ask = (path: string, init?: RequestInit) => Promise<Response>

const NEXT = 'Next: go back to your runs at /app/runs.'
const TEXT_FILE = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' }

export function runsPages(answerOf: AnswerOf): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()

  /** Answers a user who is signed in and allowed; sends everybody else to the page that fits. */
  const asUser = async (c: Ctx, answer: (ask: Ask) => Promise<Response>): Promise<Response> => {
    const who = await signedIn(c)
    const { pathname, search, origin } = new URL(c.req.url)
    if (who === null) {
      const back = c.req.method === 'GET' ? pathname + search : '/app/runs'
      return c.redirect(`/sign-in?return=${encodeURIComponent(back)}`, 303)
    }
    if (!isAllowed(c.env, who.identity)) return notAllowed(c, who.identity)
    return answer((path, init) =>
      answerOf(
        c.env,
        who.userId,
        asSession(new Request(origin + path, { ...init, signal: c.req.raw.signal }), who.userId),
      ),
    )
  }
  const withRun = (c: Ctx, answer: (run: Receipt, ask: Ask) => Promise<Response> | Response) =>
    asUser(c, async (ask) => {
      const response = await ask(`/runs/${encodeURIComponent(c.req.param('id') ?? '')}`)
      return response.ok ? answer(receipt.parse(await response.json()), ask) : refused(response)
    })

  app.get('/app', (c) => c.redirect('/app/runs', 302))

  app.get('/app/runs', (c) =>
    asUser(c, async (ask) => {
      const filters = {
        status: c.req.query('status') ?? '',
        search: c.req.query('search') ?? '',
        before: c.req.query('before') ?? '',
      }
      const query = new URLSearchParams(Object.entries(filters).filter(([, value]) => value !== ''))
      const response = await ask(`/runs?${query.toString()}`)
      if (!response.ok) return refused(response)
      const page = runList.parse(await response.json())
      return c.html(runsPage(publicOrigin(c.req.raw, c.env), page, filters), 200, appHeaders())
    }),
  )

  app.post('/app/runs', (c) =>
    asUser(c, async (ask) => {
      const { code } = await c.req.parseBody()
      const headers = { 'content-type': 'application/json' }
      // A form's text has line ends of two characters.
      const program = typeof code === 'string' ? code.replaceAll('\r\n', '\n') : ''
      const body = JSON.stringify({ code: program, background: true })
      const response = await ask('/runs', { method: 'POST', headers, body })
      if (!response.ok) return refused(response)
      await response.body?.cancel()
      return c.redirect(`/app${response.headers.get('location') ?? '/runs'}`, 303)
    }),
  )

  app.get('/app/runs/:id', (c) => withRun(c, (run) => c.html(runPage(run), 200, appHeaders())))

  app.post('/app/runs/:id/stop', (c) =>
    withRun(c, async ({ run_id }, ask) => {
      const response = await ask(`/runs/${run_id}`, { method: 'DELETE' })
      await response.body?.cancel()
      return c.redirect(`/app/runs/${run_id}`, 303)
    }),
  )

  app.get('/app/runs/:id/log.txt', (c) =>
    withRun(c, async ({ run_id }, ask) => {
      const response = await ask(`/runs/${run_id}/events`)
      if (!response.ok || response.body === null) return refused(response)
      return c.body(response.body.pipeThrough(logText()), 200, {
        ...TEXT_FILE,
        'content-type': 'text/plain; charset=utf-8',
        'content-disposition': `attachment; filename="${run_id}.txt"`,
      })
    }),
  )

  app.get('/app/runs/:id/program.py', (c) =>
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

/** The page for what the session has refused, in its words: they name the cause and the next step. */
async function refused(response: Response): Promise<Response> {
  const { error } = await response.json<{ error?: string }>().catch((): { error?: string } => ({}))
  const title = response.status === 404 ? 'Not here' : 'That did not work'
  return errorResponse(response.status, title, error ?? 'The server gave no reason.', NEXT)
}

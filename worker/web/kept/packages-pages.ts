/** The pages about packages: what is installed and why, install, remove, lock. */
import { type Context, Hono } from 'hono'
import * as z from 'zod'
import type { Env } from '../../env.ts'
import { parsedJson } from '../../text/parsed-json.ts'
import { type Ask, asUserBy, json, refused } from '../signed-in/as-user.ts'
import { appHeaders } from '../pages/app-page.ts'
import { packagesPage, removalPage } from './looks/packages.ts'
import type { AnswerOf } from '../session-answers.ts'

export const PACKAGES_PAGE = '/app/packages'

/** What the pages show, as the session's `/packages` answers. */
const packages = z.object({
  packages: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      own: z.boolean(),
      bytes: z.number().nullable(),
      requires: z.array(z.string()),
      required_by: z.array(z.string()),
      run_id: z.string().nullable(),
    }),
  ),
  cut: z.boolean(),
})
export type Packages = z.infer<typeof packages>

const installEnd = z.object({
  status: z.enum(['success', 'error']),
  installed: z.array(z.string()),
  refused: z.array(z.object({ name: z.string(), reason: z.string() })),
  message: z.string(),
})
export type InstallEnd = z.infer<typeof installEnd>

type Ctx = Context<{ Bindings: Env }>

export function packagesPages(answerOf: AnswerOf): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  const asUser = asUserBy(answerOf)

  async function show(c: Ctx, ask: Ask, end: InstallEnd | null = null): Promise<Response> {
    const response = await ask('/packages')
    if (!response.ok) return refused(response, '/app/runs')
    const page = packagesPage(packages.parse(await response.json()), end)
    return c.html(page, end?.status === 'error' ? 400 : 200, appHeaders())
  }

  /** Installs, and shows what came of it. The module shows the output as it comes; without it there is the end alone. */
  async function install(c: Ctx, ask: Ask, wanted: object): Promise<Response> {
    const response = await ask('/packages', json('POST', wanted))
    if (!response.ok) return refused(response, PACKAGES_PAGE)
    const last = (await response.text()).split('event: done\ndata: ').at(-1) ?? ''
    return show(c, ask, installEnd.parse(parsedJson(last)))
  }

  app.get(PACKAGES_PAGE, (c) => asUser(c, (ask) => show(c, ask)))
  app.post(PACKAGES_PAGE, (c) =>
    asUser(c, async (ask) => install(c, ask, { packages: textOf((await c.req.parseBody())['packages']) })),
  )
  app.post(`${PACKAGES_PAGE}/lock`, (c) =>
    asUser(c, async (ask) => {
      const { lock } = await c.req.parseBody()
      return install(c, ask, { lock: lock instanceof File ? await lock.text() : textOf(lock) })
    }),
  )
  app.post(`${PACKAGES_PAGE}/remove`, (c) =>
    asUser(c, async (ask) => {
      const form = await c.req.parseBody()
      const name = textOf(form['name'])
      if (form['sure'] !== 'yes') {
        const response = await ask('/packages')
        if (!response.ok) return refused(response, PACKAGES_PAGE)
        const found = packages.parse(await response.json()).packages.find((each) => each.name === name)
        if (found !== undefined && found.required_by.length > 0) return c.html(removalPage(found), 200, appHeaders())
      }
      const response = await ask(`/packages/${encodeURIComponent(name)}`, { method: 'DELETE' })
      if (!response.ok) return refused(response, PACKAGES_PAGE)
      await response.body?.cancel()
      return c.redirect(PACKAGES_PAGE, 303)
    }),
  )
  return app
}

function textOf(field: unknown): string {
  return typeof field === 'string' ? field : ''
}

/** What a browser gets where programs get JSON: somebody who typed an address sees a page that leads on. */
import type { MiddlewareHandler } from 'hono'
import { html } from 'hono/html'
import * as z from 'zod'
import { parsedJson } from '../text/parsed-json.ts'
import { forPerson } from './data/for-person.ts'
import { errorResponse } from './pages/page.ts'
import { withPageLinks } from './pages/page-links.ts'

const jsonError = z.object({ error: z.string(), error_description: z.string().optional() })
const TITLES: Record<number, string> = {
  401: 'This address is for programs',
  403: 'Not for you',
  404: 'Nothing is here',
  429: 'Too many requests',
  500: 'Something failed',
}

/** Sends a browser from the runs of programs to the pages about them, and gives it refusals as pages, with status and headers as they are. */
export const forBrowsers: MiddlewareHandler = async (c, next) => {
  if (!isNavigation(c.req.method, c.req.header('accept'), c.req.header('authorization'))) return next()
  if (/^\/runs(?:\/r_[0-9a-f]{16})?\/?$/.test(c.req.path)) return c.redirect(`/app${c.req.path}`, 302)
  await next()
  const { res } = c
  if (res.status < 400 || !(res.headers.get('content-type') ?? '').startsWith('application/json')) return
  const said = jsonError.safeParse(parsedJson(await res.clone().text()))
  if (!said.success) return
  const { error, error_description = error } = said.data
  const title = TITLES[res.status] ?? 'That did not work'
  const cause = withPageLinks(forPerson(error_description))
  const page = await errorResponse(res.status, title, cause, html`<a href="/app/runs">Your runs</a>`)
  // The challenge of a 401, and whatever else says what to do.
  for (const [name, value] of res.headers) {
    if (!page.headers.has(name) && name !== 'content-length') page.headers.append(name, value)
  }
  c.res = undefined
  c.res = page
}

/** A person's browser that opens an address: programs ask for JSON or events, or bring a token. */
function isNavigation(method: string, accept = '', authorization?: string): boolean {
  return method === 'GET' && authorization === undefined && /\btext\/html\b/i.test(accept)
}

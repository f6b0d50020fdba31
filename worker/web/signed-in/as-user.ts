/** The pages' way to the session object of the user who is signed in to this browser. */
import type { Context } from 'hono'
import { html } from 'hono/html'
import { isAllowed } from '../../auth/identity/allow-list.ts'
import type { Env } from '../../env.ts'
import { type SignedIn, signedIn } from './browser.ts'
import { asSession } from './browser-api.ts'
import { forPerson } from '../data/for-person.ts'
import { errorResponse } from '../pages/page.ts'
import { withPageLinks } from '../pages/page-links.ts'
import type { AnswerOf } from '../session-answers.ts'
import { notAllowed } from './not-allowed.ts'

type Ctx = Context<{ Bindings: Env }>
/** Sends a request to the session object of the user. */
export type Ask = (path: string, init?: RequestInit) => Promise<Response>
/** As `asSignedIn`, with the way to the user's session. */
export type AsUser = (c: Ctx, answer: (ask: Ask) => Promise<Response>) => Promise<Response>

/** Answers a user who is signed in and allowed; sends everybody else to the page that fits. `back`: the page to return to after signing in. */
export async function asSignedIn(
  c: Ctx,
  back: string,
  answer: (who: SignedIn) => Promise<Response>,
): Promise<Response> {
  const who = await signedIn(c)
  if (who === null) return c.redirect(`/sign-in?return=${encodeURIComponent(back)}`, 303)
  return isAllowed(c.env, who.identity) ? answer(who) : notAllowed(c, who.identity)
}

export function asUserBy(answerOf: AnswerOf): AsUser {
  return (c, answer) => {
    const { pathname, search, origin } = new URL(c.req.url)
    const back = c.req.method === 'GET' ? pathname + search : '/app/runs'
    return asSignedIn(c, back, (who) => {
      // Of all that one page asks: a download that is made in many steps ends with a sign-out everywhere.
      const authorizedAt = Date.now()
      return answer((path, init) => {
        const request = new Request(origin + path, { ...init, signal: c.req.raw.signal })
        return answerOf(c.env, who.userId, asSession(request, who, authorizedAt))
      })
    })
  }
}

/** JSON for the session object. */
export function json(method: string, value: unknown): RequestInit {
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) }
}

/**
 * The page for a refusal of the session, in its words: they name the cause and the next step. Of what is not there it names the next step for
 * programs, so that a page has words of its own. `back`: a page of ours.
 */
export async function refused(response: Response, back: string): Promise<Response> {
  if (response.status === 404) {
    await response.body?.cancel()
    const next = html`Next: <a href="${back}">go back</a>.`
    return errorResponse(404, 'Not here', 'It is not kept any more, or the address is not whole.', next)
  }
  const reason = await reasonOf(response)
  // One next step: the way back is no second one.
  const way = html`<a href="${back}">Go back</a>`
  return errorResponse(response.status, 'That did not work', withPageLinks(reason), way)
}

/** Why the session refused, for a person. */
export async function reasonOf(response: Response): Promise<string> {
  type Reason = { error?: string; error_description?: string }
  const { error, error_description } = await response.json<Reason>().catch((): Reason => ({}))
  return forPerson(error_description ?? error ?? 'The server gave no reason. Next: try again in a minute.')
}

/** Answers of a user's session object, as clients get them: also when the object could not be started or could not store something. */
import { invalidTokenChallenge } from '../auth/oauth.ts'
import type { Env } from '../env.ts'
import { isStorageFull, STORAGE_FULL } from '../run/contract/errors.ts'
import { forStarted, isNotStarted, toReadOnly } from '../session/door/started.ts'
import type { SessionControl } from './session-control.ts'

interface Fetcher {
  fetch: (request: Request) => Promise<Response>
}

export interface SessionObjects {
  /** The session object of a user. */
  session: (env: Env, userId: string) => Promise<Fetcher & SessionControl>
  /** The same object, as it stands: it is not started to get it. */
  unstarted: (env: Env, userId: string) => Fetcher
}

/** The answer of this user's session to a request that has passed the checks. */
export type AnswerOf = (env: Env, userId: string, request: Request) => Promise<Response>

export function sessionAnswers({ session, unstarted }: SessionObjects): AnswerOf {
  return async (env, userId, request) => {
    const again = () => session(env, userId)
    const asked = forStarted(request)
    if (asked !== null) {
      const response = await answerFrom(unstarted(env, userId), asked, again)
      if (!isNotStarted(response)) {
        // Its copy of the body would otherwise be held for as long as the answer lasts. A cancelled body has no copy.
        request.body?.cancel().catch(() => {})
        return challenged(request, response)
      }
    }
    let object: Fetcher
    try {
      object = await again()
    } catch (error) {
      if (!isStorageFull(error)) throw error
      return challenged(request, await unstarted(env, userId).fetch(toReadOnly(request)))
    }
    return challenged(request, await answerFrom(object, request, again))
  }
}

/** `again`: the same object after it has ended with an error. */
async function answerFrom(
  object: Fetcher,
  request: Request,
  again: () => Promise<Pick<SessionControl, 'storeSomething'>>,
): Promise<Response> {
  try {
    return await object.fetch(request)
  } catch (error) {
    // A failed write ends the object, and only its storage knows the reason.
    const canStore = await again()
      .then((session) => session.storeSomething())
      .then(
        () => true,
        () => false,
      )
    if (canStore) throw error
    console.error(JSON.stringify({ event: 'storage_full', error: String(error) }))
    return Response.json({ error: STORAGE_FULL }, { status: 507 })
  }
}

/** Adds to the refusal of a token how to get another one. */
async function challenged(request: Request, response: Response): Promise<Response> {
  if (response.status === 401) {
    const answer = new Response(response.body, response)
    answer.headers.set('www-authenticate', invalidTokenChallenge(new URL(request.url)))
    return answer
  }
  if (response.status !== 500) return response
  // An error that the object throws comes back with its stack trace.
  await response.body?.cancel()
  return failed()
}

/** The answer to an error without a reason that a client may see. */
export function failed(): Response {
  return Response.json({ error: 'Internal error. Next: try again.' }, { status: 500 })
}

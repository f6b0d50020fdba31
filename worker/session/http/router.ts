/** Dispatch of a request to its handler, and the answer where there is none. */
import type { VerifiedCaller } from '../../auth/caller.ts'
import { methodsOf, needOf, type Path, type PathOf, type BasePath, routeOf, type ROUTES } from '../routes.ts'
import { BadRequest } from './body.ts'
import { nothingAt } from './nothing-at.ts'
import { refusal } from './refusal.ts'

export interface RoutedRequest {
  request: Request
  url: URL
  /** Value of `{id}` in the route's path. */
  id: string
  /** Null for a signed link. */
  caller: VerifiedCaller | null
}

export type Handler = (routed: RoutedRequest) => Response | Promise<Response>

/** Handlers of a base path and all paths below it, for each method of each route. */
export interface Router<Base extends BasePath> {
  handlers: { [P in PathOf<Base>]: { [M in keyof (typeof ROUTES)[P]]: Handler } }
  /** Answers where the router has no such path; without it nothingAt. */
  notFound?: () => Response
  /** Returns the answer to an error other than BadRequest; null when it is none of the router's. */
  refused?: (error: unknown, method: string) => Response | null
  /** The headers of a refusal. */
  headers?: Record<string, string>
  /** Returns the reason why a request without a token is not answered, or null when its link is good; without it no link is. */
  linkProblem?: (url: URL) => Promise<Response | null>
}

/** Any router, as `dispatch` sees it. */
type AnyRouter = Omit<Router<BasePath>, 'handlers'> & {
  handlers: Partial<Record<Path, Partial<Record<string, Handler>>>>
}

/** Answers a request by its handler. Bad input is a 4xx with the next step. */
export async function dispatch(
  router: AnyRouter,
  { request, url, caller }: Omit<RoutedRequest, 'id'>,
): Promise<Response> {
  const { method } = request
  const route = routeOf(url.pathname)
  if (caller === null) {
    const problem = router.linkProblem === undefined ? nothingAt(url) : await router.linkProblem(url)
    if (problem !== null) return problem
    if (route === null || needOf(route.path, method) !== 'link') return nothingAt(url)
  }
  if (route === null) return router.notFound?.() ?? nothingAt(url)
  const handlers = router.handlers[route.path] ?? {}
  const handler = Object.hasOwn(handlers, method) ? handlers[method] : handlers['ANY']
  if (handler === undefined) {
    const allow = methodsOf(route.path)
    return refusal(405, `${method} is not possible here. Next: use ${allow}.`, { ...router.headers, allow })
  }
  try {
    return await handler({ request, url, id: route.id, caller })
  } catch (error) {
    if (error instanceof BadRequest) return refusal(error.status, error.message, router.headers)
    const refused = router.refused?.(error, method) ?? null
    if (refused === null) throw error
    return refused
  }
}

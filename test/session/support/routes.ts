import { ROUTES as TABLE } from '../../../worker/session/routes.ts'

/** An id for the place of `{id}`: of a run that is not there. */
const ID = 'r_0123456789abcdef'

const SESSION_ROUTES = Object.entries(TABLE).map(([path, needs]): [path: string, ...methods: string[]] => [
  exampleOf(path),
  ...('ANY' in needs ? ['POST', 'GET', 'DELETE'] : Object.keys(needs).filter((method) => method !== 'HEAD')),
])

/** A path of the table as a client may send it. */
export function exampleOf(path: string): string {
  return path.replace('{id}', ID).replace('{path}', 'a.txt')
}

/** Every kind of path that the Worker answers, and one that it does not, with the methods that lead to something there. */
export const ROUTES: [path: string, ...methods: string[]][] = [
  ['/', 'GET'],
  ['/health', 'GET'],
  ['/assets/pages.css', 'GET'],
  ['/.well-known/oauth-authorization-server', 'GET'],
  ['/.well-known/oauth-protected-resource', 'GET'],
  ['/.well-known/oauth-protected-resource/mcp', 'GET'],
  ['/oauth/register', 'POST'],
  ['/oauth/token', 'POST'],
  ['/authorize', 'GET', 'POST'],
  ['/sign-in', 'GET'],
  ['/sign-in/local', 'POST'],
  ['/sign-in/github', 'GET'],
  ['/sign-in/github/callback', 'GET'],
  ['/sign-in/oidc', 'GET'],
  ['/sign-in/oidc/callback', 'GET'],
  ['/sign-out', 'POST'],
  ['/account', 'GET'],
  ['/account/tokens', 'POST'],
  ['/account/tokens/revoke', 'POST'],
  ['/account/grants/revoke', 'POST'],
  ['/account/sign-out-everywhere', 'POST'],
  ['/account/delete', 'POST'],
  ...SESSION_ROUTES,
  ['/nothing'],
]

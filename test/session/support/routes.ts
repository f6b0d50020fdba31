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
  ['/sign-in/once', 'GET', 'POST'],
  ['/sign-in/github', 'GET'],
  ['/sign-in/github/callback', 'GET'],
  ['/sign-in/oidc', 'GET'],
  ['/sign-in/oidc/callback', 'GET'],
  ['/sign-out', 'POST'],
  ['/account', 'GET'],
  ['/account/tokens', 'POST'],
  ['/account/tokens/revoke', 'POST'],
  ['/account/grants/revoke', 'POST'],
  ['/account/sign-out-everywhere', 'GET', 'POST'],
  ['/account/delete', 'POST'],
  ['/account/export', 'GET', 'POST'],
  ['/account/shares/revoke', 'POST'],
  [`/app/runs/${ID}/share`, 'GET', 'POST'],
  [`/app/runs/${ID}/share/revoke`, 'POST'],
  [`/shared/${'A'.repeat(80)}`, 'GET'],
  ['/assets/live.js', 'GET'],
  ['/app', 'GET'],
  ['/app/runs', 'GET', 'POST'],
  ['/app/files', 'GET'],
  ['/app/files/view', 'GET'],
  ['/app/files/delete', 'POST'],
  ['/app/files/download', 'POST'],
  ['/app/files/drop', 'POST'],
  ['/app/packages', 'GET', 'POST'],
  ['/app/packages/lock', 'POST'],
  ['/app/packages/remove', 'POST'],
  ['/app/usage', 'GET'],
  ['/app/usage/sandbox', 'POST'],
  ['/app/settings', 'GET', 'POST'],
  ['/app/learnings', 'GET'],
  ['/app/learnings/import', 'POST'],
  ['/app/learnings/l_0123456789abcdef', 'POST'],
  ['/app/learnings/l_0123456789abcdef/delete', 'POST'],
  [`/app/runs/${ID}`, 'GET'],
  [`/app/runs/${ID}/stop`, 'POST'],
  [`/app/runs/${ID}/log.txt`, 'GET'],
  [`/app/runs/${ID}/program.py`, 'GET'],
  ...SESSION_ROUTES.filter(([path]) => path !== '/mcp').map(([path, ...methods]): [string, ...string[]] => [
    `/app/api${path}`,
    ...methods,
  ]),
  ...SESSION_ROUTES,
  ['/nothing'],
]

/** The text of an answer; of the stream that has no end, its beginning. */
export async function textOf(response: Response, path: string): Promise<string> {
  if (!response.ok || !path.endsWith('/runs/live')) return response.text()
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  const { value = '' } = await reader.read()
  await reader.cancel()
  return value
}

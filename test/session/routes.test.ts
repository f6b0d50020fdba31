/** The session object's table of paths: each of them asks for a token and for its scope, and does nothing by another method. */
import { SELF } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { ALL_SCOPES, isScope, type Scope, SCOPES } from '../../worker/auth/scopes.ts'
import { ROUTES, basePathOf, routeOf, scopesOfRequest } from '../../worker/session/routes.ts'
import { call } from './support/mcp.ts'
import { ORIGIN } from './support/oauth.ts'
import { exampleOf, textOf } from './support/routes.ts'
import { userToken } from './support/users.ts'

/** Each method of each path, and what the table says that it needs. */
const TABLE = Object.entries(ROUTES).flatMap(([path, needs]) =>
  Object.entries(needs).flatMap(([method, need]) =>
    (method === 'ANY' ? ['GET', 'POST', 'DELETE'] : [method]).map((each): [string, string, string] => [
      each,
      path,
      need,
    ]),
  ),
)
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']

function ask(method: string, path: string, token: string | null, body = '{}'): Promise<Response> {
  const headers = {
    host: 'localhost',
    'content-type': 'application/json',
    ...(token !== null && { authorization: `Bearer ${token}` }),
  }
  const sent = !['GET', 'HEAD'].includes(method) && { body }
  return SELF.fetch(new Request(ORIGIN + exampleOf(path), { method, headers, ...sent }))
}

/** The whole body; of HEAD there is none. */
async function bodyOf(response: Response, method: string): Promise<unknown> {
  const text = await response.text()
  return method === 'HEAD' ? text : JSON.parse(text)
}

test.each(TABLE)('%s %s without a token is 401', async (method, path) => {
  const document = `${ORIGIN}/.well-known/oauth-protected-resource${path === '/mcp' ? path : ''}`
  const error_description = `This request has no token. Next: sign in with a client that knows OAuth (it begins at ${document}), or make a token at ${ORIGIN}/account and send it as "Authorization: Bearer TOKEN".`
  const response = await ask(method, path, null)
  const body = method === 'HEAD' ? '' : { error: 'missing_token', error_description }
  expect([response.status, await bodyOf(response, method)]).toEqual([401, body])
  expect(response.headers.get('www-authenticate')).toBe(
    `Bearer realm="OAuth", resource_metadata="${document}", scope="${ALL_SCOPES.join(' ')}"`,
  )
})

/** A token of a user of its own, with all scopes but one. */
const without = (scope: Scope) =>
  userToken(
    `without ${scope}`,
    ALL_SCOPES.filter((each) => each !== scope),
  )

async function expectScopeMissing(response: Response, scope: Scope, path: string): Promise<void> {
  const error_description = `This token lacks ${scope} (${SCOPES[scope]}). Next: make one at ${ORIGIN}/account that may.`
  expect([response.status, await response.json()]).toEqual([403, { error: 'insufficient_scope', error_description }])
  const challenge = response.headers.get('www-authenticate')
  expect(challenge).toContain(`/.well-known/oauth-protected-resource${path === '/mcp' ? path : ''}"`)
  const asked = /scope="([^"]*)"/
    .exec(challenge ?? '')?.[1]
    ?.split(' ')
    .toSorted()
  expect(asked).toEqual(ALL_SCOPES.toSorted())
}

test.each(TABLE.flatMap(([method, path, need]) => (isScope(need) ? [[method, path, need] as const] : [])))(
  '%s %s without the scope %s is 403',
  async (method, path, need) => {
    await expectScopeMissing(await ask(method, path, await without(need)), need, path)
  },
)

test.each(TABLE.filter(([, , need]) => !isScope(need)))('%s %s needs no scope: it only reads', async (method, path) => {
  const response = await ask(method, path, await userToken('without any', []))
  expect([401, 403]).not.toContain(response.status)
  // Nor does it lead nowhere.
  expect(await textOf(response, path)).not.toContain('There is nothing at')
})

test.each(TABLE.filter(([method, , need]) => method === 'POST' && need === 'message'))(
  '%s %s needs what its message needs',
  async (method, path) => {
    const message = JSON.stringify(call(1, 'add_learning', {}))
    await expectScopeMissing(
      await ask(method, path, await without('learnings:write'), message),
      'learnings:write',
      path,
    )
  },
)

test.each(
  Object.entries(ROUTES).flatMap(([path, needs]) =>
    'ANY' in needs
      ? []
      : METHODS.filter((method) => !(method in needs)).map((method) => [method, path, needs] as const),
  ),
)('%s %s is 405 and says what there is', async (method, path, needs) => {
  const allow = Object.keys(needs)
    .filter((each) => each !== 'HEAD')
    .join(', ')
  const response = await ask(method, path, 'session-tests')
  expect([response.status, response.headers.get('allow')]).toEqual([405, allow])
  const error = `${method} is not possible here. Next: use ${allow}.`
  expect(await bodyOf(response, method)).toEqual(method === 'HEAD' ? '' : { error })
})

test.each([
  ['/runs', '/runs', ''],
  ['/runs/', '/runs', ''],
  ['/runs/1', '/runs/{id}', '1'],
  ['/runs/%31', '/runs/{id}', '%31'],
  ['/runs/1/events', '/runs/{id}/events', '1'],
  ['/files/', '/files', ''],
  ['/files/a/b%2fc', '/files/{path}', ''],
  ['/files//a', '/files/{path}', ''],
  ['/learnings/export', '/learnings/export', ''],
  ['/learnings/{id}', '/learnings/{id}', '{id}'],
])('%s leads to %s', (pathname, path, id) => {
  expect(routeOf(pathname)).toEqual({ path, id })
})

test.each([
  '/runs//',
  '/runs//events',
  '/runs/1/',
  '/runs/1/events/',
  '/learnings/export/x',
  '/config/x',
  '/mcp/',
  '/mcp/x',
])('%s leads nowhere below its base path', (pathname) => {
  expect([routeOf(pathname), basePathOf(pathname)]).toEqual([null, `/${pathname.split('/')[1]}`])
})

test.each(['/', '', '//runs', '/Runs', '/%72uns', '/runsx', '/toString', '/__proto__/x'])(
  '%j has no base path of the session',
  (pathname) => {
    expect([routeOf(pathname), basePathOf(pathname)]).toEqual([null, null])
  },
)

test.each([
  ['GET', '/runs', []],
  ['GET', '/files/a.txt', []],
  ['GET', '/learnings/export', []],
  ['HEAD', '/config', []],
  ['POST', '/runs', ['python:run']],
  ['DELETE', '/runs/1', ['python:run']],
  ['PUT', '/files/a.txt', ['python:run']],
  ['DELETE', '/files/a.txt', ['python:run']],
  ['POST', '/learnings/import', ['learnings:write']],
  ['PATCH', '/learnings/1', ['learnings:write']],
  ['DELETE', '/learnings/1', ['learnings:write']],
  ['POST', '/config', ['settings:write']],
  ['PROPFIND', '/files/a.txt', ['python:run']],
  ['POST', '/mcp', []],
  ['DELETE', '/runs/1/2/3', ['python:run']],
  ['POST', '/config/x', ['settings:write']],
  ['OPTIONS', '/runs', []],
  ['PUT', '/nothing', []],
])('%s %s needs %o', (method, path, needed) => {
  expect(scopesOfRequest(method, path)).toEqual(needed)
})

/**
 * The server is one protected resource with two names, its origin and the address of its MCP endpoint: some clients compare `resource` of
 * the metadata with the address that they were given, byte for byte, and others take the origin.
 */
import { createExecutionContext, env, SELF } from 'cloudflare:test'
import { beforeAll, expect, test } from 'vitest'
import type { Env } from '../../worker/env.ts'
import worker from '../../worker/index.ts'
import type { CookieBrowser } from '../support/cookie-browser.ts'
import type { OAuthClient } from '../support/oauth-client.ts'
import { answer, ask, call, headersOf, modern, openSession, sendTo } from './support/mcp.ts'
import { bearer, newClient, ORIGIN, signedInBrowser } from './support/oauth.ts'
import { expectRefused, newCode } from './support/token-endpoint.ts'
import { userToken } from './support/users.ts'

const MCP = `${ORIGIN}/mcp`
const METADATA = '/.well-known/oauth-protected-resource'
/** How clients write the two names. */
const SPELLINGS = [ORIGIN, `${ORIGIN}/`, MCP, `${MCP}/`, `${MCP}?tools=run_python,runs`]

interface Granted {
  access_token: string
  refresh_token: string
  resource: string
}

let browser: CookieBrowser
let client: OAuthClient
beforeAll(async () => {
  browser = await signedInBrowser()
  client = await newClient()
})

function metadata(path: string, method = 'GET', headers: Record<string, string> = {}): Promise<Response> {
  return SELF.fetch(new Request(ORIGIN + path, { method, headers: { host: 'localhost', ...headers } }))
}

test.each([
  [METADATA, ORIGIN],
  [`${METADATA}/`, ORIGIN],
  [`${METADATA}/mcp`, MCP],
  [`${METADATA}/mcp/`, MCP],
  [`${METADATA}/mcp?tools=run_python`, MCP],
])('%s is about %s', async (path, resource) => {
  const response = await metadata(path)
  expect([response.status, await response.json()]).toEqual([
    200,
    {
      resource,
      authorization_servers: [ORIGIN],
      scopes_supported: ['python:run', 'learnings:write', 'settings:write'],
      bearer_methods_supported: ['header'],
      resource_name: 'MCP Code Mode',
    },
  ])
  const head = await metadata(path, 'HEAD')
  expect([head.status, await head.text()]).toEqual([200, ''])
  const asked = await metadata(path, 'OPTIONS', {
    origin: 'http://localhost:6274',
    'access-control-request-method': 'GET',
    'access-control-request-headers': 'mcp-protocol-version',
  })
  expect(asked.status).toBe(204)
  expect(asked.headers.get('access-control-allow-origin')).toBe('http://localhost:6274')
  expect(asked.headers.get('access-control-allow-headers')).toContain('mcp-protocol-version')
  expect((await metadata(path, 'POST')).status).toBe(405)
})

test.each([
  [METADATA, 'https://code.example'],
  [`${METADATA}/mcp`, 'https://code.example/mcp'],
  [`${METADATA}/mcp/`, 'https://code.example/mcp'],
])('behind a public address %s is about %s', async (path, resource) => {
  const ask = (at: string) => {
    const headers = { host: 'code.example' }
    const request = new Request<unknown, IncomingRequestCfProperties>(`http://10.0.0.1:8080${at}`, { headers })
    const deployed = { ...(env as Env), DEV_TOKEN: '', PUBLIC_URL: 'https://code.example' }
    return worker.fetch(request, deployed, createExecutionContext())
  }
  const document = await (await ask(path)).json()
  expect(document).toMatchObject({ resource, authorization_servers: ['https://code.example'] })
  const refused = await ask(resource.slice('https://code.example'.length) || '/runs')
  const challenge = refused.headers.get('www-authenticate')
  expect(challenge).toContain(`resource_metadata="https://code.example${path.replace(/\/$/, '')}"`)
})

test.each([`${METADATA}/runs`, `${METADATA}/mcp/x`, `${METADATA}/mcpx`, `${METADATA}//mcp`, `${METADATA}/MCP`])(
  '%s is about nothing',
  async (path) => {
    expect((await metadata(path)).status).toBe(404)
  },
)

test('the authorization server names both', async () => {
  const server = await (await metadata('/.well-known/oauth-authorization-server')).json()
  expect(server).toMatchObject({ protected_resources: [ORIGIN, MCP] })
})

test.each([
  ['/mcp', `${METADATA}/mcp`],
  ['/mcp?tools=run_python', `${METADATA}/mcp`],
  ['/runs', METADATA],
  ['/files/mcp', METADATA],
  ['/learnings', METADATA],
  ['/config', METADATA],
])('the challenge of %s leads to %s', async (path, document) => {
  for (const headers of [{ authorization: '' }, bearer('wrong')]) {
    const refused = await sendTo(path, 'GET', undefined, headers)
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toContain(`resource_metadata="${ORIGIN}${document}"`)
  }
})

test('so do those of a token that was ended, and of one that may not', async () => {
  const { access_token } = await client.signIn(browser, ['learnings:write'])
  const lacking = await ask(access_token, call(1, 'run_python', { code: '1' }))
  expect(lacking.status).toBe(403)
  expect(lacking.headers.get('www-authenticate')).toContain(`resource_metadata="${ORIGIN}${METADATA}/mcp"`)
  const elsewhere = await sendTo('/runs', 'POST', { code: '1' }, bearer(access_token))
  expect(elsewhere.headers.get('www-authenticate')).toContain(`resource_metadata="${ORIGIN}${METADATA}"`)
})

test.each(SPELLINGS)('a token for %s is good for every path', async (resource) => {
  const authorization = client.authorization({ resource })
  const code = (await client.allow(browser, authorization)).searchParams.get('code')!
  const response = await client.redeem(code, authorization.verifier, { resource })
  expect(response.status, await response.clone().text()).toBe(200)
  const first = await response.json<Granted>()
  const second = await (await client.refresh(first.refresh_token, { resource })).json<Granted>()
  for (const granted of [first, second]) {
    expect(granted.resource).toBe(resource.startsWith(MCP) ? MCP : ORIGIN)
    for (const path of ['/runs', '/files', '/learnings', '/config']) {
      expect((await sendTo(path, 'GET', undefined, bearer(granted.access_token))).status, path).toBe(200)
    }
    const tools = await answer(
      await ask(granted.access_token, { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
    )
    expect(tools.result).toBeDefined()
  }
})

test.each(SPELLINGS.flatMap((at) => SPELLINGS.map((then) => [at, then] as const)))(
  'asked for as %s, redeemed and refreshed as %s',
  async (resource, then) => {
    const code = await newCode(browser, client, { resource })
    const redeemed = await client.redeem(code.code, code.verifier, { resource: then })
    expect(redeemed.status, await redeemed.clone().text()).toBe(200)
    const { refresh_token } = await redeemed.json<Granted>()
    expect((await client.refresh(refresh_token, { resource: then })).status).toBe(200)
  },
)

test('a request that names both, or none, is one for this server', async () => {
  const both = client.authorization()
  const code = (await client.allow(browser, { ...both, url: `${both.url}&resource=${MCP}` })).searchParams.get('code')!
  expect((await client.redeem(code, both.verifier)).status).toBe(200)
  const none = client.authorization({ resource: null })
  const other = (await client.allow(browser, none)).searchParams.get('code')!
  const redeemed = await client.redeem(other, none.verifier, { resource: MCP })
  expect(await redeemed.json()).toMatchObject({ resource: ORIGIN })
})

const FOREIGN = [
  'https://evil.example/mcp',
  'https://localhost/mcp',
  'http://127.0.0.1/mcp',
  'http://localhost:81/mcp',
  'http://localhost.evil.example/mcp',
  'http://localhost@evil.example/mcp',
  'http://evil@localhost/mcp',
  `${ORIGIN}/runs`,
  `${ORIGIN}/mcpx`,
  `${ORIGIN}/mcp/x`,
  `${ORIGIN}/mcp//`,
  `${ORIGIN}/MCP`,
  `${ORIGIN}//mcp`,
  `${ORIGIN}/%6dcp`,
  `${MCP}#x`,
  `${MCP}?x#y`,
  ` ${MCP}`,
  '/mcp',
  'mcp',
  '',
]

test.each(FOREIGN)('“%s” names nothing here', async (resource) => {
  const asked = await browser.get(client.authorization({ resource }).url)
  expect(asked.status).toBe(302)
  expect(new URL(asked.headers.get('location')!).searchParams.get('error')).toBe('invalid_target')
  const good = await newCode(browser, client, { resource: MCP })
  await expectRefused(await client.redeem(good.code, good.verifier, { resource }), 400, 'invalid_target')
  const { refresh_token } = await (await client.redeem(good.code, good.verifier)).json<Granted>()
  await expectRefused(await client.refresh(refresh_token, { resource }), 400, 'invalid_target')
  expect((await client.refresh(refresh_token)).status).toBe(200)
})

test('a foreign resource beside ours is refused', async () => {
  const url = `${client.authorization({ resource: MCP }).url}&resource=https://evil.example`
  const asked = await browser.get(url)
  expect(new URL(asked.headers.get('location')!).searchParams.get('error')).toBe('invalid_target')
})

test('a token of this server under another address is none here, and the other way round', async () => {
  const { access_token } = await client.signIn(browser)
  for (const path of ['/mcp', '/runs']) {
    const elsewhere = new Request(`http://127.0.0.1${path}`, {
      headers: { host: '127.0.0.1', ...bearer(access_token) },
    })
    expect((await SELF.fetch(elsewhere)).status).toBe(401)
  }
})

test('personal tokens and the local server’s are good for every path', async () => {
  for (const token of ['session-tests', await userToken('Paths')]) {
    for (const path of ['/runs', '/files', '/learnings', '/config']) {
      expect((await sendTo(path, 'GET', undefined, bearer(token))).status, path).toBe(200)
    }
    const tools = await answer(await ask(token, { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }))
    expect(tools.result).toBeDefined()
  }
})

test.each(['/mcp/', '/mcp/?tools=run_python'])('%s is /mcp, for both revisions', async (path) => {
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }
  const modernly = await answer(await sendTo(path, 'POST', modern(list), headersOf(list)))
  expect(modernly.result).toMatchObject({ tools: expect.any(Array) })
  const session = await openSession()
  expect((await answer(await sendTo(path, 'POST', list, session))).result).toMatchObject({ tools: expect.any(Array) })
  expect((await sendTo(path, 'DELETE', undefined, session)).status).toBe(200)
  const refused = await sendTo(path, 'POST', list, { authorization: '' })
  expect(refused.headers.get('www-authenticate')).toContain(`resource_metadata="${ORIGIN}${METADATA}/mcp"`)
})

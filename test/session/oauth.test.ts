/** From nothing to a running program and back: OAuth as a client and a browser see it, on production's Worker. */
import { createExecutionContext, env, SELF } from 'cloudflare:test'
import { expect, test } from 'vitest'
import type { Env } from '../../worker/env.ts'
import worker from '../../worker/index.ts'
import { CookieBrowser, formFields } from '../support/cookie-browser.ts'
import { REDIRECT_URI, type Tokens } from '../support/oauth-client.ts'
import { answer, ask, call, send, sendTo } from './support/mcp.ts'
import { bearer, fetchSelf, newClient, ORIGIN, signedInBrowser } from './support/oauth.ts'
import { userToken } from './support/users.ts'
import { dataOf } from '../support/tool-result.ts'

test('discovery: a challenge, the resource’s metadata, the server’s metadata', async () => {
  const refused = await send('POST', {}, { authorization: '' })
  expect(refused.status).toBe(401)
  expect(refused.headers.get('www-authenticate')).toBe(
    'Bearer realm="OAuth", resource_metadata="http://localhost/.well-known/oauth-protected-resource/mcp", scope="python:run learnings:write settings:write"',
  )
  const resource = await (await sendTo('/.well-known/oauth-protected-resource/mcp', 'GET')).json()
  expect(resource).toMatchObject({
    resource: `${ORIGIN}/mcp`,
    authorization_servers: [ORIGIN],
    bearer_methods_supported: ['header'],
  })
  const server = await (await sendTo('/.well-known/oauth-authorization-server', 'GET')).json()
  expect(server).toMatchObject({
    issuer: ORIGIN,
    authorization_endpoint: `${ORIGIN}/authorize`,
    token_endpoint: `${ORIGIN}/oauth/token`,
    registration_endpoint: `${ORIGIN}/oauth/register`,
    revocation_endpoint: `${ORIGIN}/oauth/token`,
    code_challenge_methods_supported: ['S256'],
    scopes_supported: ['python:run', 'learnings:write', 'settings:write'],
  })
})

test.each([
  ['http://localhost', false],
  ['https://localhost', true],
])('whether %s speaks of client ID metadata documents: %s', async (origin, isSupported) => {
  const address = `${origin}/.well-known/oauth-authorization-server`
  const metadata = await (await SELF.fetch(new Request(address, { headers: { host: 'localhost' } }))).json()
  expect(metadata).toMatchObject({ issuer: origin, client_id_metadata_document_supported: isSupported })
  const methods = ['client_secret_basic', 'client_secret_post', 'none', ...(isSupported ? ['private_key_jwt'] : [])]
  expect(
    (metadata as { token_endpoint_auth_methods_supported: string[] }).token_endpoint_auth_methods_supported,
  ).toEqual(methods)
})

test('register, sign in, allow, run a program, refresh, revoke', async () => {
  const client = await newClient()
  const authorization = client.authorization()

  const browser = new CookieBrowser(fetchSelf, ORIGIN)
  const toSignIn = await browser.get(authorization.url)
  expect(toSignIn.status).toBe(302)
  const signInPage = await browser.get(toSignIn.headers.get('location')!)
  const fields = formFields(await signInPage.text(), '/sign-in/local')
  const back = await browser.post('/sign-in/local', fields)
  expect(back.headers.get('location')).toBe(authorization.url.slice(ORIGIN.length))

  const callback = await client.allow(browser, authorization)
  expect(callback.href.startsWith(`${REDIRECT_URI}?`)).toBe(true)
  expect(callback.searchParams.get('state')).toBe('a state')
  expect(callback.searchParams.get('iss')).toBe(ORIGIN)
  const redeemed = await client.redeem(callback.searchParams.get('code')!, authorization.verifier)
  const tokens = await redeemed.json<Tokens>()

  const ran = (await answer(await ask(tokens.access_token, call(1, 'run_python', { code: 'print(6 * 7)' })))).result
  expect(dataOf(ran)).toMatchObject({ status: 'success', stdout: '42\n' })

  const refreshed = await (await client.refresh(tokens.refresh_token)).json<Tokens>()
  expect(refreshed.refresh_token).not.toBe(tokens.refresh_token)
  expect((await sendTo('/runs', 'GET', undefined, bearer(refreshed.access_token))).status).toBe(200)

  expect((await client.token({ token: refreshed.refresh_token })).status).toBe(200)
  const refused = await sendTo('/runs', 'GET', undefined, bearer(refreshed.access_token))
  expect(refused.status).toBe(401)
  expect(refused.headers.get('www-authenticate')).toContain('error="invalid_token"')
  expect((await client.refresh(refreshed.refresh_token)).status).toBe(400)
})

test('what the user does not tick is refused, with what is missing and what was there', async () => {
  const client = await newClient()
  const { access_token, scope } = await client.signIn(await signedInBrowser(), ['learnings:write'])
  expect(scope).toBe('learnings:write')
  const token = bearer(access_token)

  const refused = await ask(access_token, call(1, 'run_python', { code: 'print(1)' }))
  expect(refused.status).toBe(403)
  const challenge = refused.headers.get('www-authenticate')
  expect(challenge).toContain('error="insufficient_scope", scope="learnings:write python:run"')
  expect(challenge).toContain(`resource_metadata="${ORIGIN}/.well-known/oauth-protected-resource/mcp"`)
  expect((await sendTo('/runs', 'POST', { code: 'print(1)' }, token)).status).toBe(403)
  expect((await sendTo('/files/a.txt', 'PUT', 'x', token)).status).toBe(403)
  expect((await sendTo('/config', 'POST', {}, token)).status).toBe(403)

  // Reading is in every token, and what was ticked works.
  expect((await sendTo('/files', 'GET', undefined, token)).status).toBe(200)
  const learning = { error_pattern: 'E', solution: 's', context: 'c' }
  const added = await answer(await ask(access_token, call(2, 'add_learning', learning)))
  expect(dataOf(added.result)).toBeDefined()
})

test('denying sends the client an error, and the page works once', async () => {
  const client = await newClient()
  const browser = await signedInBrowser()
  const fields = formFields(await (await browser.get(client.authorization().url)).text(), '/authorize')
  const denied = await browser.post('/authorize', { ...fields, decision: 'deny' })
  const location = new URL(denied.headers.get('location')!)
  expect(location.searchParams.get('error')).toBe('access_denied')
  expect(location.searchParams.get('state')).toBe('a state')
  const again = await browser.post('/authorize', { ...fields, decision: 'allow' })
  expect(again.status).toBe(400)
  expect(again.headers.get('location')).toBe(null)
})

test('two machines of one user, with the same client, stay signed in at once', async () => {
  const client = await newClient()
  const first = await client.signIn(await signedInBrowser())
  const second = await client.signIn(await signedInBrowser())
  for (const { access_token, refresh_token } of [first, second]) {
    expect((await sendTo('/runs', 'GET', undefined, bearer(access_token))).status).toBe(200)
    expect((await client.refresh(refresh_token)).status).toBe(200)
  }
})

test('an eleventh machine ends the first', async () => {
  const client = await newClient()
  const browser = await signedInBrowser()
  const tokens = []
  for (let machine = 0; machine < 11; machine += 1) tokens.push(await client.signIn(browser))
  const statuses = await Promise.all(
    tokens.map(async ({ access_token }) => (await sendTo('/runs', 'GET', undefined, bearer(access_token))).status),
  )
  expect(statuses.filter((status) => status === 401)).toHaveLength(1)
})

test('signing out ends the browser’s sign-in on the server, too', async () => {
  const client = await newClient()
  const browser = await signedInBrowser()
  const stolen = new CookieBrowser(fetchSelf, ORIGIN)
  for (const [name, value] of browser.cookies()) stolen.setCookie(name, value)
  expect((await stolen.get(client.authorization().url)).status).toBe(200)
  await browser.post('/sign-out', {})
  expect((await stolen.get(client.authorization().url)).headers.get('location')).toContain('/sign-in')
})

test('pages run no script, are not framed, and are not kept', async () => {
  const client = await newClient()
  const { headers } = await (await signedInBrowser()).get(client.authorization().url)
  expect(headers.get('content-security-policy')).toBe(
    "default-src 'none'; style-src 'self'; form-action 'self' http://127.0.0.1:33418; base-uri 'none'; frame-ancestors 'none'",
  )
  expect(headers.get('x-frame-options')).toBe('DENY')
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('set-cookie')).toMatch(/^__Host-.*Secure; HttpOnly; SameSite=Lax/)
})

test.each([
  ['x-forwarded-for', '203.0.113.7'],
  ['forwarded', 'for=203.0.113.7'],
  ['x-forwarded-host', 'tunnel.example'],
])('whoever comes through a tunnel (%s) is not the local developer', async (header, value) => {
  const browser = new CookieBrowser(fetchSelf, ORIGIN)
  expect((await browser.post('/sign-in/local', {}, { [header]: value })).status).toBe(404)
  expect(await (await browser.get('/sign-in', { [header]: value })).text()).not.toContain('/sign-in/local')
  expect(browser.cookies().size).toBe(0)
})

/** A server that is no local one, with these variables. */
function deployed(path: string, vars: Partial<Env>): Promise<Response> | Response {
  const request = new Request<unknown, IncomingRequestCfProperties>(`https://code.example${path}`, {
    headers: { host: 'code.example' },
  })
  return worker.fetch(request, { ...(env as Env), DEV_TOKEN: '', ...vars }, createExecutionContext())
}

const GITHUB = { GITHUB_CLIENT_ID: 'x', GITHUB_CLIENT_SECRET: 'y' }

test('a deployment signs in through what is set up, never by the local button', async () => {
  const page = await (await deployed('/sign-in', { ...GITHUB, AUTH_SECRET: 'a'.repeat(32) })).text()
  expect(page).toContain('Sign in with GitHub')
  expect(page).not.toContain('/sign-in/local')
})

test('without a secret nobody can sign in, and the page tells the operator why', async () => {
  const page = await (await deployed('/sign-in', GITHUB)).text()
  expect(page.replaceAll(/\s+/g, ' ')).toContain('set AUTH_SECRET')
  expect(page).not.toContain('Sign in with GitHub')
  expect((await deployed('/sign-in/github', GITHUB)).status).toBe(404)
})

test('a secret that is too short is none', async () => {
  const refused = await deployed('/sign-in', { ...GITHUB, AUTH_SECRET: 'short' })
  expect([refused.status, await refused.text()]).toEqual([500, expect.stringContaining('Something failed')])
})

test('who is taken off the list is out at once, with the token he has', async () => {
  const token = await userToken('leaver')
  const asked = async (list: string) => {
    const request = new Request<unknown, IncomingRequestCfProperties>(`${ORIGIN}/runs`, {
      headers: { host: 'localhost', ...bearer(token) },
    })
    return (await worker.fetch(request, { ...(env as Env), ALLOWED_USERS: list }, createExecutionContext())).status
  }
  expect(await asked('leaver@users.example')).toBe(200)
  expect(await asked('LEAVER@users.example, somebody')).toBe(200)
  expect(await asked('@users.example')).toBe(200)
  expect(await asked('somebody@users.example')).toBe(401)
  expect(await asked('')).toBe(401)
})

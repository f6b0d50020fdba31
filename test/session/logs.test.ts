/** What is written to the log, and what an error says, hold no token, code, cookie, secret or program. */
import { createExecutionContext, env, runInDurableObject, SELF } from 'cloudflare:test'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ALL_SCOPES } from '../../worker/auth/scopes.ts'
import type { Env } from '../../worker/env.ts'
import worker from '../../worker/index.ts'
import { CookieBrowser, formFields } from '../support/cookie-browser.ts'
import { OAuthClient, type Registered, type Tokens } from '../support/oauth-client.ts'
import { answer, ask, call, openSession, send, sendTo } from './support/mcp.ts'
import { bearer, browserOf, ORIGIN } from './support/oauth.ts'
import { codeForm, toTokenEndpoint } from './support/token-endpoint.ts'
import { idOfUser } from './support/users.ts'

const CONSOLE = ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const

let lines: string[]
/** What error responses said. */
let errors: string[]
/** By what it is. */
let secrets: Map<string, string>
beforeEach(() => {
  lines = []
  errors = []
  const { DEV_TOKEN, RUNNER_TOKEN } = env as Env
  secrets = new Map([
    ['DEV_TOKEN', DEV_TOKEN!],
    ['RUNNER_TOKEN', RUNNER_TOKEN!],
  ])
  for (const method of CONSOLE) {
    vi.spyOn(console, method).mockImplementation((...words: unknown[]) => {
      const shown = words.map((word) =>
        word instanceof Error ? `${word.message} ${word.stack}` : JSON.stringify(word),
      )
      lines.push(words.map(String).concat(shown).join(' '))
    })
  }
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** Names a secret, for what must not be said. */
function secret(what: string, text: string): string {
  expect(text.length, what).toBeGreaterThan(7)
  secrets.set(what, text)
  return text
}

async function keepErrors(response: Response): Promise<Response> {
  if (response.status >= 400) errors.push(await response.clone().text())
  return response
}

const fetchSelf = async (request: Request) => keepErrors(await SELF.fetch(request))

function expectNothingSaid(): void {
  for (const [what, text] of secrets) {
    for (const said of [...lines, ...errors])
      expect(said.includes(text), `${what} in ${said.slice(0, 300)}`).toBe(false)
  }
}

/** Everything that a user and their client do, once; the client, and its tokens. */
async function wholeFlow(name: string) {
  const browser = await browserOf(name)
  const visitor = new CookieBrowser(fetchSelf, ORIGIN)
  for (const [cookie, value] of browser.cookies()) visitor.setCookie(cookie, secret('cookie', value))
  const client = new OAuthClient(fetchSelf, ORIGIN)
  const registered = await (
    await client.register({ token_endpoint_auth_method: 'client_secret_post' })
  ).json<Registered>()
  const client_secret = secret('client secret', registered.client_secret!)

  const authorization = client.authorization({ state: secret('state', 'state-of-the-client') })
  secret('verifier', authorization.verifier)
  const page = await (await visitor.get(authorization.url)).text()
  secret('consent handle', formFields(page, '/authorize')['handle']![0]!)
  for (const [cookie, value] of visitor.cookies()) secret(cookie, value)
  const back = await client.allow(visitor, client.authorization())
  expect(back.searchParams.has('code')).toBe(true)
  const second = client.authorization()
  const code = secret('code', (await client.allow(visitor, second)).searchParams.get('code')!)
  const tokens = await (await client.redeem(code, second.verifier, { client_secret })).json<Tokens>()
  secret('access token', tokens.access_token)
  secret('refresh token', tokens.refresh_token)
  const fresh = await (await client.refresh(tokens.refresh_token, { client_secret })).json<Tokens>()
  secret('second access token', fresh.access_token)
  secret('second refresh token', fresh.refresh_token)
  const made = await (await visitor.post('/account/tokens', { name: 'ci', days: '1', scope: ALL_SCOPES })).text()
  const personal = secret('personal token', /<pre id="new-token"[^>]*>([^<]+)</.exec(made)![1]!)
  return { visitor, client, client_secret, code, verifier: second.verifier, tokens: fresh, personal }
}

const PROGRAM = 'marker_of_the_program'

test('of a whole flow', async () => {
  const { visitor, tokens } = await wholeFlow('Log')
  secret('program', PROGRAM)
  for (const code of [
    `print("${PROGRAM}")`,
    `raise KeyError("${PROGRAM}")`,
    `import ${PROGRAM}`,
    `def ${PROGRAM}(:`,
    `import os; os._exit(3) # ${PROGRAM}`,
  ]) {
    await answer(await ask(tokens.access_token, call(1, 'run_python', { code, auto_install: false })))
    const posted = await sendTo('/runs', 'POST', { code }, bearer(tokens.access_token))
    expect(posted.status).toBe(201)
    await posted.text()
  }
  await sendTo('/files/a.txt', 'PUT', PROGRAM, { ...bearer(tokens.access_token), 'content-length': '23' })
  const listed = await sendTo('/files', 'GET', undefined, bearer(tokens.access_token))
  const { files } = await listed.json<{ files: { download_url: string }[] }>()
  secret('link', new URL(files[0]!.download_url).searchParams.get('signature')!)
  await (await SELF.fetch(files[0]!.download_url, { headers: { host: 'localhost' } })).text()
  await visitor.post('/account/sign-out-everywhere', {})
  expectNothingSaid()
})

test('of everything that is refused', async () => {
  const { visitor, client, client_secret, personal } = await wholeFlow('Refused')
  secret('program', PROGRAM)
  const { url, verifier } = client.authorization()
  const back = await client.allow(visitor, { url, verifier })
  const code = secret('unused code', back.searchParams.get('code')!)
  const form = { ...codeForm(client, { code, verifier }), client_secret }
  const attacks: Record<string, string>[] = [
    { ...form, client_secret: secret('wrong secret', 'a-wrong-secret') },
    { ...form, code_verifier: secret('wrong verifier', 'w'.repeat(50)) },
    { ...form, code_verifier: secret('short verifier', 'short-verifier') },
    { ...form, code: secret('wrong code', 'user:grant:wrong-code') },
    { ...form, code: secret('long code', `${'user'.repeat(200)}:grant:code`) },
    { ...form, grant_type: secret('grant type', 'password-grant'), password: secret('password', 'a-users-password') },
    { ...form, redirect_uri: `https://evil.example/?${secret('redirect', 'redirect-uri')}` },
    { ...form, resource: `https://evil.example/${secret('resource', 'other-resource')}` },
    { ...form, client_id: `https://me:${secret('password in an address', 'pass-word')}@app.example/id` },
    { ...form, client_id: `https://app.example/${secret('new line', 'forged-line')}\n{"event":"forged"}` },
    {
      grant_type: 'refresh_token',
      client_id: client.clientId,
      client_secret,
      refresh_token: secret('wrong refresh', 'a:b:wrong-refresh'),
    },
    { ...form, client_assertion: secret('assertion', 'an.assertion.signed'), client_assertion_type: 'x' },
  ]
  for (const attack of attacks) expect((await keepErrors(await toTokenEndpoint(attack))).status).toBeGreaterThan(399)
  const basic = { authorization: `Basic ${btoa(`${client.clientId}:${secret('basic', 'basic-secret')}`)}` }
  await keepErrors(await toTokenEndpoint({ grant_type: 'authorization_code', code }, basic))

  for (const token of [
    'bearer-of-nothing',
    'mcpcm_of-nothing',
    'user:grant:bearer-of-nothing',
    `${'a'.repeat(600)}:b:bearer`,
  ]) {
    await keepErrors(await sendTo('/runs', 'GET', undefined, bearer(secret(token, token))))
    await keepErrors(await sendTo(`/runs?access_token=${token}`, 'GET', undefined, { authorization: '' }))
  }
  const stranger = new CookieBrowser(fetchSelf, ORIGIN)
  stranger.setCookie('__Host-session', secret('forged cookie', 'forged-session-cookie'))
  await stranger.get('/account')
  await stranger.post('/authorize', { handle: secret('forged handle', 'forged-handle'), user: 'x', decision: 'allow' })
  await stranger.get(
    `/sign-in/oidc/callback?code=${secret('callback code', 'callback-code')}&state=${secret('callback state', 'callback-state')}`,
  )

  // Programs that never run, as JSON, and as what is none.
  const session = await openSession(personal)
  const whole = JSON.stringify(call(1, 'run_python', { code: PROGRAM, timeout: 'x' }))
  const headers = {
    host: 'localhost',
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  }
  for (const body of [
    whole,
    whole.slice(0, -2),
    whole.replace('"code":', ''),
    `[${whole},1]`,
    whole.replace('run_python', 'nope'),
  ]) {
    for (const path of ['/mcp', '/runs', '/config', '/learnings/import', '/oauth/register']) {
      const more = path === '/mcp' ? session : {}
      const all = { ...headers, ...bearer(personal), ...more }
      await keepErrors(await SELF.fetch(`${ORIGIN}${path}`, { method: 'POST', body, headers: all }))
    }
  }
  await keepErrors(
    await send('POST', call(1, 'run_python', { code: PROGRAM }), { ...bearer(personal), 'mcp-session-id': 'x' }),
  )
  expect(lines.join('\n')).toContain('oauth_refused')
  expect(errors.length).toBeGreaterThan(40)
  expectNothingSaid()
})

test('of our own failures', async () => {
  const { client, client_secret, code, verifier, tokens, visitor } = await wholeFlow('Failures')
  secret('program', PROGRAM)
  // A store that fails, and says all that there is to know.
  const { OAUTH_KV } = env as Env
  const fail = () => Promise.reject(new Error(`the store is broken: ${[...secrets.values()].join(' ')}`))
  const broken = new Proxy(OAUTH_KV, { get: () => fail })
  const without = { ...(env as Env), OAUTH_KV: broken }
  const cookie = [...visitor.cookies()].map(([name, value]) => `${name}=${value}`).join('; ')
  const form = new URLSearchParams({ ...codeForm(client, { code, verifier }), client_secret }).toString()
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  for (const [path, status, init] of [
    ['/oauth/token', 500, { method: 'POST', body: form, headers: type }],
    [client.authorization().url.slice(ORIGIN.length), 500, { headers: { cookie } }],
    ['/account', 500, { headers: { cookie } }],
    ['/runs', 503, { headers: bearer(tokens.access_token) }],
  ] as const) {
    const request = new Request(ORIGIN + path, { ...init, headers: { host: 'localhost', ...init.headers } })
    const response = await keepErrors(await worker.fetch(request, without, createExecutionContext()))
    expect(response.status, path).toBe(status)
  }
  // An object whose tables are gone, in the middle of a call.
  await (await sendTo('/config', 'GET', undefined, bearer(tokens.access_token))).text()
  await runInDurableObject((env as Env).SESSION.getByName(await idOfUser('Failures')), (_session, { storage }) => {
    storage.sql.exec('ALTER TABLE runs RENAME TO runs_gone')
  })
  const called = await keepErrors(await ask(tokens.access_token, call(1, 'run_python', { code: PROGRAM })))
  errors.push(await called.text())
  const posted = await keepErrors(await sendTo('/runs', 'POST', { code: PROGRAM }, bearer(tokens.access_token)))
  expect(posted.status).toBe(500)
  expect(lines.join('\n')).toContain('request_failed')
  expect(lines.join('\n')).toContain('runs')
  expect(errors.join('\n')).not.toMatch(/\n\s+at .*\.ts:\d+|no such table/)
  expectNothingSaid()
})

/** Which MCP clients have come: by name, by grant, and for whom it is told. */
import { env, runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import type { Env } from '../../worker/env.ts'
import { CookieBrowser } from '../support/cookie-browser.ts'
import { ConnectedApp, grantOf } from './support/connected-app.ts'
import { initialize } from '../support/mcp-by-hand.ts'
import { ask, headersOf, openSession, send } from './support/mcp.ts'
import { browserOf, fetchSelf, ORIGIN } from './support/oauth.ts'
import { idOfUser, userToken } from './support/users.ts'

const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }

const sessionOf = async (name: string) => (env as Env).SESSION.getByName(await idOfUser(name))
const seen = async (name: string) =>
  (await (await sessionOf(name)).seenClients()).map((each) => ({ name: each.name, grantId: each.grantId }))
const front = async (browser: CookieBrowser) => (await browser.get('/')).text()
/** A client of 2026-07-28 that gives this name asks for the tools. */
async function comes(token: string, name: string): Promise<void> {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name, version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  const headers = { authorization: `Bearer ${token}`, ...headersOf(LIST) }
  const answer = await send('POST', { ...LIST, params: { _meta } }, headers)
  expect(answer.status, await answer.text()).toBe(200)
}
const newName = () => crypto.randomUUID()

test('a client of either revision is told of on the front page of its user, and on nobody else’s', async () => {
  const user = newName()
  const browser = await browserOf(user)
  expect(await front(browser)).toContain('No client has connected yet.')
  const token = await userToken(user)
  await (await ask(token, LIST)).text()
  await (await send('POST', initialize('2025-11-25', {}, 'older'), { authorization: `Bearer ${token}` })).text()
  expect((await seen(user)).map(({ name }) => name)).toEqual(['older', 'test'])
  const page = await front(browser)
  expect(page).toMatch(/<bdi>test<\/bdi><\/a><\/strong>\s*connected\s*<time [^>]*data-ago>just now<\/time>/)
  expect(page).toContain('<bdi>older</bdi>')
  for (const other of [await browserOf(newName()), new CookieBrowser(fetchSelf, ORIGIN)]) {
    const text = await front(other)
    expect(text).not.toContain('older')
    expect(text).not.toContain('data-ago')
  }
  expect(await front(new CookieBrowser(fetchSelf, ORIGIN))).not.toContain('id="connected"')
})

test('a request that is refused is no client that has come', async () => {
  const user = newName()
  const token = await userToken(user, [])
  for (const message of [
    { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'run_python', arguments: { code: '1' } } },
    { jsonrpc: '2.0', id: 1, method: 'no/such', params: {} },
  ])
    await (await ask(token, message)).text()
  await (await send('POST', LIST, { authorization: `Bearer ${token}`, 'mcp-session-id': crypto.randomUUID() })).text()
  await (await send('POST', 'no message', { authorization: `Bearer ${token}` })).text()
  expect(await seen(user)).toEqual([])
})

test.each([
  ['markup', '<img src=x onerror=alert(1)>', '&lt;img src=x onerror=alert(1)&gt;'],
  ['nothing to be seen', '\u200b\u202e', '(no name)'],
  ['what every object has', 'constructor', 'constructor'],
  ['a name known under another', 'claude-code', 'Claude Code'],
])('a client may call itself %s', async (_, name, shown) => {
  const user = newName()
  await comes(await userToken(user), name)
  expect(await front(await browserOf(user))).toContain(`<bdi>${shown}</bdi>`)
})

test('the last fifty are remembered, also for the object’s next life', async () => {
  const user = newName()
  const token = await userToken(user)
  for (let i = 0; i < 60; i++) {
    await comes(token, `client ${i}`)
  }
  const names = (await seen(user)).map(({ name }) => name)
  expect(names).toHaveLength(50)
  expect(names[0]).toBe('client 59')
  const kept = await runInDurableObject(await sessionOf(user), (_, { storage }) => storage.kv.get('seen_clients'))
  expect(kept).toHaveLength(50)
})

test('a disconnected app has gone from the front page, and signing out everywhere leaves nobody', async () => {
  const app = await ConnectedApp.new()
  const session = (env as Env).SESSION.getByName(app.user)
  await (await ask(app.first.access_token, LIST)).text()
  const token = await userToken(app.name)
  await openSession(token)
  expect(await seen(app.name)).toEqual([
    { name: 'test', grantId: null },
    { name: 'test', grantId: grantOf(app.first) },
  ])
  await app.browser.post('/account/grants/revoke', { id: grantOf(app.first) })
  expect(await seen(app.name)).toEqual([{ name: 'test', grantId: null }])
  await session.refuseTokensBefore(Date.now())
  expect(await seen(app.name)).toEqual([])
})

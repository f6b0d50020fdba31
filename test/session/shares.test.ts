/** Share links: what they show, to whom, for how long, and what attackers make of them. */
import { createExecutionContext, env, runInDurableObject } from 'cloudflare:test'
import { beforeAll, expect, test } from 'vitest'
import { sealShare } from '../../worker/auth/share-token.ts'
import type { Env } from '../../worker/env.ts'
import worker from '../../worker/index.ts'
import { CookieBrowser, formFields } from '../support/cookie-browser.ts'
import { browserOf, fetchSelf, ORIGIN } from './support/oauth.ts'
import { idOfUser, userToken } from './support/users.ts'
import { sendTo } from './support/mcp.ts'

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const SECRET = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a'
const PROGRAM = `# <script>alert(1)</script>
import base64, os
png = base64.b64decode("${PNG}")
os.makedirs(".ssh", exist_ok=True)
for path in ["plot.png", ".ssh/hidden.png", "id_rsa.png", "qr-${SECRET}.png"]:
    open(path, "wb").write(png)
open(".env", "w").write("PASSWORD=hunter2hunter2")
open("fake.png", "w").write("<script>alert(1)</script>")
print("<script>alert(1)</script></pre><h1>Sign in</h1>")
print("the token is ${SECRET}")
raise ValueError("<img src=x onerror=alert(1)>")
`

const user = crypto.randomUUID()
const visitor = () => new CookieBrowser(fetchSelf, ORIGIN)
let browser: CookieBrowser
let run: string
const session = async (name = user) => (env as Env).SESSION.getByName(await idOfUser(name))

async function ran(name: string, code: string): Promise<string> {
  const headers = { authorization: `Bearer ${await userToken(name)}` }
  const answer = await sendTo('/runs', 'POST', { code, description: 'Share <b>me</b>' }, headers)
  return /r_[0-9a-f]{16}/.exec(await answer.text())![0]
}

async function shared(runId = run, days = '1', by = browser): Promise<string> {
  const made = await by.post(`/app/runs/${runId}/share`, { days })
  expect([made.status, made.headers.get('location')]).toEqual([303, `/app/runs/${runId}/share`])
  const page = await (await by.get(`/app/runs/${runId}/share`)).text()
  return new URL(/<pre data-copy>([^<]+)</.exec(page)![1]!).pathname
}

/** The one page for every link that shows nothing. */
async function expectNothing(path: string, by = visitor()): Promise<string> {
  const answer = await by.get(path)
  const text = await answer.text()
  expect([path, answer.status]).toEqual([path, 404])
  expect(text).toContain('This link shows nothing')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  return text
}

/** The page of a run’s links offers none, and says why. */
async function expectRefusal(by: CookieBrowser, runId: string, status: number, cause: string): Promise<void> {
  const answer = await by.get(`/app/runs/${runId}/share`)
  const text = await answer.text()
  expect([answer.status, text.includes(cause), text.includes('Make a link')]).toEqual([status, true, false])
}

beforeAll(async () => {
  browser = await browserOf(user)
  run = await ran(user, PROGRAM)
})

test('it shows program, output, error and pictures, and nothing that leads to whose it is', async () => {
  const path = await shared()
  const answer = await visitor().get(path)
  const text = await answer.text()
  expect(answer.status).toBe(200)
  expect(text).toContain('Share &lt;b&gt;me&lt;/b&gt;')
  expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&lt;/pre&gt;&lt;h1&gt;Sign in&lt;/h1&gt;')
  expect(text).toMatch(/<bdi>&lt;img src=x onerror=alert\(1\)&gt;<\/bdi/)
  expect(text).not.toContain('Not all of it is shown')
  expect(text).toContain('base64')
  expect(text.match(/<(?:script|iframe|form|a href="\/)/g)).toBe(null)
  for (const hidden of [user, await idOfUser(user), run, SECRET, '.ssh/', 'hidden.png"', 'hunter2hunter2'])
    expect(text.replaceAll(/<li id="P[\s\S]*?<\/li>/g, ''), hidden).not.toContain(hidden)
  expect(text).not.toContain(SECRET)
  expect([...text.matchAll(/<img src="([^"]+)" alt="([^"]*)"/g)].map(([, src, alt]) => [src, alt])).toEqual([
    [`${path}/0`, 'plot.png'],
  ])
  expect(answer.headers.get('content-security-policy')).toBe(
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  )
  for (const [name, value] of [
    ['cache-control', 'no-store'],
    ['referrer-policy', 'no-referrer'],
    ['x-robots-tag', 'noindex, nofollow'],
    ['x-frame-options', 'DENY'],
    ['set-cookie', null],
  ] as const)
    expect([name, answer.headers.get(name)]).toEqual([name, value])
  const picture = await visitor().get(`${path}/0`)
  expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/png'])
  expect(Buffer.from(await picture.arrayBuffer()).toString('base64')).toBe(PNG)
  expect(picture.headers.get('content-security-policy')).toContain('sandbox')
  expect(picture.headers.get('x-robots-tag')).toContain('noindex')
})

test('it shows what was there when it was made, whatever becomes of the file', async () => {
  const path = await shared()
  await ran(user, `open("plot.png", "w").write("something private")`)
  expect(Buffer.from(await (await visitor().get(`${path}/0`)).arrayBuffer()).toString('base64')).toBe(PNG)
})

test('a picture that is another’s by now is not shown, and its name says why; nor is it in the notebook', async () => {
  const drawing = (many: number) => `import base64
for name in ["later.png", "sent.png", "own.png"][:${many}]:
    open(name, "wb").write(base64.b64decode("${PNG}"))`
  const earlier = await ran(user, drawing(3))
  await ran(user, drawing(1))
  const headers = { authorization: `Bearer ${await userToken(user)}` }
  const sent = await sendTo('/files/sent.png', 'PUT', 'x', { ...headers, 'content-length': '3' })
  expect(sent.ok).toBe(true)
  const path = await shared(earlier)
  const text = await (await visitor().get(path)).text()
  expect([...text.matchAll(/<img src="([^"]+)" alt="([^"]*)"/g)].map(([, src, alt]) => [src, alt])).toEqual([
    [`${path}/0`, 'own.png'],
  ])
  expect(text.replaceAll(/\s+/g, ' ')).toContain(
    'Changed or deleted after this run, and so not shown: <bdi>later.png</bdi>, <bdi>sent.png</bdi>.',
  )
  expect((await visitor().get(`${path}/1`)).status).toBe(404)
  const notebook = await (await browser.get(`/app/runs/${earlier}/notebook.ipynb`)).text()
  expect([...notebook.matchAll(/"(\w+\.png)"/g)].map(([, name]) => name)).toEqual(['own.png'])
})

test('every link that is not good shows one and the same page', async () => {
  const path = await shared()
  const token = path.slice('/shared/'.length)
  const other = (await shared()).slice('/shared/'.length)
  const changed = (at: number) => `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
  const pages = new Set<string>()
  const [userId, shareId] = [await idOfUser(user), '0'.repeat(32)]
  for (const wrong of [
    // IV, user, share, tag.
    ...[0, 15, 16, 30, 40, 58, 59, 79].map(changed),
    token.slice(0, 40) + other.slice(40),
    token.slice(0, -1),
    `${token}A`,
    token.toLowerCase(),
    'A'.repeat(80),
    '',
    `${token}/../../app/runs`,
    `${token}/8`,
    `${token}/-1`,
    `${token}/00`,
    `${token}/.env`,
    `${token}/..%2f..%2fapp%2fruns`,
    encodeURIComponent(`${token}/0`),
    `${token}%00`,
    // Sealed by this server for a share that there is not, and for a user who never was.
    await sealShare(env as Env, { userId, shareId }),
    await sealShare(env as Env, { userId: 'f'.repeat(32), shareId }),
    await sealShare({ ...(env as Env), DEV_TOKEN: 'another token', AUTH_SECRET: 'x'.repeat(32) }, { userId, shareId }),
  ]) {
    const answer = await visitor().get(`/shared/${wrong}`)
    const text = await answer.text()
    const is404 = answer.status === 404 && text.includes('This link shows nothing')
    // Paths that lead elsewhere are none of ours: nothing is there, or one has to sign in.
    if (is404) pages.add(text)
    expect([wrong, is404 || [303, 404].includes(answer.status)]).toEqual([wrong, true])
    expect(text).not.toContain('base64')
  }
  expect(pages.size).toBe(1)
  expect(await expectNothing(`/shared/${changed(30)}`)).toBe([...pages][0])
})

test('a revoked one shows nothing at once, its pictures neither, and the same page as a guessed one', async () => {
  const path = await shared()
  const page = await (await browser.get('/account')).text()
  expect(page).toContain(`${ORIGIN}/shared/`)
  const [id] = formFields(page, '/account/shares/revoke')['id']!
  const revoked = await browser.post('/account/shares/revoke', { id: id! })
  expect([revoked.status, revoked.headers.get('location')]).toEqual([303, '/account#shared'])
  expect(await (await browser.get('/account')).text()).toContain(
    '<p class="done" role="status">The link is revoked.</p>',
  )
  const text = await expectNothing(path)
  expect(await expectNothing(`/shared/${'A'.repeat(80)}`)).toBe(text)
  expect(await expectNothing(`${path}/0`)).toBe(text)
  // Nothing of it is kept.
  const kept = await runInDurableObject(await session(), (_, { storage }) =>
    [...storage.kv.list({ prefix: `share:${id!}` })].map(([key]) => key),
  )
  expect(kept).toEqual([])
})

test('an expired one shows nothing', async () => {
  const path = await shared()
  await runInDurableObject(await session(), (_, { storage }) => {
    const all = storage.kv.get<{ expiresAt: number }[]>('shares')!
    storage.kv.put('shares', [{ ...all[0]!, expiresAt: Date.now() - 1 }, ...all.slice(1)])
  })
  await expectNothing(path)
  await expectNothing(`${path}/0`)
})

test('nobody makes or ends a link of somebody else', async () => {
  const path = await shared()
  const thief = await browserOf(crypto.randomUUID())
  const refused = await thief.post(`/app/runs/${run}/share`, { days: '1' })
  expect([refused.status, await refused.text()]).toEqual([404, expect.stringContaining('There is no such run')])
  const { id } = (await (await session()).shares())[0]!
  for (const form of ['/account/shares/revoke', `/app/runs/${run}/share/revoke`]) await thief.post(form, { id })
  expect((await visitor().get(path)).status).toBe(200)
  // A page of another origin cannot press the buttons either.
  const foreign = { origin: 'http://localhost:9999', 'sec-fetch-site': 'same-site' }
  expect((await browser.post(`/app/runs/${run}/share`, { days: '1' }, foreign)).status).toBe(403)
  expect((await browser.post('/account/shares/revoke', { id }, foreign)).status).toBe(403)
  expect((await visitor().post(`/app/runs/${run}/share`, { days: '1' })).status).toBe(303)
})

test.each(['0', '2', '365', '-1', 'x', '', '1e0x'])('a link for %j days is not made', async (days) => {
  expect((await browser.post(`/app/runs/${run}/share`, { days })).status).toBe(400)
})

test('a run that goes on is not shared, and there are at most twenty links', async () => {
  const name = crypto.randomUUID()
  const own = await browserOf(name)
  const done = await ran(name, 'print(1)')
  await own.post('/app/runs', { code: 'import time; time.sleep(60)' })
  const list = await (await own.get('/app/runs')).text()
  const [going] = [...list.matchAll(/data-run="(r_[0-9a-f]{16})"/g)].map(([, id]) => id!).filter((id) => id !== done)
  expect((await own.post(`/app/runs/${going}/share`, { days: '1' })).status).toBe(409)
  await expectRefusal(own, going!, 409, 'The run has not ended yet.')
  await expectRefusal(own, 'r_0123456789abcdef', 404, 'There is no such run')
  await own.post(`/app/runs/${going}/stop`, {})
  const made = []
  for (let i = 0; i < 21; i++) made.push((await own.post(`/app/runs/${done}/share`, { days: '1' })).status)
  expect(made).toEqual([...Array<number>(20).fill(303), 409])
  await expectRefusal(own, done, 200, 'There are 20 links already.')
  await expectRefusal(own, await ran(name, 'print(2)'), 409, 'There are 20 links already.')
})

test('signing out everywhere and deleting everything end all links', async () => {
  for (const [form, fields] of [
    ['/account/sign-out-everywhere', {}],
    ['/account/delete', { confirm: 'delete' }],
  ] as const) {
    const name = crypto.randomUUID()
    const own = await browserOf(name)
    const path = await shared(await ran(name, 'print(1)'), '30', own)
    expect((await visitor().get(path)).status).toBe(200)
    await own.post(form, fields)
    await expectNothing(path)
  }
})

test.each([
  ['the operator has switched links off', { SHARE_LINKS: 'off' }],
  ['the operator has taken the user off the list', { ALLOWED_USERS: 'somebody.else@users.example' }],
  ['the server’s key was changed', { AUTH_SECRET: 'another secret of enough characters' }],
])('a link shows nothing where %s', async (_, bindings) => {
  const path = await shared()
  const there = new CookieBrowser((request) => {
    const incoming = new Request<unknown, IncomingRequestCfProperties>(request)
    return Promise.resolve(worker.fetch(incoming, { ...(env as Env), ...bindings }, createExecutionContext()))
  }, ORIGIN)
  await expectNothing(path, there)
  if (!('SHARE_LINKS' in bindings)) return
  for (const [name, value] of browser.cookies()) there.setCookie(name, value)
  expect((await there.post(`/app/runs/${run}/share`, { days: '1' })).status).toBe(403)
  expect(await (await there.get('/account')).text()).not.toContain('/shared/')
  // Nor is a link offered that would be refused.
  const offered = async (own: CookieBrowser) =>
    (await (await own.get(`/app/runs/${run}`)).text()).includes('>Share</a>')
  expect([await offered(browser), await offered(there)]).toEqual([true, false])
})

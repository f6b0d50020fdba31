/** `/app/api`: the session's paths for the browser that is signed in, and for no page of anybody else. */
import { SELF } from 'cloudflare:test'
import { beforeAll, expect, test } from 'vitest'
import type { CookieBrowser } from '../support/cookie-browser.ts'
import { allFrames, textOf } from './support/events.ts'
import { browserOf, ORIGIN, signedInBrowser } from './support/oauth.ts'

let browser: CookieBrowser
let cookie: string
beforeAll(async () => {
  browser = await signedInBrowser()
  cookie = [...browser.cookies()].map(([name, value]) => `${name}=${value}`).join('; ')
})

function ask(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Response> {
  const sent = body !== undefined && { body }
  return SELF.fetch(new Request(ORIGIN + path, { method, headers: { host: 'localhost', ...headers }, ...sent }))
}
const answer = async (response: Response) => [response.status, await response.json()]

const FROM_OUR_PAGE = { 'sec-fetch-site': 'same-origin', origin: ORIGIN }
const PROGRAM = JSON.stringify({ code: 'print("from the page")', background: true })
const JSON_BODY = { 'content-type': 'application/json' }
const ELSEWHERE = {
  error: 'This is for the pages of this server. Next: send a token to the same path without /app/api.',
}

test('a page of ours starts a run, reads it and its events, and deletes a file', async () => {
  const started = await ask('POST', '/app/api/runs', { cookie, ...FROM_OUR_PAGE, ...JSON_BODY }, PROGRAM)
  const { run_id } = await started.json<{ run_id: string }>()
  expect([started.status, started.headers.get('location')]).toEqual([202, `/runs/${run_id}`])
  const events = await ask('GET', `/app/api/runs/${run_id}/events`, { cookie, 'sec-fetch-site': 'same-origin' })
  expect(events.headers.get('content-type')).toBe('text/event-stream')
  expect(textOf(await allFrames(events))).toBe('from the page\n')
  const file = await ask('DELETE', '/app/api/files/none.txt', { cookie, ...FROM_OUR_PAGE })
  expect(file.status).toBe(404)
})

test.each([
  ['another site', { 'sec-fetch-site': 'cross-site', origin: 'http://localhost:9999' }],
  ['another port of this machine', { 'sec-fetch-site': 'same-site', origin: 'http://localhost:9999' }],
  ['a typed address', { 'sec-fetch-site': 'none' }],
  ['a page without an origin', { 'sec-fetch-site': 'same-origin', origin: 'null' }],
  ['something that does not say where it comes from', {}],
  ['our page, as somebody else says', { 'sec-fetch-site': 'cross-site', origin: ORIGIN }],
])('nothing is changed by %s, whatever cookie comes along', async (_, headers) => {
  for (const [method, path] of [
    ['POST', '/app/api/runs'],
    ['PUT', '/app/api/files/a.txt'],
    ['DELETE', '/app/api/files/a.txt'],
    ['POST', '/app/api/config'],
    ['POST', '/app/api/learnings/import'],
  ] as const) {
    const response = await ask(method, path, { cookie, ...JSON_BODY, ...headers }, PROGRAM)
    // A foreign Origin is refused at the door already, in other words.
    expect(response.status, `${method} ${path}`).toBe(403)
  }
})

test.each(['cross-site', 'same-site'])('nothing is read by a page that is %s', async (site) => {
  for (const path of ['/app/api/runs', '/app/api/files/a.txt', '/app/api/runs/live', '/app/api/learnings'])
    expect(await answer(await ask('GET', path, { cookie, 'sec-fetch-site': site })), path).toEqual([403, ELSEWHERE])
})

test('without a sign-in it is 401, with a token too: a cookie is what counts here', async () => {
  const error = 'Nobody is signed in to this browser. Next: sign in at /sign-in.'
  for (const headers of [{}, { authorization: 'Bearer session-tests' }, { cookie: '__Host-session=made-up' }])
    expect(await answer(await ask('GET', '/app/api/runs', headers))).toEqual([401, { error }])
})

test('there is no MCP for cookies, and nothing beside the paths of a session', async () => {
  for (const path of ['/mcp', '', '/', '/account', '/../mcp', '//mcp', '/%6dcp', '/health'])
    for (const method of ['GET', 'POST'])
      expect((await ask(method, `/app/api${path}`, { cookie, ...FROM_OUR_PAGE })).status, path).toBe(404)
})

test('a signed-out browser reads nothing any more', async () => {
  const other = await signedInBrowser()
  const own = [...other.cookies()].map(([name, value]) => `${name}=${value}`).join('; ')
  expect((await ask('GET', '/app/api/runs', { cookie: own })).status).toBe(200)
  await other.post('/sign-out', {})
  expect((await ask('GET', '/app/api/runs', { cookie: own })).status).toBe(401)
})

test('a run is told to open lists when it is accepted and when it has ended, as the list has it', async () => {
  const response = await ask('GET', '/app/api/runs/live', { cookie, 'sec-fetch-site': 'same-origin' })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const told = messages(response.body!)
  expect(await told.next()).toMatchObject({ value: { event: 'open' } })
  const start = { ...JSON.parse(PROGRAM), description: 'for the list' }
  const started = await ask('POST', '/app/api/runs', { cookie, ...FROM_OUR_PAGE, ...JSON_BODY }, JSON.stringify(start))
  const { run_id } = await started.json<{ run_id: string }>()
  const first = (await told.next()).value
  expect(first).toMatchObject({ event: 'run', data: { run_id, status: 'running', description: 'for the list' } })
  const last = (await told.next()).value!
  const { runs } = await (await ask('GET', '/app/api/runs?limit=1', { cookie })).json<{ runs: object[] }>()
  expect(last).toEqual({ event: 'run', data: runs[0] })
  expect(last.data).toMatchObject({ run_id, status: 'success', output_line: 'from the page' })
  await told.return(undefined)
})

test('signing out everywhere ends the open lists', async () => {
  const other = await browserOf('with a list open')
  const own = [...other.cookies()].map(([name, value]) => `${name}=${value}`).join('; ')
  const response = await ask('GET', '/app/api/runs/live', { cookie: own, 'sec-fetch-site': 'same-origin' })
  const told = messages(response.body!)
  expect(await told.next()).toMatchObject({ value: { event: 'open' } })
  expect((await other.post('/account/sign-out-everywhere', {})).status).toBe(303)
  expect(await told.next()).toMatchObject({ done: true })
})

/** Server-sent events but comments and `retry`. */
async function* messages(body: ReadableStream<Uint8Array>): AsyncGenerator<{ event: string; data: unknown }> {
  let text = ''
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const frames = (text + chunk).split('\n\n')
    text = frames.pop()!
    for (const frame of frames) {
      const event = /^event: (.*)$/m.exec(frame)?.[1]
      if (event !== undefined) yield { event, data: JSON.parse(/^data: (.*)$/m.exec(frame)![1]!) }
    }
  }
}

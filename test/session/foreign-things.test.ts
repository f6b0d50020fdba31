/** Whoever knows the name of somebody else's thing is told what they would be told if it had never been, and it is not touched. */
import { env, SELF } from 'cloudflare:test'
import { beforeAll, expect, test } from 'vitest'
import type { Env } from '../../worker/env.ts'
import { answer, ask, call, frames, openSession, send, sendTo } from './support/mcp.ts'
import { bearer, browserOf, newClient, statusWith } from './support/oauth.ts'
import { idOfUser, userToken } from './support/users.ts'
import { dataOf } from '../support/tool-result.ts'

const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' }

/** What the owner has: one of each thing that has a name. */
interface Things {
  run: string
  learning: string
  path: string
  /** Headers of a transport session of 2025-11-25, and the id of an event in it. */
  session: Record<string, string>
  event: string
  link: string
  personal: string
  token: string
}
let things: Things
let stranger: string
beforeAll(async () => {
  stranger = await userToken('Stranger')
  const token = await userToken('Owner')
  const path = `${crypto.randomUUID()}.txt`
  const code = `open("${path}", "w").write("secret of the owner")`
  const made = dataOf((await answer(await ask(token, call(1, 'run_python', { code })))).result)
  const learning = { error_pattern: 'E', solution: 'secret of the owner', context: 'c' }
  await (await ask(token, call(2, 'add_learning', learning))).text()
  const { learnings } = await (await to('GET', '/learnings', token)).json<{ learnings: { id: string }[] }>()
  const listed = await (await to('GET', '/files', token)).json<{ files: { path: string; download_url: string }[] }>()
  const session = await openSession(token)
  let event = ''
  for await (const { id } of frames(await send('POST', LIST, { ...session, ...bearer(token) }))) event = id ?? event
  const [kept] = await (env as Env).ACCOUNT.getByName(await idOfUser('Owner')).tokens()
  const link = listed.files.find((file) => file.path === path)!.download_url
  things = { run: made!.run_id, learning: learnings[0]!.id, path, session, event, link, personal: kept!.id, token }
})

function to(method: string, path: string, token: string, body?: unknown): Promise<Response> {
  return sendTo(path, method, body, bearer(token))
}

/** The answer to a request that names one of the owner's things, with that name taken out. */
type Asked = (token: string, of: Things) => Promise<Response>
const named: Record<string, Asked> = {
  'GET a run': (token, { run }) => to('GET', `/runs/${run}`, token),
  'GET a run’s events': (token, { run }) => to('GET', `/runs/${run}/events`, token),
  'DELETE a run': (token, { run }) => to('DELETE', `/runs/${run}`, token),
  'GET a file': (token, { path }) => to('GET', `/files/${path}`, token),
  'HEAD a file': (token, { path }) => to('HEAD', `/files/${path}`, token),
  'DELETE a file': (token, { path }) => to('DELETE', `/files/${path}`, token),
  'GET a learning': (token, { learning }) => to('GET', `/learnings/${learning}`, token),
  'PATCH a learning': (token, { learning }) => to('PATCH', `/learnings/${learning}`, token, { solution: 'mine' }),
  'DELETE a learning': (token, { learning }) => to('DELETE', `/learnings/${learning}`, token),
  'search for a learning': (token) => to('GET', '/learnings?search=secret', token),
  'page from a run': (token, { run }) => to('GET', `/runs?before=${run}`, token),
  'list a run': (token, { run }) => ask(token, call(1, 'runs', { action: 'list', run_id: run })),
  'page from a run as a model': (token, { run }) => ask(token, call(1, 'runs', { before: run })),
  'explain a run': (token, { run }) =>
    ask(token, {
      jsonrpc: '2.0',
      id: 1,
      method: 'prompts/get',
      params: { name: 'explain_run', arguments: { run_id: run } },
    }),
  'read a run': (token, { run }) => ask(token, reading(`codemode://runs/${run}`)),
  'read a learning': (token, { learning }) => ask(token, reading(`codemode://learnings/${learning}`)),
  'read a file': (token, { path }) => ask(token, reading(`codemode://files/${path}`)),
  'wait for a run': (token, { run }) => ask(token, call(1, 'runs', { action: 'wait', run_id: run })),
  'cancel a run': (token, { run }) => ask(token, call(1, 'runs', { action: 'cancel', run_id: run })),
  'POST to a session': (token, { session }) => send('POST', LIST, { ...session, ...bearer(token) }),
  'go on in a session': (token, { session, event }) =>
    send('GET', undefined, { ...session, ...bearer(token), 'last-event-id': event }),
  'DELETE a session': (token, { session }) => send('DELETE', undefined, { ...session, ...bearer(token) }),
}

function reading(uri: string): unknown {
  return { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri } }
}

/** Names like those, of things that never were. */
const UNKNOWN: Things = {
  run: 'r_0123456789abcdef',
  learning: crypto.randomUUID(),
  path: `${crypto.randomUUID()}.txt`,
  session: { 'mcp-session-id': crypto.randomUUID(), 'mcp-protocol-version': '2025-11-25' },
  event: '999999',
  link: '',
  personal: '',
  token: '',
}

test.each(Object.entries(named))('%s of somebody else: as if it were not there', async (_what, asked) => {
  const told = async (of: Things) => {
    const response = await asked(stranger, of)
    const names = [of.run, of.learning, of.path, of.session['mcp-session-id']!]
    const text = names.reduce((text, name) => text.replaceAll(name, '…'), await response.text())
    return { status: response.status, text: text.replaceAll(/^: .*\n\n/gm, '') }
  }
  const [foreign, unknown] = [await told(things), await told(UNKNOWN)]
  expect(foreign).toEqual(unknown)
  expect(foreign.text).not.toContain('owner')
  // And it was not touched.
  const { run, path, learning, session } = things
  expect((await to('GET', `/runs/${run}`, things.token)).status).toBe(200)
  expect(await (await to('GET', `/files/${path}`, things.token)).text()).toBe('secret of the owner')
  expect(await (await to('GET', `/learnings/${learning}`, things.token)).json()).toMatchObject({
    solution: 'secret of the owner',
  })
  expect((await send('POST', LIST, { ...session, ...bearer(things.token) })).status).toBe(200)
})

test('a file of the same name is the writer’s own', async () => {
  const written = await sendTo(`/files/${things.path}`, 'PUT', 'x', { ...bearer(stranger), 'content-length': '3' })
  expect(written.status).toBe(200)
  expect(await (await to('GET', `/files/${things.path}`, things.token)).text()).toBe('secret of the owner')
  await to('DELETE', `/files/${things.path}`, stranger)
})

test('a link to somebody else’s file counts for nothing beside a token, and in nobody else’s name', async () => {
  const { pathname, search } = new URL(things.link)
  expect((await SELF.fetch(things.link, { headers: { host: 'localhost' } })).status).toBe(200)
  expect((await to('GET', pathname + search, stranger)).status).toBe(404)
  const forged = search.replace(await idOfUser('Owner'), await idOfUser('Stranger'))
  expect((await SELF.fetch(`http://localhost${pathname}${forged}`, { headers: { host: 'localhost' } })).status).toBe(
    401,
  )
})

test('the ids of somebody else’s tokens and grants end nothing', async () => {
  const [strangers, owners, client] = await Promise.all([browserOf('Stranger'), browserOf('Owner'), newClient()])
  const { access_token } = await client.signIn(owners)
  const grant = access_token.split(':')[1]!
  for (const id of [things.personal, `${await idOfUser('Owner')}:${grant}`]) {
    expect((await strangers.post('/account/tokens/revoke', { id })).status).toBe(303)
  }
  for (const id of [grant, `../${await idOfUser('Owner')}:${grant}`, '', '*', 'x'.repeat(10_000)]) {
    expect((await strangers.post('/account/grants/revoke', { id })).status).toBe(303)
  }
  expect(await statusWith(things.token)).toBe(200)
  expect(await statusWith(access_token)).toBe(200)
})

test.each([
  ['header', { 'x-user-id': 'B' }],
  ['caller header', { 'x-codemode-caller': 'B' }],
  ['start properties', { 'x-agents-lifecycle-props': 'B', 'x-partykit-props': 'B', 'x-partykit-room': 'B' }],
  ['cookie', { cookie: 'user=B; __Host-session=B; session=B' }],
  ['session id', { 'mcp-session-id': 'B' }],
])('somebody else’s id in a %s changes nothing', async (_where, headers) => {
  const id = await idOfUser('Owner')
  const filled = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replaceAll('B', id)]))
  const token = await userToken('Nobody')
  const listed = await sendTo('/files', 'GET', undefined, { ...bearer(token), ...filled })
  expect(await listed.json()).toMatchObject({ files: [], cut: false })
})

test.each(['user', 'user_id', 'userId', 'session', 'gate'])(
  'somebody else’s id as %s in a query is refused',
  async (name) => {
    const refused = await to('GET', `/files?${name}=${await idOfUser('Owner')}`, await userToken('Nobody'))
    expect([refused.status, await refused.json()]).toEqual([
      400,
      { error: `The query is not valid: there is no "${name}". Next: leave the query out.` },
    ])
  },
)

/**
 * Whose object answers is decided by the verified token alone: another user's id is put everywhere a client can write, and many users
 * with the same request ids talk at once.
 */
import { env, SELF } from 'cloudflare:test'
import { beforeAll, expect, test } from 'vitest'
import type { Env } from '../../worker/env.ts'
import { answer, ask, call, sendTo } from './support/mcp.ts'
import { initialize } from '../support/mcp-by-hand.ts'
import { idOfUser, userToken } from './support/users.ts'
import { dataOf } from '../support/tool-result.ts'

/** Everything that a user can have, each with the user's own mark in it. */
interface User {
  name: string
  id: string
  token: string
  mark: string
  runId: string
  learningId: string
  transport: Record<string, string>
}

const markOf = (name: string) => `mark-of-${name}.`

async function newUser(name: string): Promise<User> {
  const token = await userToken(name)
  const mark = markOf(name)
  const code = `open("same.txt", "w").write("${mark}")\nprint("${mark}")`
  const ran = await answer(await ask(token, call(1, 'run_python', { code, description: 'same' })))
  const learned = await answer(
    await ask(token, call(1, 'add_learning', { error_pattern: 'same', solution: mark, context: 'same' })),
  )
  const opened = await sendTo('/mcp', 'POST', initialize(), { authorization: `Bearer ${token}` })
  await opened.text()
  return {
    name,
    id: await idOfUser(name),
    token,
    mark,
    runId: dataOf(ran.result)?.run_id ?? '',
    learningId: /learning_\w+|l_\w+|[0-9a-f-]{36}/.exec(JSON.stringify(learned.result))?.[0] ?? '',
    transport: {
      'mcp-session-id': opened.headers.get('mcp-session-id') ?? '',
      'mcp-protocol-version': '2025-11-25',
    },
  }
}

let a: User
let b: User
beforeAll(async () => {
  a = await newUser('a')
  b = await newUser('b')
  expect([a, b].every(({ runId, learningId }) => runId !== '' && learningId !== '')).toBe(true)
})

/** Headers that the libraries on the way know, and those that people think of. */
const HEADERS = `
  accept-language cf-access-client-id cf-access-token cf-connecting-ip cf-mcp-message cf-mcp-method cf-ray cf-worker cookie forwarded from
  last-event-id mcp-method mcp-name mcp-param-user mcp-session-id message-id origin-agent-cluster priority referer subject
  traceparent true-client-ip user-agent via x-agent-id x-agent-name x-agent-sig x-agents-lifecycle-props x-api-key x-auth-user
  x-cf-agents-subagent-url x-cf-harness-token x-codemode-caller x-do-name x-durable-object-id x-forwarded-host x-forwarded-user
  x-original-url x-partykit-namespace x-partykit-props x-partykit-room x-real-ip x-rewrite-url x-session-affinity x-user-id
`
  .trim()
  .split(/\s+/)

/** What somebody who wants to be B would write. */
function claims(): string[] {
  const caller = { userId: b.id, scopes: ['python:run', 'learnings:write', 'settings:write'], authorizedAt: 9e15 }
  return [
    b.id,
    JSON.stringify(caller),
    `user=${b.id}`,
    `__Host-session=${b.id}`,
    `http://localhost/mcp?user=${b.id}`,
    b.runId,
    encodeURIComponent(JSON.stringify({ props: caller, userId: b.id, name: b.id })),
  ]
}

/** A's learnings, read with this request; the answer's text. */
async function learningsOf(headers: Record<string, string>, path = '/learnings'): Promise<string> {
  const response = await sendTo(path, 'GET', undefined, { authorization: `Bearer ${a.token}`, ...headers })
  return response.text()
}

test.each(HEADERS)('the header %s changes nothing', async (header) => {
  for (const claim of claims()) {
    const text = await learningsOf({ [header]: claim })
    expect(text).not.toContain(b.mark)
    // Refused for what it is, or A's own.
    if (!text.includes('error')) expect(text).toContain(a.mark)
    const over = await ask(a.token, call(1, 'get_learnings', {}), { [header]: claim })
    const answered = await over.text()
    expect(answered).not.toContain(b.mark)
    if (over.status === 200 && !answered.includes('"error"')) expect(answered).toContain(a.mark)
  }
})

test('nor do headers that nobody has thought of', async () => {
  const letters = 'abcdefghijklmnopqrstuvwxyz-'
  for (let round = 0; round < 200; round += 1) {
    const random = crypto.getRandomValues(new Uint8Array(1 + (round % 12)))
    const header = `x${[...random].map((byte) => letters[byte % letters.length]).join('')}x`
    const text = await learningsOf({ [header]: claims()[round % claims().length]! })
    expect(text, header).toContain(a.mark)
    expect(text, header).not.toContain(b.mark)
  }
})

test.each([
  'user',
  'userId',
  'name',
  'id',
  'session',
  'sessionId',
  'room',
  '_pk',
  'agent',
  'namespace',
  'token',
  'access_token',
])('the query %s changes nothing', async (parameter) => {
  for (const claim of [...claims(), b.token]) {
    const query = new URLSearchParams({ [parameter]: claim }).toString()
    const text = await learningsOf({}, `/learnings?${query}`)
    expect(text).not.toContain(b.mark)
    // Without a token of one's own it opens nothing.
    const bare = await SELF.fetch(
      new Request(`http://localhost/learnings?${query}`, {
        headers: { host: 'localhost', cookie: `token=${b.token}` },
      }),
    )
    expect(bare.status).toBe(401)
  }
})

test.each([
  'userId',
  'user',
  'session',
  'name',
  'caller',
  'workspace',
  'agents/name',
  'io.modelcontextprotocol/userId',
])('_meta and arguments named %s change nothing', async (key) => {
  for (const claim of [b.id, { userId: b.id }, b.token]) {
    const request = call(1, 'get_learnings', { [key]: claim }) as { params: { _meta: Record<string, unknown> } }
    request.params._meta[key] = claim
    const text = await (await ask(a.token, request)).text()
    expect(text).not.toContain(b.mark)
    const plain = call(1, 'get_learnings', {}) as typeof request
    plain.params._meta[key] = claim
    expect(await (await ask(a.token, plain)).text()).toContain(a.mark)
  }
})

test('paths that name another user lead nowhere', async () => {
  const names = (path: string) => path.replaceAll('{id}', b.id)
  const paths = [
    ...['/{id}', '/{id}/learnings', '/learnings/{id}', '/learnings/../{id}/learnings', '/agents/session/{id}'],
    ...['/parties/session/{id}', '/session/{id}/learnings', '/runs/{id}', '/files/..%2f..%2f{id}%2ffiles%2fsame.txt'],
    ...[
      '/files/%2e%2e/%2e%2e/{id}/files/same.txt',
      '/w/{id}/files/same.txt',
      '/mcp/{id}',
      '//{id}/learnings',
      '/learnings;{id}',
    ],
  ].map(names)
  for (const path of [...paths, `/runs/${b.runId}`, `/runs/${b.runId}/events`, `/learnings/${b.learningId}`]) {
    const text = await learningsOf({}, path)
    expect(text, path).not.toContain(b.mark)
  }
  expect(await learningsOf({}, '/files/same.txt')).toBe(a.mark)
})

test('what is B’s is for A as if it did not exist, in the same words', async () => {
  const unknown = { runId: 'r_0123456789abcdef', learningId: b.learningId.replace(/.{4}$/, 'zzzz') }
  const pairs = [
    [`/runs/${b.runId}`, `/runs/${unknown.runId}`],
    [`/runs/${b.runId}/events`, `/runs/${unknown.runId}/events`],
    [`/learnings/${b.learningId}`, `/learnings/${unknown.learningId}`],
  ] as const
  for (const [theirs, nobodys] of pairs) {
    expect(await learningsOf({}, theirs)).toBe(await learningsOf({}, nobodys))
    for (const method of ['DELETE', 'PATCH']) {
      const as = { authorization: `Bearer ${a.token}` }
      const [first, second] = [await sendTo(theirs, method, {}, as), await sendTo(nobodys, method, {}, as)]
      expect([first.status, await first.text()]).toEqual([second.status, await second.text()])
    }
  }
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
  const foreign = await sendTo('/mcp', 'POST', list, { authorization: `Bearer ${a.token}`, ...b.transport })
  const nobodys = { ...b.transport, 'mcp-session-id': crypto.randomUUID() }
  const none = await sendTo('/mcp', 'POST', list, { authorization: `Bearer ${a.token}`, ...nobodys })
  expect([foreign.status, await foreign.text()]).toEqual([none.status, await none.text()])
  expect(foreign.status).toBe(404)
  // And all of it is still there for B.
  const kept = await sendTo(`/runs/${b.runId}`, 'GET', undefined, { authorization: `Bearer ${b.token}` })
  expect(await kept.text()).toContain(b.mark)
})

const USERS = 32
/** At once for each user. */
const LANES = 3

test(`${USERS} users with the same request ids and random delays see nothing of each other`, async () => {
  const calls = Number((env as Env & { ISOLATION_CALLS?: string }).ISOLATION_CALLS ?? 3_000)
  const users = await Promise.all(Array.from({ length: USERS }, (_, number) => newUser(`user${number}`)))
  let left = calls
  let crossed = 0
  let missing = 0

  const lane = async (user: User, number: number) => {
    while (left > 0) {
      left -= 1
      await scheduler.wait(Math.random() * 4)
      const text = await askSomething(user, left, number)
      if (!text.includes(user.mark)) missing += 1
      if (users.some((other) => other !== user && text.includes(other.mark))) crossed += 1
    }
  }
  await Promise.all(users.flatMap((user) => Array.from({ length: LANES }, (_, number) => lane(user, number))))
  expect({ crossed, missing }).toEqual({ crossed: 0, missing: 0 })
}, 1_200_000)

/** One of several requests whose answer holds the user's mark, in both revisions and over HTTP, all with the same ids. */
async function askSomething(user: User, turn: number, id: number): Promise<string> {
  const authorization = { authorization: `Bearer ${user.token}` }
  const read = { jsonrpc: '2.0', id, method: 'resources/read', params: { uri: `codemode://runs/${user.runId}` } }
  switch (turn % 50) {
    case 0: {
      const code = `import time, random\ntime.sleep(random.random() / 20)\nprint(open("same.txt").read())`
      return (await ask(user.token, call(id, 'run_python', { code }))).text()
    }
    case 1:
      return (await sendTo('/files/same.txt', 'GET', undefined, authorization)).text()
    case 2:
      return (await sendTo(`/runs/${user.runId}`, 'GET', undefined, authorization)).text()
    default:
      if (turn % 3 === 0) return (await ask(user.token, read)).text()
      if (turn % 3 === 1) return (await ask(user.token, call(id, 'get_learnings', { search: 'same' }))).text()
      return (await sendTo('/mcp', 'POST', read, { ...authorization, ...user.transport })).text()
  }
}

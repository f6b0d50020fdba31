/** Two users on one server: the same requests, and nothing of one is there for the other. */
import { env } from 'cloudflare:test'
import { getAgentByName } from 'agents'
import { expect, test } from 'vitest'
import { userIdOf } from '../../worker/auth/caller.ts'
import { createApp } from '../../worker/web/app.ts'
import { call, type Frame, frames, modern } from './support/mcp.ts'

/** Production's app; the token is the user's name. */
const app = createApp({
  version: 'test',
  authenticate: async (request) => ({
    userId: await userIdOf('test', request.headers.get('authorization') ?? ''),
    scopes: ['*'],
    client: 'test',
  }),
  session: (bindings, caller) => getAgentByName(bindings.SESSION, caller.userId),
})

async function ask(user: string, message: unknown): Promise<Frame['message']> {
  const { method, params } = message as { method: string; params: { name?: string; uri?: string } }
  const request = new Request('http://localhost/mcp', {
    method: 'POST',
    headers: {
      host: 'localhost',
      authorization: user,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      'mcp-name': params.name ?? params.uri ?? '',
      // Whatever a client says about who it is changes nothing.
      'x-codemode-caller': JSON.stringify({ userId: 'f'.repeat(32), scopes: ['*'], client: 'forged' }),
    },
    body: JSON.stringify(modern(message)),
  })
  for await (const { message } of frames(await app.fetch(request, env))) {
    if (message.result !== undefined || message.error !== undefined) return message
  }
  throw new Error('no answer')
}

function run(user: string, code: string, description = '') {
  return ask(user, call(1, 'run_python', { code, description }))
}

test('a learning, a run and a file of one user are not there for another', async () => {
  const broken = 'open("mine.txt", "w").write("secret of A")\nraise KeyError("shared")'
  await run('A', broken, 'same objective')
  await run('A', 'print("solved")', 'same objective')
  const again = (await run('A', broken)).result?.structuredContent
  expect(again?.learnings).toHaveLength(1)

  const foreign = (await run('B', 'import os\nprint(os.listdir("."))\nraise KeyError("shared")', 'same objective'))
    .result
  expect(foreign?.structuredContent).toMatchObject({ status: 'error', stdout: '[]\n', learnings: [] })

  const read = (user: string, uri: string) =>
    ask(user, { jsonrpc: '2.0', id: 2, method: 'resources/read', params: { uri } })
  for (const uri of [
    `codemode://runs/${again?.run_id}`,
    `codemode://learnings/${again?.learnings?.[0]?.id}`,
    'codemode://files/mine.txt',
  ]) {
    const unknown = uri.replace(/[^/]{3}$/, 'zzz')
    expect((await read('A', uri)).error, uri).toBeUndefined()
    const refused = (await read('B', uri)).error
    expect(refused, uri).toBeDefined()
    // The same words as for something that never was.
    expect(refused?.message.replaceAll(uri, '')).toBe((await read('B', unknown)).error?.message.replaceAll(unknown, ''))
  }
})

test('paths of a resource cannot lead into another user’s workspace', async () => {
  await run('A', 'open("mine.txt", "w").write("secret of A")')
  const userA = await userIdOf('test', 'A')
  for (const path of [
    `../../${userA}/files/mine.txt`,
    `..%2F..%2F${userA}%2Ffiles%2Fmine.txt`,
    `%2e%2e/%2e%2e/${userA}/files/mine.txt`,
  ]) {
    const read = { jsonrpc: '2.0', id: 2, method: 'resources/read', params: { uri: `codemode://files/${path}` } }
    const answer = await ask('B', read)
    expect(JSON.stringify(answer)).not.toContain('secret of A')
    expect(answer.error, path).toBeDefined()
  }
})

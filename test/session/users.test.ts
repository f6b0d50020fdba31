/** Two users on one server: the same requests, and nothing of one is there for the other. */
import { expect, test } from 'vitest'
import { answer, ask as send2026, call, type Frame } from './support/mcp.ts'
import { idOfUser, userToken } from './support/users.ts'
import { about, DECLARED } from './support/tasks.ts'
import { dataOf } from '../support/tool-result.ts'

const tokens = new Map<string, string>()

async function ask(user: string, message: unknown): Promise<Frame['message']> {
  tokens.set(user, tokens.get(user) ?? (await userToken(user)))
  return answer(
    await send2026(
      tokens.get(user)!,
      message,
      // Whatever a client says about who it is changes nothing.
      { 'x-codemode-caller': JSON.stringify({ userId: 'f'.repeat(32), scopes: ['*'], authorizedAt: 0 }) },
      DECLARED,
    ),
  )
}

function run(user: string, code: string, description = '') {
  return ask(user, call(1, 'run_python', { code, description }))
}

test('a learning, a run and a file of one user are not there for another', async () => {
  const broken = 'open("mine.txt", "w").write("secret of A")\nraise KeyError("shared")'
  await run('A', broken, 'same objective')
  await run('A', 'print("solved")', 'same objective')
  const again = dataOf((await run('A', broken)).result)
  expect(again?.learnings).toHaveLength(1)

  const foreign = (await run('B', 'import os\nprint(os.listdir("."))\nraise KeyError("shared")', 'same objective'))
    .result
  expect(dataOf(foreign)).toMatchObject({ status: 'error', stdout: '[]\n', learnings: [] })

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

test('a task of one user is not there for another, and is not ended by him', async () => {
  const args = { code: 'import time\ntime.sleep(60)', background: true }
  const { result } = await ask('A', call(1, 'run_python', args))
  const { taskId } = result as { taskId: string }
  for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
    const refused = (await ask('B', about(method, taskId))).error
    expect(refused, method).toMatchObject({ code: -32602 })
    expect(refused, method).toEqual((await ask('B', about(method, 'r_0000000000000000'))).error)
  }
  const listen = { method: 'subscriptions/listen', params: { notifications: { taskIds: [taskId] } } }
  // Nothing to tell: it is acknowledged without the task, and ends.
  expect((await ask('B', { jsonrpc: '2.0', id: 9, ...listen })).result).toMatchObject({ resultType: 'complete' })
  expect((await ask('A', about('tasks/get', taskId))).result).toMatchObject({ taskId, status: 'working' })
  await ask('A', about('tasks/cancel', taskId))
})

test('paths of a resource cannot lead into another user’s workspace', async () => {
  await run('A', 'open("mine.txt", "w").write("secret of A")')
  const userA = await idOfUser('A')
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

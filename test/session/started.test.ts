/** Requests go to a session object at once; one that is not started for it gets them again, whole. */
import { abortAllDurableObjects, env, runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { userIdOf } from '../../worker/auth/caller.ts'
import type { Env } from '../../worker/env.ts'
import { forStarted, isForStarted } from '../../worker/session/door/started.ts'
import { call, headersOf, modern, send, sendTo } from './support/mcp.ts'

const LEARNING = { kind: 'error', problem: 'ö'.repeat(500), solution: 'x'.repeat(3000), context: '' }

/** A call with its length, as HTTP brings it. */
async function add(): Promise<string> {
  const { problem, solution, context } = LEARNING
  const message = call(1, 'add_learning', { error_pattern: problem, solution, context })
  const body = modern(message)
  const bytes = new TextEncoder().encode(JSON.stringify(body)).byteLength
  const response = await send('POST', body, { ...headersOf(message), 'content-length': String(bytes) })
  return response.text()
}

async function learnings(): Promise<unknown> {
  return (await sendTo('/learnings', 'GET')).json()
}

test('an object that is not started gets the whole request once it is, and does it once', async () => {
  await abortAllDurableObjects()
  expect(await add()).not.toContain('"isError":true')
  expect(await learnings()).toMatchObject({ total: 1, learnings: [LEARNING] })
  await abortAllDurableObjects()
  expect(await learnings()).toMatchObject({ total: 1 })
})

test('an object that is started is asked in one step', async () => {
  await learnings()
  const session = (env as unknown as Env).SESSION.getByName(await userIdOf('dev', 'local'))
  let starts = 0
  let answers = 0
  await runInDurableObject(session, (instance) => {
    const answer = instance.fetch.bind(instance)
    const start = instance.__unsafe_ensureInitialized.bind(instance)
    Object.assign(instance, {
      fetch: (request: Request) => (answers++, answer(request)),
      __unsafe_ensureInitialized: () => (starts++, start()),
    })
  })
  await add()
  await learnings()
  expect({ starts, answers }).toEqual({ starts: 0, answers: 2 })
})

test('what is not started says no more than that', async () => {
  const session = (env as unknown as Env).SESSION.getByName('a'.repeat(32))
  const answer = await session.fetch('http://localhost/config', { headers: { 'x-codemode-for-started': '1' } })
  expect([answer.status, await answer.text(), answer.headers.get('x-codemode-not-started')]).toEqual([503, '', '1'])
  expect(
    await runInDurableObject(session, (_, { storage }) => storage.sql.exec('PRAGMA table_list').toArray()),
  ).not.toContainEqual(expect.objectContaining({ name: 'learnings' }))
})

test('a body that may be long is sent once', () => {
  const put = (length: string | null) =>
    forStarted(
      new Request('http://localhost/files/a', {
        method: 'PUT',
        body: 'abc',
        headers: length === null ? {} : { 'content-length': length },
      }),
    )
  expect(put(String(1024 ** 2))).not.toBeNull()
  expect([put(String(1024 ** 2 + 1)), put('x'), put('')?.headers.get('content-length')]).toEqual([null, null, ''])
  const get = new Request('http://localhost/config')
  expect([isForStarted(forStarted(get)!), isForStarted(get)]).toEqual([true, false])
})

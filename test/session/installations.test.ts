/** Installations beside programs: they take places and run minutes, like programs. Through the Worker's own fetch, with a real pip. */
import { env, runInDurableObject, SELF } from 'cloudflare:test'
import { getAgentByName } from 'agents'
import { beforeEach, expect, test } from 'vitest'
import type { Env } from '../../worker/env.ts'
import type { Session } from '../../worker/session/session.ts'
import { answer, ask, call, type Frame, frames } from './support/mcp.ts'
import { idOfUser, userToken } from './support/users.ts'
import { dataOf } from '../support/tool-result.ts'

/** A new one for each test, with a workspace of its own. */
let user: string
let token: string
beforeEach(async () => {
  user = crypto.randomUUID()
  token = await userToken(user)
})

/** What is in the user's object. */
async function inSession<T>(look: (session: object, ctx: DurableObjectState) => T): Promise<T> {
  const stub = await getAgentByName((env as Env).SESSION, await idOfUser(user))
  return runInDurableObject(stub, (session, ctx) => look(session, ctx))
}

const operatorSays = (vars: Partial<Env>) =>
  inSession((session) => {
    Object.defineProperty(session, 'env', { value: { ...(env as Env), ...vars }, configurable: true })
  })
const minutesUsed = () => inSession((_, { storage }) => storage.kv.get<{ ms: number }>('run_minutes_used')?.ms ?? 0)

interface Result {
  isError?: boolean
  content: { text: string }[]
  data: { status: string; installed: string[]; usage: { wall_ms: number } }
}

const withData = (result: object | undefined) => ({ ...result, data: dataOf(result) }) as Result

async function tool(name: string, args: object): Promise<Result> {
  return withData((await answer(await ask(token, call(1, name, args)))).result)
}

/** Starts an installation, and resolves when its first words have come: its installer's, or that it waits. That of `stall` has no end. */
async function begun(package_name: string) {
  const stream: AsyncGenerator<Frame> = frames(await ask(token, call(1, 'pip_install', { package_name })))
  const { value } = await stream.next()
  return {
    said: value?.message.params?.message ?? '',
    leave: async () => void (await stream.return(undefined)),
    async result() {
      for await (const { message } of stream) if (message.result) return withData(message.result)
      throw new Error('no answer')
    },
  }
}

const runs = async () => {
  const headers = { host: 'localhost', authorization: `Bearer ${token}` }
  const response = await SELF.fetch(new Request('http://localhost/runs', { headers }))
  return (await response.json<{ runs: { status: string }[] }>()).runs.map(({ status }) => status)
}

test('pip_install takes a place: a program waits for it, and gets it when the client leaves', async () => {
  await operatorSays({ MAX_PARALLEL_RUNS: '1' })
  const installation = await begun('stall')
  await tool('run_python', { code: 'print(1)', background: true })
  expect(await runs()).toEqual(['queued'])
  await installation.leave()
  await expect.poll(runs).toEqual(['success'])
})

test('pip_install waits for the place of a program, and says so', async () => {
  await operatorSays({ MAX_PARALLEL_RUNS: '1' })
  const code = 'import os, time\nwhile not os.path.exists("go"): time.sleep(0.05)'
  await tool('run_python', { code, background: true, timeout: 60 })
  const installation = await begun('small-thing')
  expect(installation.said).toContain('Waiting: 1 programs or installations')
  // One that is left while it waits takes no place.
  const other = await begun('stall')
  await other.leave()
  const headers = { host: 'localhost', authorization: `Bearer ${token}`, 'content-length': '0' }
  await SELF.fetch(new Request('http://localhost/files/go', { method: 'PUT', headers, body: '' }))
  const { data } = await installation.result()
  expect(data).toMatchObject({ status: 'success', installed: ['small-thing==1.0'] })
  expect(await runs()).toEqual(['success'])
  expect((await tool('run_python', { code: 'import small_thing' })).data.status).toBe('success')
})

test('the time of pip_install counts as run minutes, and used-up ones refuse it with the next step', async () => {
  await operatorSays({ RUN_MINUTES_PER_DAY: '0.001' })
  expect((await tool('pip_install', { package_name: 'small-thing' })).data.status).toBe('success')
  expect(await minutesUsed()).toBeGreaterThan(60)
  for (const [name, args] of [
    ['pip_install', { package_name: 'small-thing' }],
    ['run_python', { code: 'print(1)' }],
  ] as const) {
    const { isError, content } = await tool(name, args)
    expect([isError, content[0]?.text]).toEqual([
      true,
      expect.stringMatching(/The 0\.001 minutes a day that programs and installations .* used up\. Next: wait until/),
    ])
  }
})

test('the time of an installation that its client leaves counts', async () => {
  await operatorSays({ RUN_MINUTES_PER_DAY: '480' })
  const installation = await begun('stall')
  await installation.leave()
  await expect.poll(minutesUsed).toBeGreaterThan(0)
})

test('the time of an automatic installation counts beside that of its program', async () => {
  const { data } = await tool('run_python', { code: 'import small_thing' })
  expect(data.status).toBe('success')
  expect(await minutesUsed()).toBeGreaterThan(data.usage.wall_ms)
})

test('deleting the workspace ends installations, also one that waits for a place', async () => {
  await operatorSays({ MAX_PARALLEL_RUNS: '1' })
  const both = [await begun('stall'), await begun('small-thing')]
  expect(both[1]!.said).toContain('Waiting')
  await inSession((session) => (session as Session).eraseWorkspace())
  for (const { isError, content } of await Promise.all(both.map((each) => each.result()))) {
    expect([isError, content[0]?.text]).toEqual([
      true,
      expect.stringContaining('nothing was changed. Next: call again'),
    ])
  }
  expect((await tool('run_python', { code: 'print(1)' })).data.status).toBe('success')
})

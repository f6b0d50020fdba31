/** What one user may take: the numbers, and what becomes of bad ones. */
import { env } from 'cloudflare:test'
import { expect, test } from 'vitest'
import type { Env } from '../../worker/env.ts'
import { limitsOf } from '../../worker/session/allowance/limits.ts'
import { HOLD_OFF_HEADER, tooManyRequests } from '../../worker/session/door/too-many-requests.ts'
import { HoldOff } from '../../worker/web/hold-off.ts'
import { RequestBudget } from '../../worker/session/allowance/request-budget.ts'

const { REQUESTS_PER_MINUTE: _, ALLOWED_USERS: __, ...ALONE } = env as Env
const settled = (vars: Partial<Env>) => limitsOf({ ...ALONE, ...vars })

test('a minute’s worth may come at once, then as many as are refilled', () => {
  let now = 0
  const budget = new RequestBudget(60, () => now)
  const take = (times: number) => Array.from({ length: times }, () => budget.take()).filter((wait) => wait === 0).length
  expect(take(100)).toBe(60)
  expect(budget.take()).toBe(1)
  now += 10_000
  expect(take(100)).toBe(10)
  now += 3_600_000
  expect(take(100)).toBe(60)
  // A clock that is set back gives nothing and breaks nothing.
  now -= 1_000_000
  expect(take(1)).toBe(0)
  now += 1_000
  expect(take(10)).toBe(1)
})

test('with less than one a minute the wait says how long', () => {
  const now = 0
  const budget = new RequestBudget(2, () => now)
  expect([budget.take(), budget.take(), budget.take()]).toEqual([0, 0, 30])
})

test('a local server whose developer is alone limits nothing that it is not told to', () => {
  expect(settled({})).toEqual({ requestsPerMinute: Infinity, runMinutesPerDay: Infinity, parallelRuns: Infinity })
  expect(settled({ REQUESTS_PER_MINUTE: '5', MAX_PARALLEL_RUNS: '1' })).toMatchObject({
    requestsPerMinute: 5,
    parallelRuns: 1,
  })
})

test('a local server that others may sign in to limits requests as a deployment does, and nothing else', () => {
  const shared = { requestsPerMinute: 1200, runMinutesPerDay: Infinity, parallelRuns: Infinity }
  expect(settled({ ALLOWED_USERS: '@friends.example' })).toEqual(shared)
  expect(settled({ ALLOWED_USERS: '*', REQUESTS_PER_MINUTE: '5' })).toEqual({ ...shared, requestsPerMinute: 5 })
})

test('a deployment limits requests and run minutes also when nothing is said', () => {
  expect(settled({ DEV_TOKEN: '' })).toMatchObject({ requestsPerMinute: 1200, runMinutesPerDay: 480 })
})

test.each([
  ['REQUESTS_PER_MINUTE', 'many'],
  ['REQUESTS_PER_MINUTE', '-1'],
  ['RUN_MINUTES_PER_DAY', '0'],
  ['MAX_PARALLEL_RUNS', '1.5'],
])('%s=%s is refused by name, and lifts no limit', (name, value) => {
  expect(() => settled({ [name]: value })).toThrow(name)
})

test('who was refused is not asked for again before the time, and others are', async () => {
  let now = 0
  let asked = 0
  const holdOff = new HoldOff(() => now)
  const ask = (authorization: string, answer: Response) =>
    holdOff.answer(authorization, async () => {
      asked += 1
      return answer
    })
  const refused = await ask('a', tooManyRequests(2))
  expect([refused.status, refused.headers.has(HOLD_OFF_HEADER)]).toEqual([429, false])
  now += 1_500
  const held = await ask('a', new Response('late'))
  expect([held.status, held.headers.get('retry-after'), asked]).toEqual([429, '1', 1])
  expect((await ask('b', new Response('fine'))).status).toBe(200)
  now += 500
  expect((await ask('a', new Response('fine'))).status).toBe(200)
  // Another 429, such as that of used-up run minutes, holds nothing off.
  await ask('a', new Response('', { status: 429, headers: { 'retry-after': '9999' } }))
  expect((await ask('a', new Response('fine'))).status).toBe(200)
})

/** What an operator gives each user, used up. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CLIENTS } from '../support/clients.ts'
import { type DevServer, startDevServer } from '../support/dev-server.ts'

const { connect } = CLIENTS['sdk v2, 2026-07-28']!

let server: DevServer
beforeAll(async () => {
  const vars = { REQUESTS_PER_MINUTE: '60', RUN_MINUTES_PER_DAY: '0.02', MAX_PARALLEL_RUNS: '1' }
  server = await startDevServer({}, { vars })
}, 180_000)
afterAll(() => server?.stop())

test('a setting beyond the operator’s limit is refused with the limit', async () => {
  const client = await connect(server.origin, server.token)
  const asked = await client.call('configure', { action: 'set', key: 'max_parallel_runs', value: '2' })
  expect([asked.isError, asked.text]).toEqual([true, expect.stringContaining('allows each user 1 at once')])
  const first = await client.call('run_python', { code: 'import time\ntime.sleep(30)', background: true })
  const second = await client.call('run_python', { code: 'print(2)', background: true })
  expect([first.structured.status, second.structured.status]).toEqual(['running', 'queued'])
  for (const { structured } of [second, first])
    await client.call('runs', { action: 'cancel', run_id: structured.run_id })
  await client.close()
})

test('when the day’s run minutes are used up a call says so, and when there are more', async () => {
  const client = await connect(server.origin, server.token)
  await client.run({ code: 'import time\ntime.sleep(1.3)' })
  const refused = await client.run({ code: 'print(1)' })
  expect(refused.isError).toBe(true)
  expect(refused.text).toMatch(/The 0\.02 minutes a day .* are used up\. Next: wait until midnight UTC/)
  const overHttp = await fetch(`${server.origin}/runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ code: 'print(1)' }),
  })
  expect(overHttp.status).toBe(429)
  expect(Number(overHttp.headers.get('retry-after'))).toBeGreaterThan(0)
  // Everything else goes on.
  expect((await client.call('get_learnings')).isError).toBe(false)
  await client.close()
})

test('too many requests are refused with when to come back, and those of a bad token count for nobody', async () => {
  const ask = (token: string) => fetch(`${server.origin}/config`, { headers: { authorization: `Bearer ${token}` } })
  await Promise.all(Array.from({ length: 80 }, () => ask('wrong')))
  const answers = await Promise.all(Array.from({ length: 80 }, () => ask(server.token)))
  const refused = answers.filter(({ status }) => status === 429)
  expect(refused.length).toBeGreaterThan(0)
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0)
  expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await refused[0]!.json()).toMatchObject({ error: { message: expect.stringContaining('Next: wait') } })
})

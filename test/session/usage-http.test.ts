/** /usage: what was taken today, how many runs there were, and a sandbox that a local server does not have. */
import { SELF } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { userToken } from './support/users.ts'

async function ask(token: string, method: string, path: string, body?: unknown) {
  const headers = { host: 'localhost', authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const sent = body !== undefined && { body: JSON.stringify(body) }
  const response = await SELF.fetch(new Request(`http://localhost${path}`, { method, headers, ...sent }))
  return { status: response.status, text: await response.text() }
}

test('runs and their time are counted by day, and the space is known while the runner runs', async () => {
  const token = await userToken('usage')
  const today = async () => {
    const { status, text } = await ask(token, 'GET', '/usage')
    expect(status).toBe(200)
    return JSON.parse(text)
  }
  expect(await today()).toEqual({
    today: { used_ms: 0, limit_minutes: null },
    days: [],
    sandbox: {
      executor: 'local',
      state: 'running',
      python: expect.any(String),
      live_runs: expect.any(Number),
      live_installs: expect.any(Number),
    },
    storage: { bytes: expect.any(Number), at_least: false, limit_bytes: 4 * 1024 ** 3 },
  })
  await ask(token, 'POST', '/runs', { code: 'import time; time.sleep(0.1)' })
  await ask(token, 'POST', '/runs', { code: '1/0' })
  const { today: used, days } = await today()
  expect(days).toEqual([
    { day: new Date().toISOString().slice(0, 10), runs: 2, failed: 1, wall_ms: expect.any(Number) },
  ])
  expect(days[0].wall_ms).toBeGreaterThanOrEqual(100)
  expect(used.used_ms).toBe(days[0].wall_ms)
})

test('a local server has no sandbox to start or stop, and says what runs programs', async () => {
  const token = await userToken('usage')
  for (const action of ['start', 'stop']) {
    const { status, text } = await ask(token, 'POST', '/usage/sandbox', { action })
    expect([status, JSON.parse(text)]).toEqual([
      409,
      { error: expect.stringMatching(/begins and ends with the server. Next: /) },
    ])
  }
  expect((await ask(token, 'POST', '/usage/sandbox', { action: 'burn' })).status).toBe(400)
  expect((await ask(token, 'GET', '/usage?x=1')).status).toBe(400)
})

/** Reading and writing very many learnings at once: others of the same user are answered meanwhile. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DevServer, startDevServer } from '../support/dev-server.ts'

/** As many as one request may bring. */
const ENTRIES = 15_000

let server: DevServer
beforeAll(async () => {
  server = await startDevServer()
}, 180_000)
afterAll(() => server?.stop())

function ask(path: string, body?: unknown): Promise<Response> {
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' }
  const init = { method: body === undefined ? 'GET' : 'POST', headers }
  return fetch(server.origin + path, { ...init, ...(body !== undefined && { body: JSON.stringify(body) }) })
}

/** How many requests of the same user are answered, one after the other, until the work is done. */
async function answeredDuring(work: Promise<unknown>): Promise<number> {
  let done = false
  const end = () => {
    done = true
  }
  work.then(end, end)
  let answered = 0
  while (!done) {
    expect((await ask('/config')).status).toBe(200)
    answered++
  }
  return answered
}

test('an import and an export let others in', async () => {
  const entries = Array.from({ length: ENTRIES }, (_, n) => ({ error_pattern: `E${n}`, solution: 's' }))
  const imported = ask('/learnings/import', entries).then((response) => response.json())
  expect(await answeredDuring(imported)).toBeGreaterThan(5)
  expect(await imported).toMatchObject({ added: ENTRIES, merged: 0, skipped: 0 })
  // It takes less than a second: a machine that stalls once answers nobody in it.
  const answered: number[] = []
  while (Math.max(0, ...answered) <= 1 && answered.length < 5) {
    const exported = ask('/learnings/export').then((response) => response.text())
    answered.push(await answeredDuring(exported))
    expect((await exported).split('"problem"')).toHaveLength(ENTRIES + 1)
  }
  expect(Math.max(...answered)).toBeGreaterThan(1)
})

test('a file of more is refused with the bound and the next step, and changes nothing', async () => {
  const before = await (await ask('/learnings?limit=1')).json()
  const refused = await ask(
    '/learnings/import',
    Array.from({ length: 100_000 }, () => ({ error_pattern: 'E' })),
  )
  expect([refused.status, await refused.json()]).toEqual([
    409,
    { error: expect.stringMatching(/holds 100000 learnings, more than the 15000 .*nothing was changed. Next: /) },
  ])
  expect(await (await ask('/learnings?limit=1')).json()).toEqual(before)
})

/** /packages without an installation: what is listed, and what is refused. */
import { SELF } from 'cloudflare:test'
import { beforeAll, expect, test } from 'vitest'
import { userToken } from './support/users.ts'

/** Of a user for whom no other test installs anything. */
let token: string
beforeAll(async () => {
  token = await userToken(crypto.randomUUID())
})

async function ask(method: string, path: string, body?: unknown) {
  const headers = { host: 'localhost', authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const sent = body !== undefined && { body: JSON.stringify(body) }
  const response = await SELF.fetch(new Request(`http://localhost${path}`, { method, headers, ...sent }))
  return { status: response.status, text: await response.text() }
}

test('the packages of the interpreter are listed, and in no lock file', async () => {
  const { status, text } = await ask('GET', '/packages')
  const { packages, cut } = JSON.parse(text)
  expect([status, cut]).toEqual([200, false])
  expect(packages).toContainEqual(expect.objectContaining({ name: 'pip', own: false, bytes: null, run_id: null }))
  const [about, ...lines] = (await ask('GET', '/packages/lock')).text.trimEnd().split('\n')
  expect(about).toMatch(/^# The packages /)
  expect((packages as { own: boolean }[]).filter(({ own }) => own)).toEqual([])
  expect(lines).toEqual([])
})

test.each([
  ['POST', '/packages', { packages: 'pip @ https://example.com/x' }, 400, /^Nothing was installed\. /],
  ['POST', '/packages', { lock: 'a==1\n-r other.txt' }, 400, /Line 2 of the lock file/],
  ['POST', '/packages', { lock: '# nothing\n' }, 400, /names no package/],
  ['POST', '/packages', { packages: 1 }, 400, /Next: send/],
  ['DELETE', '/packages/pip', undefined, 409, /cannot be removed/],
  ['DELETE', '/packages/is-not-there', undefined, 404, /is not installed/],
  ['DELETE', '/packages/..%2fx', undefined, 400, /no name of a package/],
] as const)('%s %s with %j is refused', async (method, path, body, status, words) => {
  const answer = await ask(method, path, body)
  expect([answer.status, JSON.parse(answer.text)]).toEqual([status, { error: expect.stringMatching(words) }])
})

test('a package that is refused is named at the end of the stream', async () => {
  const { status, text } = await ask('POST', '/packages', { packages: 'os' })
  expect(status).toBe(200)
  expect(text).toMatch(/^event: done\ndata: /)
  expect(JSON.parse(text.split('data: ')[1]!)).toMatchObject({
    status: 'error',
    installed: [],
    refused: [{ name: 'os' }],
  })
})

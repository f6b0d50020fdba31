/** /files through the Worker's own fetch: the owner's four verbs, and links that need no token. */
import { SELF } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { userIdOf } from '../../worker/auth/caller.ts'
import { frames, openSession, send } from './support/mcp.ts'

const OWNER = { authorization: 'Bearer session-tests' }

function ask(method: string, path: string, headers: Record<string, string> = OWNER, body?: string): Promise<Response> {
  const url = path.startsWith('http') ? path : `http://localhost/files${path}`
  return SELF.fetch(
    new Request(url, { method, headers: { host: 'localhost', ...headers }, ...(body !== undefined && { body }) }),
  )
}

/** A new file's name, its link, and how it is deleted. */
async function stored(extension: string, body: string) {
  const name = `${crypto.randomUUID()} ü.${extension}`
  const path = `/${encodeURIComponent(name)}`
  expect((await ask('PUT', path, { ...OWNER, 'content-length': String(body.length) }, body)).status).toBe(200)
  const listed: { files: { path: string; download_url: string }[] } = await (await ask('GET', '')).json()
  return { name, path, url: listed.files.find((file) => file.path === name)!.download_url }
}

test('the owner writes, lists, reads and deletes', async () => {
  const { path, url } = await stored('csv', 'a,b\n')
  const read = await ask('GET', path)
  expect(read.status).toBe(200)
  expect(read.headers.get('content-type')).toContain('text/csv')
  expect(await read.text()).toBe('a,b\n')
  const head = await ask('HEAD', path)
  expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([200, 'text/csv', ''])
  expect(await (await ask('DELETE', path)).json()).toMatchObject({ deleted: expect.stringContaining('.csv') })
  expect((await ask('DELETE', path)).status).toBe(404)
  expect((await ask('GET', path)).status).toBe(404)
  expect((await ask('GET', url, {})).status).toBe(404)
  expect((await ask('POST', path, { ...OWNER, 'content-length': '1' }, 'x')).status).toBe(405)
})

test('a link is read without a token, and nothing else is done with it', async () => {
  const { path, url } = await stored('html', '<script>alert(1)</script>')
  const read = await ask('GET', url, {})
  expect([read.status, await read.text()]).toEqual([200, '<script>alert(1)</script>'])
  expect(Object.fromEntries(read.headers)).toMatchObject({
    'content-disposition': expect.stringMatching(/^attachment;/),
    'content-security-policy': expect.stringContaining('sandbox'),
    'x-content-type-options': 'nosniff',
  })
  for (const method of ['PUT', 'DELETE', 'POST', 'PATCH']) {
    const response = await ask(method, url, {}, method === 'DELETE' ? undefined : 'x')
    expect([method, response.status]).toEqual([method, 401])
    await response.text()
  }
  const query = new URL(url).search
  for (const other of [
    '/files',
    '/files/',
    '/mcp',
    '/config',
    '/learnings',
    '/files/../config',
    '/files/%2e%2e/config',
  ]) {
    const response = await ask('GET', `http://localhost${other}${query}`, {})
    expect([401, 403]).toContain(response.status)
    await response.text()
  }
  await ask('DELETE', path)
})

test('a file of a run’s outputs that is not there is said to be gone, and how long such files are kept', async () => {
  const path = '/.outputs/r_0123456789abcdef/figure-1.png'
  await (await ask('PUT', path, { ...OWNER, 'content-length': '1' }, 'x')).text()
  const listed: { files: { path: string; download_url: string }[] } = await (await ask('GET', '')).json()
  const url = listed.files.find((file) => `/${file.path}` === path)!.download_url
  expect((await ask('GET', url, {})).status).toBe(200)
  await (await ask('DELETE', path)).text()
  const words = /It is gone: .*30 days.*200 runs.*1 GiB.*Next: run the program again/
  for (const answer of [await ask('GET', path), await ask('GET', url, {}), await ask('DELETE', path)]) {
    expect([answer.status, await answer.json()]).toEqual([410, { error: expect.stringMatching(words) }])
  }
  const read = { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: `codemode://files${path}` } }
  for await (const { message } of frames(await send('POST', read, await openSession()))) {
    expect(message.error).toMatchObject({ code: -32602, message: expect.stringMatching(words) })
  }
  expect((await ask('GET', '/.outputs/nothing')).status).toBe(404)
})

test('a forged link finds nothing, whoever it names, and a forged caller is not believed', async () => {
  const { path, url } = await stored('txt', 'mine')
  const user = await userIdOf('dev', 'local')
  const claim = JSON.stringify({ userId: user, scopes: ['*'], client: 'x' })
  const answerTo = async (address: string) => (await ask('GET', address, { 'x-codemode-caller': claim })).status
  expect(await answerTo(url.replace(/signature=../, 'signature=AA'))).toBe(403)
  expect(await answerTo(url.replace(/expires=\d+/, 'expires=9999999999'))).toBe(403)
  // These reach no session at all, so nobody can have one made for a user who never was.
  expect(await answerTo(url.replace(user, '0'.repeat(32)))).toBe(401)
  expect(await answerTo(url.replace(/gate=../, 'gate=AA'))).toBe(401)
  expect(await answerTo(url.replace(/&gate=[^&]+/, ''))).toBe(401)
  expect(
    await answerTo(`http://localhost/files${path}?user=${user}&expires=9999999999&signature=${'A'.repeat(43)}`),
  ).toBe(401)
  expect((await ask('GET', path, {})).status).toBe(401)
  expect((await ask('GET', url, { authorization: 'Bearer wrong' })).status).toBe(401)
  await ask('DELETE', path)
})

test.each(['/%2e%2e%2fx', '/a%2fb', '/a//b', '/%ff', '/a/'])('files%s is no path', async (path) => {
  expect([400, 404]).toContain((await ask('GET', path)).status)
  expect([400, 404]).toContain((await ask('PUT', path, { ...OWNER, 'content-length': '1' }, 'x')).status)
})

test.each(['GET', 'PUT', 'DELETE'])('a path that no file can have is refused with the bound: %s', async (method) => {
  const put = method === 'PUT'
  const headers = put ? { ...OWNER, 'content-length': '1' } : OWNER
  const response = await ask(method, `/${'x'.repeat(40_000)}`, headers, put ? 'x' : undefined)
  expect([response.status, await response.json()]).toEqual([
    400,
    { error: expect.stringMatching(/has 40000 characters, more than the 4000 .*Next: /) },
  ])
})

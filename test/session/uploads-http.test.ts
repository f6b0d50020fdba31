/** PUT of a file in pieces through the Worker's own fetch. */
import { SELF } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { userToken } from './support/users.ts'

const OWNER = { authorization: 'Bearer session-tests' }

async function ask(method: string, path: string, headers: Record<string, string> = {}, body?: string) {
  const length = body !== undefined && { 'content-length': String(body.length) }
  const response = await SELF.fetch(
    new Request(`http://localhost/files/${path}`, {
      method,
      headers: { host: 'localhost', ...OWNER, ...length, ...headers },
      ...(body !== undefined && { body }),
    }),
  )
  return [response.status, await response.json()]
}

const piece = (path: string, range: string, body: string, headers: Record<string, string> = {}) =>
  ask('PUT', `${path}?upload=upload-1`, { 'content-range': `bytes ${range}`, ...headers }, body)

test('a file comes in pieces, is read when it is whole, and what is missing is said in between', async () => {
  const path = `${crypto.randomUUID()}.txt`
  const known = { path, upload: 'upload-1', bytes: 6, done: false }
  const nothing = { path, upload: 'upload-1', received: 0, done: false }
  expect(await ask('GET', `${path}?upload=upload-1`)).toEqual([200, nothing])
  expect(await piece(path, '0-2/6', 'abc')).toEqual([202, { ...known, received: 3 }])
  expect(await ask('GET', path)).toMatchObject([404, {}])
  expect(await ask('GET', `${path}?upload=upload-1`)).toEqual([200, { ...known, received: 3 }])
  expect(await ask('GET', '')).toMatchObject([200, { uploads: [{ ...known, received: 3 }] }])
  for (const [range, body] of [
    ['0-2/6', 'abc'],
    ['4-5/6', 'ef'],
    ['3-5/7', 'def'],
  ] as const)
    expect(await piece(path, range, body)).toEqual([
      409,
      { error: expect.stringMatching(/^Not this piece: .* Next: ask with GET/), received: 3 },
    ])
  expect(await piece(path, '3-5/6', 'def')).toEqual([200, { path, bytes: 6 }])
  expect(await piece(path, '3-5/6', 'def')).toEqual([200, { path, bytes: 6 }])
  const read = await SELF.fetch(`http://localhost/files/${path}`, { headers: { host: 'localhost', ...OWNER } })
  expect(await read.text()).toBe('abcdef')
  expect(await ask('GET', '')).toMatchObject([200, { uploads: [] }])
})

test('an upload is dropped', async () => {
  const path = `${crypto.randomUUID()}.txt`
  await piece(path, '0-2/6', 'abc')
  expect(await ask('DELETE', `${path}?upload=upload-1`)).toEqual([200, { dropped: 'upload-1' }])
  expect(await ask('DELETE', `${path}?upload=upload-1`)).toMatchObject([404, {}])
  expect(await piece(path, '3-5/6', 'def')).toMatchObject([409, { received: 0 }])
})

test('a file that has changed on its way is refused', async () => {
  const path = `${crypto.randomUUID()}.txt`
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode('abcdef'))
  const headers = { 'repr-digest': `sha-256=:${Buffer.from(digest).toString('base64')}:` }
  await piece(path, '0-2/6', 'abc', headers)
  expect(await piece(path, '3-5/6', 'dEf', headers)).toEqual([400, { error: expect.stringContaining('SHA-256') }])
  expect(await ask('GET', path)).toMatchObject([404, {}])
  await piece(path, '0-2/6', 'abc', headers)
  expect(await piece(path, '3-5/6', 'def', headers)).toEqual([200, { path, bytes: 6 }])
})

test.each([
  ['no range', 'x.txt?upload=upload-1', {}, /content-range: bytes FIRST-LAST\/ALL/],
  [
    'a range of another length',
    'x.txt?upload=upload-1',
    { 'content-range': 'bytes 0-3/6' },
    /as many bytes as the body/,
  ],
  ['a range beyond the end', 'x.txt?upload=upload-1', { 'content-range': 'bytes 4-6/6' }, /content-range/],
  ['an odd range', 'x.txt?upload=upload-1', { 'content-range': 'bytes 0-2/*' }, /content-range/],
  ['no upload', 'x.txt', { 'content-range': 'bytes 0-2/6' }, /add \?upload=ID/],
  ['an odd upload', 'x.txt?upload=../x', { 'content-range': 'bytes 0-2/6' }, /8 to 64 of/],
  ['another query', 'x.txt?upload=upload-1&x=1', { 'content-range': 'bytes 0-2/6' }, /there is no "x"/],
  [
    'an odd digest',
    'x.txt?upload=upload-1',
    { 'content-range': 'bytes 0-2/6', 'repr-digest': 'md5=:x:' },
    /repr-digest is not valid/,
  ],
])('a piece with %s is refused with the next step', async (_, path, headers, words) => {
  expect(await ask('PUT', path, headers, 'abc')).toEqual([400, { error: expect.stringMatching(words) }])
})

test('a piece needs the scope of a file, to look at an upload needs none', async () => {
  const reader = { authorization: `Bearer ${await userToken('reads uploads', [])}` }
  expect(await piece('x.txt', '0-2/6', 'abc', reader)).toMatchObject([403, {}])
  expect(await ask('DELETE', 'x.txt?upload=upload-1', reader)).toMatchObject([403, {}])
  expect(await ask('GET', 'x.txt?upload=upload-1', reader)).toMatchObject([200, { received: 0 }])
})

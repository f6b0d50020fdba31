/** Links that work without a token: valid for one user, one path, one hour and one key, and for nothing else. */
import { expect, test } from 'vitest'
import { claimedUser, fileHeaders, isValidLink, linkUrl, pathOf } from '../../worker/files/download.ts'

const USER = 'a'.repeat(32)
const OTHER = 'b'.repeat(32)
const KEY = new Uint8Array(32).fill(7)
const NOW = Date.UTC(2026, 0, 1)
const PATH = 'out/my chart (1) ü%?#.png'

const link = () =>
  linkUrl('https://code.example.com', { userId: USER, path: PATH, expires: NOW + 1000, gate: 'g' }, KEY)

/** Whether an address is answered, as the session sees it. */
async function valid(address: string, { user = USER, key = KEY, now = NOW } = {}): Promise<boolean> {
  const url = new URL(address)
  const path = pathOf(url)
  return path !== null && (await isValidLink(url, path, user, key, now))
}

test('a link leads to its file', async () => {
  const url = new URL(await link())
  expect(url.origin).toBe('https://code.example.com')
  expect(pathOf(url)).toBe(PATH)
  expect(claimedUser(url)).toBe(USER)
  expect(await valid(url.href)).toBe(true)
})

test.each([
  ['has expired', { now: NOW + 1000 }],
  ['is another user’s', { user: OTHER }],
  ['was signed with another key', { key: new Uint8Array(32).fill(8) }],
])('a link that %s is not valid', async (_case, options) => {
  expect(await valid(await link(), options)).toBe(false)
})

test.each<[string, (url: URL) => void]>([
  ['path', (url) => (url.pathname = '/files/other.png')],
  ['case of the path', (url) => (url.pathname = url.pathname.replace('out', 'OUT'))],
  ['user', (url) => url.searchParams.set('user', OTHER)],
  ['time', (url) => url.searchParams.set('expires', '9999999999')],
  ['form of the time', (url) => url.searchParams.set('expires', `0${url.searchParams.get('expires')} `)],
  ['signature', (url) => url.searchParams.set('signature', 'A'.repeat(43))],
  ['length of the signature', (url) => url.searchParams.set('signature', `${url.searchParams.get('signature')}A`)],
  ['absence of the signature', (url) => url.searchParams.delete('signature')],
  ['emptiness of the signature', (url) => url.searchParams.set('signature', '')],
  ['second signature', (url) => url.searchParams.append('signature', 'A'.repeat(43))],
  ['second user', (url) => url.searchParams.append('user', OTHER)],
  ['further parameter', (url) => url.searchParams.set('x', '1')],
])('another %s makes a link invalid', async (_what, change) => {
  const url = new URL(await link())
  change(url)
  expect(await valid(url.href)).toBe(false)
})

test.each(['', '..', 'a/%2e%2e/../..', 'a%2fb', 'a//b', '%ff', 'a/'])('files/%s names no file', (path) => {
  const url = new URL(`https://x.example/files/${path}`)
  if (url.pathname.startsWith('/files/')) expect(pathOf(url)).toBeNull()
})

test.each(['', 'x', '../../etc', `${USER}0`, 'A'.repeat(32)])('%j is no user', (user) => {
  expect(claimedUser(new URL(`https://x.example/files/a?user=${encodeURIComponent(user)}&signature=x`))).toBeNull()
})

test.each([
  ['chart.png', 'image/png', 'inline'],
  ['a.txt', 'text/plain', 'inline'],
  ['page.html', 'text/html', 'attachment'],
  ['drawing.svg', 'image/svg+xml', 'attachment'],
  ['paper.pdf', 'application/pdf', 'attachment'],
  ['a.js', 'text/javascript', 'attachment'],
])('%s is safe to open: %s is %s', (path, mime, disposition) => {
  const headers = fileHeaders(path, mime)
  expect(headers['content-disposition']).toMatch(new RegExp(`^${disposition};`))
  expect(headers['x-content-type-options']).toBe('nosniff')
  expect(headers['content-security-policy']).toContain('sandbox')
})

test('a file’s name cannot break out of its header', () => {
  const headers = fileHeaders('out/a"\r\nset-cookie: x=1; \u202egnp.png', 'image/png')
  expect(headers['content-disposition']).toBe(
    `inline; filename="a___set-cookie_ x_1_ _gnp.png"; filename*=UTF-8''a%22%0D%0Aset-cookie%3A%20x%3D1%3B%20%E2%80%AEgnp.png`,
  )
})

/** A foreign Host (DNS rebinding) and a foreign Origin (a web page in the user's browser) are refused on every route, whoever is signed in. */
import { createExecutionContext, env, SELF } from 'cloudflare:test'
import { beforeAll, expect, test } from 'vitest'
import type { Env } from '../../worker/env.ts'
import worker from '../../worker/index.ts'
import { ORIGIN, signedInBrowser } from './support/oauth.ts'
import { ROUTES } from './support/routes.ts'

/** What somebody has who is signed in and has a token. */
let signedIn: Record<string, string>
beforeAll(async () => {
  const cookies = [...(await signedInBrowser()).cookies()]
  const cookie = cookies.map(([name, value]) => `${name}=${value}`).join('; ')
  signedIn = { cookie, authorization: 'Bearer session-tests' }
})

async function expectRefusedEverywhere(headers: Record<string, string>): Promise<void> {
  for (const [path, ...methods] of ROUTES) {
    for (const method of [...methods, 'OPTIONS']) {
      const request = new Request(ORIGIN + path, {
        method,
        redirect: 'manual',
        headers: { host: 'localhost', ...signedIn, 'content-type': 'application/x-www-form-urlencoded', ...headers },
        ...(method !== 'GET' && method !== 'OPTIONS' && { body: '' }),
      })
      const response = await SELF.fetch(request)
      const text = await response.text()
      expect(response.status, `${method} ${path}: ${text}`).toBe(403)
      expect(response.headers.get('access-control-allow-origin')).toBe(null)
      expect(response.headers.getSetCookie()).toEqual([])
      expect(text.length).toBeLessThan(500)
    }
  }
}

test.each([
  'evil.example',
  'evil.example:80',
  'localhost.evil.example',
  'evil.example.localhost',
  'evil-localhost',
  'localhost.',
  'localhost:99999',
  'localhost:port',
  'localhost, evil.example',
  'evil.example, localhost',
  'localhost evil.example',
  'localhost@evil.example',
  'evil.example@localhost',
  'user:password@localhost',
  'localhost/evil.example',
  'localhost#evil.example',
  'localhost?evil.example',
  'localhost\\evil.example',
  'http://localhost',
  '127.0.0.1.evil.example',
  '127.0.0.1.nip.io',
  '127.0.0.2',
  '0.0.0.0',
  '10.0.0.1',
  '169.254.169.254',
  '[::]',
  '[::2]',
  '[::ffff:127.0.0.1]',
  '[',
  'null',
  '*',
  '',
])('Host: %s', async (host) => {
  await expectRefusedEverywhere({ host })
})

test.each([
  'null',
  'https://evil.example',
  'http://evil.example:8787',
  'http://localhost.evil.example',
  'http://evil.localhost',
  'http://localhost.',
  'http://127.0.0.1.evil.example',
  'http://127.0.0.2',
  'http://0.0.0.0:8787',
  'http://192.168.0.10',
  'http://[::2]',
  'http://localhost@evil.example',
  'http://evil.example@localhost',
  'http://localhost#',
  'http://localhost/path',
  'http://LOCALHOST',
  'http://0x7f.1',
  'http://localhost, https://evil.example',
  'https://evil.example http://localhost',
  'localhost',
  '//localhost',
  'file://',
  'file://localhost',
  'about:blank',
  'data:text/html,x',
  'javascript:alert(1)',
  'blob:http://localhost/0',
  'chrome-extension://abcdefghijklmnop',
  'moz-extension://localhost',
  'vscode-webview://localhost',
  '*',
  'undefined',
])('Origin: %s', async (origin) => {
  await expectRefusedEverywhere({ origin })
})

test.each([
  ['the own one', { origin: ORIGIN }],
  ['another port of this machine', { origin: 'http://localhost:6274' }],
  ['this machine by its address', { origin: 'http://127.0.0.1:6274' }],
  ['this machine by its other address', { origin: 'http://[::1]:6274' }],
  ['none', {}],
  ['an empty one', { origin: '' }],
])('an origin that is served: %s', async (_what, headers) => {
  for (const host of ['localhost', 'LOCALHOST:8787', '127.0.0.1:8787', '[::1]:8787']) {
    const response = await SELF.fetch(`${ORIGIN}/runs`, { headers: { ...signedIn, host, ...headers } })
    expect(response.status, host).toBe(200)
    // A page there may use a token that it has, and never the browser's sign-in.
    expect(response.headers.get('access-control-allow-credentials')).toBe(null)
  }
})

test('a page of another port of this machine presses no button, whatever it says it sends', async () => {
  const posts = ROUTES.filter(
    ([path, ...methods]) => /^\/(sign|account|authorize)/.test(path) && methods.includes('POST'),
  )
  expect(posts.length).toBe(11)
  const types = [
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'application/json',
    '',
  ]
  for (const [path] of posts) {
    for (const type of types) {
      const headers = { ...signedIn, host: 'localhost', origin: 'http://localhost:3000', 'content-type': type }
      const body = 'confirm=delete&name=x&days=1'
      const response = await SELF.fetch(
        new Request(ORIGIN + path, { method: 'POST', redirect: 'manual', headers, body }),
      )
      expect([403, 415], `${path} ${type}`).toContain(response.status)
    }
  }
  expect((await SELF.fetch(`${ORIGIN}/account`, { headers: { host: 'localhost', ...signedIn } })).status).toBe(200)
})

test.each([
  ['under its own name', 'https://code.example', 'code.example', {}, 200],
  [
    'under its own name, by its own page',
    'https://code.example',
    'code.example',
    { origin: 'https://code.example' },
    200,
  ],
  ['under the platform’s name', 'https://code.workers.example', 'code.workers.example', {}, 403],
  ['under a name that begins like its own', 'https://code.example', 'code.example.evil.example', {}, 403],
  ['under the name of a developer’s machine', 'http://localhost', 'localhost', {}, 403],
  ['by another site', 'https://code.example', 'code.example', { origin: 'https://evil.example' }, 403],
  ['by a site below its name', 'https://code.example', 'code.example', { origin: 'https://x.code.example' }, 403],
  ['by a page of nobody', 'https://code.example', 'code.example', { origin: 'null' }, 403],
])('a deployment with PUBLIC_URL, %s', async (_how, address, host, headers, status) => {
  const { DEV_TOKEN: _, ...deployed } = env as Env
  const request = new Request(`${address}/health`, { headers: { host, ...headers } })
  const response = await worker.fetch(
    request,
    { ...deployed, PUBLIC_URL: 'https://code.example' },
    createExecutionContext(),
  )
  expect(response.status).toBe(status)
})

/** The link that signs the local developer in once: what uses it up, what does not, and what is left of it. */
import { env } from 'cloudflare:test'
import { beforeEach, expect, test } from 'vitest'
import { ONE_TIME_LIFE_MS, oneTimeKey } from '../../worker/auth/one-time-key.ts'
import type { Env } from '../../worker/env.ts'
import { CookieBrowser } from '../support/cookie-browser.ts'
import { expectErrorPage, fetchSelf, ORIGIN } from './support/oauth.ts'

const { DEV_TOKEN } = env as Env
const PAGE = '/sign-in/once'
let made = 0
/** A key of its own for each test: two of the same millisecond are one. */
const newKey = (lives = ONE_TIME_LIFE_MS - 60_000, token = DEV_TOKEN!) => oneTimeKey(token, Date.now() + lives + made++)
const newBrowser = () => new CookieBrowser(fetchSelf, ORIGIN)
const isSignedIn = async (browser: CookieBrowser) => (await browser.get('/account')).status === 200

let browser: CookieBrowser
let key: string
beforeEach(async () => {
  browser = newBrowser()
  key = await newKey()
})

test('opened, it shows one button, and that signs in', async () => {
  const opened = await browser.get(`${PAGE}?key=${key}`)
  expect([opened.status, opened.headers.get('location')]).toEqual([303, PAGE])
  expect(opened.headers.get('referrer-policy')).toBe('no-referrer')
  expect(opened.headers.get('cache-control')).toBe('no-store')
  const page = await browser.get(PAGE)
  const text = await page.text()
  expect([page.status, text.match(/<button/g)?.length, text.includes(key)]).toEqual([200, 1, false])
  expect(await isSignedIn(browser)).toBe(false)
  const pressed = await browser.post(PAGE, {})
  expect([pressed.status, pressed.headers.get('location')]).toEqual([303, '/'])
  expect(await isSignedIn(browser)).toBe(true)
  expect([...browser.cookies().keys()]).toEqual(['__Host-session'])
})

test('whoever only looks at it uses nothing up', async () => {
  const scanner = newBrowser()
  for (let i = 0; i < 3; i++) {
    await scanner.get(`${PAGE}?key=${key}`, { 'sec-purpose': 'prefetch' })
    expect((await scanner.get(PAGE)).status).toBe(200)
  }
  await browser.get(`${PAGE}?key=${key}`)
  await browser.post(PAGE, {})
  expect(await isSignedIn(browser)).toBe(true)
})

test('it works once, also for several browsers that press at one moment', async () => {
  const browsers = Array.from({ length: 5 }, newBrowser)
  for (const each of browsers) await each.get(`${PAGE}?key=${key}`)
  const answers = await Promise.all(browsers.map((each) => each.post(PAGE, {})))
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 400, 400, 400, 400])
  const late = newBrowser()
  await late.get(`${PAGE}?key=${key}`)
  await expectErrorPage(await late.post(PAGE, {}))
  expect(await isSignedIn(late)).toBe(false)
})

test.each([
  ['a form of another page', { origin: 'http://localhost:9999', 'sec-fetch-site': 'same-site' }],
  ['a form of another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
])('%s does not press the button, and does not use it up', async (_, headers) => {
  await browser.get(`${PAGE}?key=${key}`)
  expect((await browser.post(PAGE, {}, headers)).status).toBe(403)
  expect(await isSignedIn(browser)).toBe(false)
  expect((await browser.post(PAGE, {})).status).toBe(303)
})

test('every key that is not good leads to one and the same page', async () => {
  const [expires, proof] = key.split('.')
  const texts = new Set<string>()
  for (const wrong of [
    '',
    'x',
    `${expires}.`,
    `${expires}.${proof!.slice(0, -1)}`,
    `${expires}.${proof}a`,
    `${expires}.${proof!.startsWith('A') ? 'B' : 'A'}${proof!.slice(1)}`,
    `${(parseInt(expires!, 36) + 1).toString(36)}.${proof}`,
    `0${key}`,
    key.toUpperCase(),
    await newKey(-2),
    // Good for longer than its use is remembered.
    await newKey(ONE_TIME_LIFE_MS + 60_000),
    await newKey(60_000, 'another token'),
    'x'.repeat(100_000),
  ]) {
    const visitor = newBrowser()
    await visitor.get(`${PAGE}?key=${encodeURIComponent(wrong)}`)
    expect([...visitor.cookies().keys()]).toEqual([])
    visitor.setCookie('__Host-once', wrong.slice(0, 1000))
    texts.add(await expectErrorPage(await visitor.get(PAGE)))
    texts.add(await expectErrorPage(await visitor.post(PAGE, {})))
    expect(await isSignedIn(visitor)).toBe(false)
  }
  expect(texts.size).toBe(1)
})

test.each([
  ['through a tunnel', ORIGIN, { 'x-forwarded-for': '192.0.2.1' }],
  ['by another name than the loopback address’s', 'https://code.example.com', {}],
])('it does not work %s', async (_, origin, headers) => {
  const visitor = new CookieBrowser(fetchSelf, origin)
  await visitor.get(`${PAGE}?key=${key}`, headers)
  expect([...visitor.cookies().keys()]).toEqual([])
  visitor.setCookie('__Host-once', key)
  expect((await visitor.post(PAGE, {}, headers)).status).toBeGreaterThanOrEqual(400)
  expect([...visitor.cookies().keys()]).not.toContain('__Host-session')
})

/** The events of a run that is read end when their reader may read no longer, and for nobody else. */
import { env } from 'cloudflare:test'
import { expect, test } from 'vitest'
import type { Env } from '../../worker/env.ts'
import { ConnectedApp, grantOf } from './support/connected-app.ts'
import { type RunFrame, runFrames, textOf } from './support/events.ts'
import { formFields } from '../support/cookie-browser.ts'
import { ask, call, frames, sendTo } from './support/mcp.ts'
import { next } from './support/next.ts'
import { browserOf, newClient } from './support/oauth.ts'
import { userToken } from './support/users.ts'

const eventsOf = (token: string, run: string) =>
  sendTo(`${run}/events`, 'GET', undefined, { authorization: `Bearer ${token}` })

async function eventsUntilEnd(frames: AsyncGenerator<RunFrame>): Promise<string[]> {
  const events = []
  for await (const { event } of frames) events.push(event)
  return events
}

test('disconnecting an app ends what it reads; signing out everywhere ends the rest; the run goes on', async () => {
  const app = await ConnectedApp.new()
  const other = await (await newClient({ client_name: 'Another app' })).signIn(app.browser)
  const started = await sendTo(
    '/runs',
    'POST',
    { code: 'import time\nprint("on", flush=True)\ntime.sleep(600)', background: true },
    { authorization: `Bearer ${other.access_token}` },
  )
  const run = started.headers.get('location')!
  await started.body?.cancel()
  const [ended, going] = await Promise.all(
    [app.first.access_token, other.access_token].map(async (token) => {
      const frames = runFrames(await eventsOf(token, run))
      for (let text = ''; !text.includes('on');) text += textOf([await next(frames)])
      return frames
    }),
  )
  await app.browser.post('/account/grants/revoke', { id: grantOf(app.first) })
  expect(await eventsUntilEnd(ended!)).not.toContain('outcome')
  expect((await eventsOf(app.first.access_token, run)).status).toBe(401)

  expect(await going!.next()).toMatchObject({ done: false, value: { event: expect.not.stringContaining('outcome') } })
  const session = (env as Env).SESSION.getByName(app.user)
  await session.refuseTokensBefore(Date.now())
  expect(await eventsUntilEnd(going!)).not.toContain('outcome')
  await session.eraseWorkspace()
})

test('over MCP a disconnected app and a revoked token hear nothing more, and what they asked for goes on', async () => {
  const app = await ConnectedApp.new()
  const other = await (await newClient({ client_name: 'Another app' })).signIn(app.browser)
  const form = { name: 'ci', days: '1', scope: ['python:run'] }
  const made = await (await app.browser.post('/account/tokens', form)).text()
  const token = /<pre id="new-token"[^>]*>([^<]+)</.exec(made)![1]!
  const listen = async (reader: string) => {
    const params = { notifications: { resourcesListChanged: true } }
    const stream = frames(await ask(reader, { jsonrpc: '2.0', id: 70, method: 'subscriptions/listen', params }))
    await next(stream) // acknowledged
    return stream
  }
  const ofOther = await listen(other.access_token)
  const [ofApp, ofToken] = await Promise.all(
    [app.first.access_token, token].map(async (reader) => {
      const code = 'import time\nprint("on", flush=True)\ntime.sleep(600)'
      const calling = frames(await ask(reader, call(1, 'run_python', { code, timeout: 900 })))
      for (let told = ''; !told.includes('on');) told += (await next(calling)).message.params?.message ?? ''
      return [await listen(reader), calling]
    }),
  )
  const results = async (streams: ReturnType<typeof frames>[]) => {
    const messages = (await Promise.all(streams.map((stream) => Array.fromAsync(stream)))).flat()
    return messages.filter(({ message }) => message.result !== undefined || message.error !== undefined)
  }
  await app.browser.post('/account/grants/revoke', { id: grantOf(app.first) })
  expect(await results(ofApp!)).toEqual([])
  const page = await (await app.browser.get('/account')).text()
  await app.browser.post('/account/tokens/revoke', formFields(page, '/account/tokens/revoke'))
  expect(await results(ofToken!)).toEqual([])

  const headers = { authorization: `Bearer ${other.access_token}` }
  const { runs } = await (await sendTo('/runs', 'GET', undefined, headers)).json<{ runs: { status: string }[] }>()
  expect(runs.map(({ status }) => status)).toEqual(['running', 'running'])
  const session = (env as Env).SESSION.getByName(app.user)
  await session.refuseTokensBefore(Date.now())
  expect(await results([ofOther])).toEqual([])
  await session.eraseWorkspace()
})

test('a browser that signs out ends its own streams, not those of another browser', async () => {
  const app = await ConnectedApp.new()
  const stays = await browserOf(app.name)
  const code = 'import time\nprint("on", flush=True)\ntime.sleep(600)'
  const authorization = { authorization: `Bearer ${app.first.access_token}` }
  const run = (await sendTo('/runs', 'POST', { code, background: true }, authorization)).headers.get('location')!
  const [ended, going] = await Promise.all(
    [app.browser, stays].map(async (browser) =>
      runFrames(await browser.get(`/app/api${run}/events`, { 'sec-fetch-site': 'same-origin' })),
    ),
  )
  await app.browser.post('/sign-out', {})
  expect(await eventsUntilEnd(ended!)).not.toContain('outcome')
  await sendTo(run, 'DELETE', undefined, authorization)
  expect(await eventsUntilEnd(going!)).toContain('outcome')
})

test('a browser that signs out gets no more of what it downloads; another browser does', async () => {
  const app = await ConnectedApp.new()
  const stays = await browserOf(app.name)
  // More than lies between: of a few bytes the whole archive may have been sent by then.
  const bytes = 32 * 1024 ** 2
  const code = `import os\nopen("much.bin", "wb").write(os.urandom(${bytes}))`
  await (await sendTo('/runs', 'POST', { code }, { authorization: `Bearer ${app.first.access_token}` })).text()
  const begun = await Promise.all(
    [app.browser, stays].flatMap((browser) => [
      browser.post('/account/export', {}),
      browser.get('/app/api/files?archive=tar.gz', { 'sec-fetch-site': 'same-origin' }),
      browser.get('/app/api/files/much.bin', { 'sec-fetch-site': 'same-origin' }),
    ]),
  )
  const readers = begun.map(({ body }) => body!.getReader())
  for (const each of readers) expect((await each.read()).done).toBe(false)
  await app.browser.post('/sign-out', {})
  const [ended, going] = [readers.slice(0, 3), readers.slice(3)]
  for (const each of ended) await expect(restOf(each)).rejects.toThrow()
  for (const each of going) expect(await restOf(each)).toBeGreaterThan(bytes / 2)
})

test('who signs in over another sign-in ends what that one has open', async () => {
  const name = crypto.randomUUID()
  const browser = await browserOf(name)
  const code = 'import time; time.sleep(600)'
  const headers = { authorization: `Bearer ${await userToken(name)}` }
  const run = (await sendTo('/runs', 'POST', { code, background: true }, headers)).headers.get('location')!
  const events = runFrames(await browser.get(`/app/api${run}/events`, { 'sec-fetch-site': 'same-origin' }))
  expect((await browser.post('/sign-in/local', { return: '/account' })).status).toBe(303)
  expect(await eventsUntilEnd(events)).not.toContain('outcome')
  await sendTo(run, 'DELETE', undefined, headers)
})

/** Reads to the end. Bytes. */
async function restOf(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<number> {
  for (let bytes = 0; ;) {
    const { done, value } = await reader.read()
    if (done) return bytes
    bytes += value.byteLength
  }
}

/** The events of a run that is read end when their reader may read no longer, and for nobody else. */
import { env } from 'cloudflare:test'
import { expect, test } from 'vitest'
import type { Env } from '../../worker/env.ts'
import { ConnectedApp, grantOf } from './support/connected-app.ts'
import { sendTo } from './support/mcp.ts'
import { newClient } from './support/oauth.ts'

const eventsOf = (token: string, run: string) =>
  sendTo(`${run}/events`, 'GET', undefined, { authorization: `Bearer ${token}` })

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
      const events = (await eventsOf(token, run)).body!.pipeThrough(new TextDecoderStream()).getReader()
      for (let text = ''; !text.includes('"on\\n"');) text += (await events.read()).value
      return events
    }),
  )
  await app.browser.post('/account/grants/revoke', { id: grantOf(app.first) })
  for (let part = await ended!.read(); !part.done; part = await ended!.read())
    expect(part.value).toBe(': keepalive\n\n')
  expect((await eventsOf(app.first.access_token, run)).status).toBe(401)

  expect(await going!.read()).toEqual({ done: false, value: ': keepalive\n\n' })
  const session = (env as Env).SESSION.getByName(app.user)
  await session.refuseTokensBefore(Date.now())
  for (let part = await going!.read(); !part.done; part = await going!.read())
    expect(part.value).toBe(': keepalive\n\n')
  await session.eraseWorkspace()
})

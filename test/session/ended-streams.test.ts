/** The events of a run that is read end when their reader may read no longer, and for nobody else. */
import { env } from 'cloudflare:test'
import { expect, test } from 'vitest'
import type { Env } from '../../worker/env.ts'
import { ConnectedApp, grantOf } from './support/connected-app.ts'
import { type RunFrame, runFrames, textOf } from './support/events.ts'
import { sendTo } from './support/mcp.ts'
import { next } from './support/next.ts'
import { newClient } from './support/oauth.ts'

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

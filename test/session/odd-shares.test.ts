/** What nobody can read of the clients that have come and of share links takes nothing else with it. */
import { abortAllDurableObjects } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { startRun } from './support/events.ts'
import { ask } from './support/mcp.ts'
import { bearer, browserOf } from './support/oauth.ts'
import { inStorage, ODD_VALUES, sessionOf } from './support/odd-values.ts'
import { idOfUser, userToken } from './support/users.ts'

const KV_VALUES = { ...ODD_VALUES, 'an object': {}, 'a list': [1], 'yes or no': true, 'no number': NaN }

test('whatever is kept of clients and share links, the pages about them are served', async () => {
  const name = crypto.randomUUID()
  const id = await idOfUser(name)
  const session = () => sessionOf(id)
  const { response } = await startRun({ code: 'print(1)' }, bearer(await userToken(name)))
  const run = /r_[0-9a-f]{16}/.exec(await response.text())![0]
  const share = await session().share(run, 1)
  if (typeof share === 'string') throw new Error(share)
  const browser = await browserOf(name)
  await (await ask(await userToken(name), { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} })).text()
  for (const key of ['seen_clients', 'shares', `share:${share.id}`]) {
    for (const [what, value] of Object.entries(KV_VALUES)) {
      const was = await inStorage(session(), ({ kv }) => {
        const was = kv.get(key)
        kv.put(key, value)
        return was
      })
      expect(was, key).not.toBe(undefined)
      await abortAllDurableObjects()
      for (const page of ['/', '/account', `/app/runs/${run}/share`])
        expect((await browser.get(page)).status, `${key}: ${what}: ${page}`).toBe(200)
      expect(await session().sharedRun(share.id), `${key}: ${what}`).toSatisfy(
        (shown: unknown) => shown === null || key === 'seen_clients',
      )
      await inStorage(session(), ({ kv }) => kv.put(key, was))
    }
  }
})

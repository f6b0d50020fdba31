/** A user's object that was asked for by the digits of its id, as a developer's tool does: its user does not notice. */
import { abortAllDurableObjects, env } from 'cloudflare:test'
import { expect, test } from 'vitest'
import type { Env } from '../../worker/env.ts'

import { answer, ask, call } from './support/mcp.ts'
import { idOfUser, userToken } from './support/users.ts'
import { DATA } from '../support/tool-result.ts'

const { SESSION } = env as Env

test('an object without a name answers nothing, and its user gets one that knows its name', async () => {
  const token = await userToken('nameless')
  const run = async () => (await answer(await ask(token, call(1, 'run_python', { code: 'print(6 * 7)' })))).result
  expect(await run()).toMatchObject({ _meta: { [DATA]: { stdout: '42\n' } } })
  await abortAllDurableObjects()

  const named = SESSION.idFromName(await idOfUser('nameless'))
  const nameless = () => SESSION.get(SESSION.idFromString(named.toString())).fetch('http://localhost/runs')
  await expect(nameless()).rejects.toThrow('without its name')
  expect(await run()).toMatchObject({ _meta: { [DATA]: { stdout: '42\n' } } })
  // Nor does it matter when the object lives already.
  expect((await nameless()).status).toBe(404)
  expect(await run()).toMatchObject({ _meta: { [DATA]: { stdout: '42\n' } } })
})

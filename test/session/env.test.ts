/** A run's environment: its values are the program's and the caller's, and nothing stored holds them; its time zone is the user's. */
import { env as bindings, runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { userIdOf } from '../../worker/auth/caller.ts'
import type { Env } from '../../worker/env.ts'
import { dataOf } from '../support/tool-result.ts'
import { answer, ask, call } from './support/mcp.ts'

const VALUE = 'hunter-2-of-the-caller'
const PROGRAM = `
import os, sys
print('the key is', os.environ['SERVICE_WORD'])
sys.stderr.write(repr(os.environ['SERVICE_WORD']) + '\\n')
raise ValueError(os.environ['SERVICE_WORD'])`

test('the caller sees them, and the run’s row, its log and the learnings do not', async () => {
  const env = { SERVICE_WORD: VALUE }
  const { result } = await answer(
    await ask('session-tests', call(1, 'run_python', { code: PROGRAM, description: 'log in', env })),
  )
  expect(dataOf(result)).toMatchObject({
    status: 'error',
    stdout: `the key is ${VALUE}\n`,
    env: ['SERVICE_WORD'],
    error: { type: 'ValueError', message: VALUE },
  })
  const { SESSION } = bindings as Env
  const stub = SESSION.getByName(await userIdOf('dev', 'local'))
  const text = await runInDurableObject(stub, (_session, { storage: { sql } }) =>
    JSON.stringify(
      ['runs', 'run_logs', 'failed_runs', 'learnings'].map((table) => [...sql.exec(`SELECT * FROM ${table}`)]),
    ),
  )
  expect(text).toContain('the key is [value of SERVICE_WORD]')
  expect(text).not.toContain(VALUE)
})

test('the time zone is the user’s, as far as it is known, and a call may name another', async () => {
  const code = 'import os, time\nprint(os.environ["TZ"], time.strftime("%H", time.localtime(0)))'
  const printed = async (args: object = {}) =>
    dataOf((await answer(await ask('session-tests', call(1, 'run_python', { code, ...args })))).result).stdout
  expect(await printed()).toBe('UTC 00\n')
  const set = { action: 'set', key: 'time_zone', value: 'asia/tokyo' }
  await (await ask('session-tests', call(2, 'configure', set))).text()
  expect(await printed()).toBe('Asia/Tokyo 09\n')
  expect(await printed({ env: { TZ: 'UTC' } })).toBe('UTC 00\n')
  await (await ask('session-tests', call(3, 'configure', { action: 'reset', key: 'time_zone' }))).text()
})

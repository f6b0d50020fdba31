/** A program that takes longer than its client waits: the call is answered, the program goes on, and nothing of it is lost. */
import { expect, test } from 'vitest'
import { dataOf } from '../support/tool-result.ts'
import { answer, ask, call, frames, headersOf, modern, openSession, send, workspace } from './support/mcp.ts'
import { next } from './support/next.ts'
import { idOfUser, userToken } from './support/users.ts'

interface Result {
  isError?: boolean
  content: { text: string }[]
}

/** A new user whose calls are answered after a second, unless their client is known to wait. `go` lets programs that wait for it end. */
async function impatient(chosen: string | null = '1') {
  const name = crypto.randomUUID()
  const token = await userToken(name)
  const tool = async (tool: string, args: object) =>
    (await answer(await ask(token, call(1, tool, args)))).result as unknown as Result
  if (chosen !== null) await tool('configure', { action: 'set', key: 'answer_within', value: chosen })
  const go = async () => (await workspace(await idOfUser(name))).writeFile('go', '')
  return { token, tool, go }
}

const UNTIL_GO = 'import os, time\nprint("first", flush=True)\nwhile not os.path.exists("go"): time.sleep(0.02)\n'
const WAITS = `${UNTIL_GO}print("last")`

test('the call is answered with what there is so far, and the run is followed to its end', async () => {
  // Within these seconds Python has to start and to print.
  const { tool, go } = await impatient('5')
  const early = await tool('run_python', { code: WAITS, timeout: 60 })
  const soFar = dataOf(early)
  expect(early.isError).toBeUndefined()
  expect(soFar).toMatchObject({ status: 'running', stdout: 'first\n' })
  expect(early.content[0]?.text).toBe(
    [
      `[running · ${soFar.run_id}]`,
      `The call was answered after 5 s, before clients give up on it (the setting answer_within). It goes on by itself. Next: call runs with this run_id and action "wait" or "cancel".`,
      'Output:',
      'first',
    ].join('\n'),
  )
  const printed = await tool('runs', { action: 'output' })
  expect(printed.content[0]?.text).toBe(`[running · lines 1–1 of 1 so far · ${soFar.run_id}]\nOutput:\nfirst`)
  await go()
  const ended = await tool('runs', { action: 'wait', run_id: soFar.run_id })
  expect(dataOf(ended).outcome).toMatchObject({ status: 'success', stdout: 'first\nlast\n' })
})

test('a program that ends in time is answered with its end', async () => {
  const { tool } = await impatient('30')
  const code = 'import time\nprint("first", flush=True)\ntime.sleep(3)\nprint("last")'
  expect(dataOf(await tool('run_python', { code }))).toMatchObject({ status: 'success', stdout: 'first\nlast\n' })
})

test('a queued program says that it waits, and starts by itself', async () => {
  const { tool, go } = await impatient()
  await tool('configure', { action: 'set', key: 'max_parallel_runs', value: '1' })
  await tool('run_python', { code: WAITS, background: true, timeout: 60 })
  const waiting = await tool('run_python', { code: 'print("mine")' })
  expect(dataOf(waiting)).toMatchObject({ status: 'queued', stdout: '' })
  expect(waiting.content[0]?.text).toContain('It waits for a place and then starts by itself. Next: call runs')
  await go()
  const ended = await tool('runs', { action: 'wait', run_id: dataOf(waiting).run_id })
  expect(dataOf(ended).outcome).toMatchObject({ status: 'success', stdout: 'mine\n' })
})

test('run_with_retry answers with the attempt under way, and makes no other', async () => {
  const { tool, go } = await impatient()
  const code = `open("tries", "a").write("x")\n${UNTIL_GO}raise ConnectionResetError("again")`
  const early = await tool('run_with_retry', { code, timeout: 60 })
  expect(dataOf(early)).toMatchObject({ status: 'running' })
  await go()
  const ended = await tool('runs', { action: 'wait', run_id: dataOf(early).run_id })
  expect(dataOf(ended).outcome).toMatchObject({ status: 'error', error: { type: 'ConnectionResetError' } })
  await tool('configure', { action: 'set', key: 'answer_within', value: '30' })
  const tries = await tool('run_python', { code: 'import time; time.sleep(1.5); print(open("tries").read())' })
  expect(dataOf(tries).stdout).toBe('x\n')
})

test('a host that is known to wait gets the end, unless the user has chosen', async () => {
  const statusFor = async (token: string) => {
    const request = modern(call(1, 'run_python', { code: WAITS, timeout: 60 })) as {
      params: { _meta: Record<string, unknown> }
    }
    request.params._meta['io.modelcontextprotocol/clientInfo'] = { name: 'claude-code', version: '2.1' }
    const headers = { authorization: `Bearer ${token}`, ...headersOf(request) }
    return dataOf((await answer(await send('POST', request, headers))).result).status
  }
  const [byDefault, chosen] = [await impatient(null), await impatient()]
  const atTheEnd = statusFor(byDefault.token)
  expect(await statusFor(chosen.token)).toBe('running')
  await byDefault.go()
  expect(await atTheEnd).toBe('success')
  await chosen.go()
})

test('a call that is cancelled in time still ends its program', async () => {
  const session = await openSession()
  const code = 'import time\nprint("first", flush=True)\ntime.sleep(60)'
  const program = call(7, 'run_python', { code, description: 'cancelled in time', timeout: 90 })
  const stream = frames(await send('POST', program, session))
  // Before it has said anything its call may not be there to be cancelled.
  await next(stream)
  await send('POST', { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } }, session)
  await stream.return(undefined)
  const listed = async () =>
    dataOf((await answer(await send('POST', call(8, 'runs', { action: 'list' }), session))).result).runs as {
      objective: string
      status: string
    }[]
  await expect
    .poll(async () => (await listed()).find(({ objective }) => objective === 'cancelled in time')?.status)
    .toBe('cancelled')
})

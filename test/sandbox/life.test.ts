/** A container's life as its user sees it: it is there when it is needed, and what goes wrong with it is said and passes. */
import { abortAllDurableObjects, runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { SANDBOX_START_MS } from '../../worker/run/contract/bounds.ts'
import { runFrames } from '../session/support/events.ts'
import { newUser, outcomeOf, statusesOf } from './support/user.ts'

/** All that a container is given: the runner's secret, and how much the SDK's server in it shall log. */
const ENVIRONMENT = ['SANDBOX_LOG_LEVEL', 'RUNNER_TOKEN']

test('the first program starts the container, says so, and runs in it', async () => {
  const { run, machine } = await newUser()
  const first = await run('print(6 * 7)')
  expect(statusesOf(first)).toEqual(['Starting the sandbox …'])
  expect(outcomeOf(first)).toMatchObject({ status: 'success', stdout: '42\n', executor: 'sandbox' })
  const second = await run('print(1)')
  expect(statusesOf(second)).toEqual([])
  expect(outcomeOf(second).stdout).toBe('1\n')
  expect(machine.started).toHaveLength(1)
})

test('programs that come together start one container', async () => {
  const { run, machine } = await newUser()
  const ran = await Promise.all([1, 2, 3, 4].map((n) => run(`print(${n})`)))
  expect(ran.map((frames) => outcomeOf(frames).stdout)).toEqual(['1\n', '2\n', '3\n', '4\n'])
  expect(machine.started).toHaveLength(1)
})

test('the container gets no secret but a token, which is another one at each start', async () => {
  const { runner, machine, host } = await newUser()
  await runner.wake()
  await host('destroy')
  await runner.wake()
  expect(machine.started.map(Object.keys)).toEqual([ENVIRONMENT, ENVIRONMENT])
  const tokens = machine.started.map((environment) => environment['RUNNER_TOKEN'])
  expect(tokens).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{64}$/)])
  expect(tokens[0]).not.toBe(tokens[1])
})

test('each user has a container of their own', async () => {
  const [one, other] = [await newUser(), await newUser()]
  await one.run('open("mine.txt", "w").write("secret")')
  const seen = outcomeOf(await other.run('import os; print(os.listdir("."))'))
  expect(seen.stdout).toBe('[]\n')
  expect([one.machine.started.length, other.machine.started.length]).toEqual([1, 1])
  expect(one.machine.port).not.toBe(other.machine.port)
})

test('a place that becomes free within a moment is waited for', async () => {
  const { run, machine } = await newUser()
  machine.faults.push('full', 'full')
  expect(outcomeOf(await run('print(1)')).stdout).toBe('1\n')
})

test.each([
  ['full', 'No sandbox is free', 'max_instances'],
  ['no image', 'could not be started', 'wrangler tail'],
  ['ends', 'could not be started', 'wrangler tail'],
  ['deaf', 'did not start within', 'call again'],
] as const)('a container that is %s is an error in words, and the next call works', async (fault, reason, next) => {
  const { run, machine, sandbox } = await newUser()
  // The others are told at once.
  if (fault === 'full' || fault === 'deaf') machine.startMs = 3_000
  machine.faults.push(...Array.from({ length: 200 }, () => fault))
  const { status, error, hints } = outcomeOf(await run('print(1)'))
  expect({ status, type: error?.type, hints }).toEqual({ status: 'error', type: 'NotStarted', hints: [] })
  expect(error?.message).toContain(reason)
  expect(error?.message).toMatch(/Nothing of the program ran\..*Next: /)
  expect(error?.message).toContain(next)
  expect(error?.message).not.toMatch(/10\.0\.0\.1|token/i)
  machine.faults.length = 0
  // This one really starts.
  await runInDurableObject(sandbox(), (object) => {
    object.startMs = SANDBOX_START_MS
  })
  expect(outcomeOf(await run('print(2)')).stdout).toBe('2\n')
})

test('a program that is cancelled while its container starts does not wait for it', async () => {
  const { http, machine } = await newUser()
  machine.faults.push('deaf')
  const response = await http('POST', '/runs', { code: 'print(1)' })
  const seen = []
  for await (const frame of runFrames(response)) {
    seen.push(frame)
    if (frame.event === 'status') await http('DELETE', response.headers.get('location')!)
  }
  expect(outcomeOf(seen)).toMatchObject({ status: 'cancelled', stdout: '' })
})

test('a container outlives its object', async () => {
  const { run, machine } = await newUser()
  await run('open("kept.txt", "w").write("x")')
  await abortAllDurableObjects()
  const again = await run('print(open("kept.txt").read())')
  expect(outcomeOf(again).stdout).toBe('x\n')
  expect(machine.started).toHaveLength(1)
})

test('a container with a token that its object does not know is replaced', async () => {
  const { run, machine, sandbox } = await newUser()
  await run('print(1)')
  await runInDurableObject(sandbox(), (_object, { storage }) => storage.kv.delete('runner_token'))
  await abortAllDurableObjects()
  expect(outcomeOf(await run('print(2)')).error?.message).toContain('Next: call again')
  expect(outcomeOf(await run('print(3)')).stdout).toBe('3\n')
  expect(machine.started).toHaveLength(2)
})

test('a runner that has died between two calls is not noticed', async () => {
  const { run, machine, host } = await newUser()
  await run('open("kept.txt", "w").write("x")')
  await host('runner', 'SIGKILL')
  expect(outcomeOf(await run('print(open("kept.txt").read())'))).toMatchObject({ status: 'success', stdout: 'x\n' })
  expect(machine.started).toHaveLength(1)
})

test('a request that changes nothing is sent again when it is lost, one that starts a program is not', async () => {
  const { run, machine } = await newUser()
  await run('print(1)')
  machine.lost.push('/check')
  expect(outcomeOf(await run('print(2)'))).toMatchObject({ status: 'success', stdout: '2\n' })
  machine.lost.push('/runs')
  const { status, error } = outcomeOf(await run('open("ran.txt", "w")'))
  expect({ status, type: error?.type }).toEqual({ status: 'error', type: 'NotStarted' })
  expect(error?.message).toContain('did not answer')
  expect(outcomeOf(await run('import os; print(os.listdir("."))')).stdout).toBe('[]\n')
  expect(machine.lost).toEqual([])
  expect(machine.started).toHaveLength(1)
})

test('when the container dies in mid-run the run is lost, and the next call starts another', async () => {
  const { run, http, machine, host } = await newUser()
  // The line is one write, so it comes in one piece.
  const response = await http('POST', '/runs', { code: 'import time\nprint("begun\\n", end="")\ntime.sleep(60)' })
  const seen = []
  for await (const frame of runFrames(response)) {
    seen.push(frame)
    if (frame.event === 'stdout') await host('destroy')
  }
  expect(outcomeOf(seen)).toMatchObject({ status: 'lost', stdout: 'begun\n' })
  expect(outcomeOf(seen).hints.join(' ')).toContain('Next: call again')
  expect(machine.started).toHaveLength(1)
  const next = await run('print(2)')
  expect(statusesOf(next)).toEqual(['Starting the sandbox …'])
  expect(outcomeOf(next).stdout).toBe('2\n')
})

test('a run whose session and container are both gone is lost, for which no container is started', async () => {
  const { http, runner, machine, host } = await newUser()
  await runner.wake()
  const code = 'import time\ntime.sleep(60)'
  const { run_id } = await (await http('POST', '/runs', { code, background: true })).json<{ run_id: string }>()
  await abortAllDurableObjects()
  await host('destroy')
  const status = async () => (await (await http('GET', `/runs/${run_id}`)).json<{ status: string }>()).status
  await expect.poll(status).toBe('lost')
  expect(machine.started).toHaveLength(1)
})

test('what is asked about a run of the past starts no container', async () => {
  const { run, http, runner, machine, host } = await newUser()
  const id = outcomeOf(await run('print(1)')).run_id
  await host('destroy')
  const events = await (await http('GET', `/runs/${id}/events`)).text()
  expect(events).toContain('"stdout":"1\\n"')
  expect((await http('DELETE', `/runs/${id}`)).status).toBe(200)
  expect(await runner.cancel(id)).toBe(false)
  await expect(runner.attach(id, 0).next()).rejects.toMatchObject({ code: 'not_found' })
  expect(machine.started).toHaveLength(1)
})

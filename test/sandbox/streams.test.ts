/** What a reader does reaches the runner through the sandbox object, and what the runner sends reaches the reader live. */
import { expect, test } from 'vitest'
import { install } from '../../worker/session/runs/installations.ts'
import { Places } from '../../worker/session/runs/places.ts'
import { runFrames } from '../session/support/events.ts'
import { call, frames } from '../session/support/mcp.ts'
import { newUser, outcomeOf, type User } from './support/user.ts'

const HANGS = 'import time\nprint("begun")\ntime.sleep(600)'

/** The commands of all that runs in a user's container. */
async function commands({ host }: User): Promise<string> {
  return ((await host('look')) as { commands: string[] }).commands.join('\n')
}

async function liveRuns({ runner }: User): Promise<number> {
  return (await runner.health()).live_runs
}

test('a reader that leaves is noticed by the runner', async () => {
  const user = await newUser()
  const asked = { id: 'r_1', code: HANGS, timeout_s: 600, orphan_grace_s: 0 }
  for await (const event of user.runner.start(asked)) if (event.type === 'stdout') break
  await expect.poll(() => liveRuns(user), { timeout: 20_000 }).toBe(0)
})

test('an aborted installation ends', async () => {
  const user = await newUser()
  const abort = new AbortController()
  const seen = []
  const spent: number[] = []
  const { runner } = user
  const places = new Places(() => 1)
  const deps = { places, runner, spent: (ms: number) => void spent.push(ms), now: () => Date.now() }
  const events = install(['stall'], 300, abort.signal, deps)
  for await (const event of events) {
    seen.push(event)
    if (event.type !== 'heartbeat') continue
    expect(await commands(user)).toContain('stall')
    abort.abort()
  }
  expect(seen[0]).toEqual({ type: 'output', text: 'Starting the sandbox …\n' })
  expect(seen.filter(({ type }) => type === 'done')).toEqual([])
  expect([spent.length, places.taken]).toEqual([1, 0])
  await expect.poll(() => commands(user), { timeout: 20_000 }).not.toContain('stall')
})

test('an upload that its sender gives up leaves nothing behind', async () => {
  const user = await newUser()
  await user.runner.wake()
  const endless = new ReadableStream({
    async pull(controller) {
      await scheduler.wait(50)
      controller.enqueue(new Uint8Array(1024))
    },
  })
  const abort = new AbortController()
  const request = new Request('http://runner/w/w1/files/endless.bin', {
    method: 'PUT',
    body: endless,
    signal: abort.signal,
  })
  const answer = user.sandbox().fetch(request)
  // What is being received has another name until it is whole.
  const parts = async () =>
    ((await user.host('look')) as { files: string[] }).files.filter((it) => it.endsWith('.part'))
  await expect.poll(parts).toHaveLength(1)
  abort.abort()
  await expect(answer).rejects.toThrow()
  await expect.poll(parts, { timeout: 20_000 }).toEqual([])
})

test('a file comes back whole, with its length', async () => {
  const user = await newUser()
  const text = 'ü'.repeat(100_000)
  await user.runner.writeFile('a b.txt', text)
  const read = await user.runner.readFile('a b.txt')
  expect(read?.headers.get('content-length')).toBe('200000')
  expect(await read?.text()).toBe(text)
})

test('a closed stream of a 2026 call ends its program', async () => {
  const user = await newUser()
  await user.run('print(1)')
  const response = await user.mcp(call(1, 'run_python', { code: HANGS }))
  for await (const { message } of frames(response)) if (message.params?.message?.includes('begun')) break
  await expect.poll(() => liveRuns(user), { timeout: 20_000 }).toBe(0)
})

test('that the sandbox starts reaches an MCP client as progress', async () => {
  const user = await newUser()
  const response = await user.mcp(call(1, 'run_python', { code: 'print("hello")' }))
  let progress = ''
  for await (const { message } of frames(response)) progress += message.params?.message ?? ''
  expect(progress).toMatch(/^\[setup\] Starting the sandbox …\nhello\n/)
})

test('lines come while the program runs, a flood comes whole', async () => {
  const user = await newUser()
  const waits = 'import os, time\nprint("first", flush=True)\nwhile not os.path.exists("go"): time.sleep(0.02)\n'
  const response = await user.http('POST', '/runs', { code: `${waits}for n in range(20000): print(n)` })
  const seen = []
  for await (const frame of runFrames(response)) {
    seen.push(frame)
    if (frame.data.text?.includes('first') === true) await user.runner.writeFile('go', 'x')
  }
  const lines = seen.map(({ event, data }) => (event === 'stdout' ? data.text : '')).join('')
  expect(lines).toBe(`first\n${Array.from({ length: 20_000 }, (_, n) => `${n}\n`).join('')}`)
  expect(outcomeOf(seen).status).toBe('success')
})

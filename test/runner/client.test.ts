/** The runner's client, when an answer breaks off, stalls or is nonsense. What it does with whole answers is in the contract. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { pieces, wholeBody } from '../../worker/runner/body.ts'
import { runnerClient } from '../../worker/runner/client.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const START = { id: 'r_1', code: '', timeout_s: 1, orphan_grace_s: 1 }

/** A client of a runner whose answers begin with a text; `then` is what happens next. */
function clientOf(text: string, then: 'stalls' | 'breaks' | 'ends', status = 200) {
  let cancelled = false
  const answer = () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(text))
        if (then === 'ends') controller.close()
      },
      pull(controller) {
        if (then === 'breaks') controller.error(new Error('reset'))
      },
      cancel() {
        cancelled = true
      },
    })
    return new Response(body, { status, headers: { 'content-length': String(text.length + 10) } })
  }
  return { client: runnerClient(async () => answer(), 'http://runner', 'token', 'w1'), cancelled: () => cancelled }
}

/** What a promise is rejected with, once five seconds have gone by. */
async function failure(promise: Promise<unknown>): Promise<unknown> {
  const rejected = promise.then(
    () => null,
    (error: unknown) => error,
  )
  await vi.advanceTimersByTimeAsync(5_000)
  return rejected
}

test.each(['stalls', 'breaks'] as const)('an answer that %s is an error with a reason', async (then) => {
  const { client, cancelled } = clientOf('{"ok": tr', then)
  const brokenOff = { code: 'unreachable', message: 'The Python runner broke off in the middle of its answer.' }
  expect(await failure(client.health())).toMatchObject(brokenOff)
  expect(await failure(client.readFile('a.txt').then((file) => wholeBody(file!)))).toMatchObject(brokenOff)
  expect(cancelled()).toBe(then === 'stalls')
})

test('a refusal that stalls is an error with a reason', async () => {
  const { client } = clientOf('{"error": {', 'stalls', 400)
  expect(await failure(client.check('', []))).toMatchObject({ code: 'unreachable' })
  expect(await failure(client.readFile('a.txt'))).toMatchObject({ code: 'unreachable' })
})

test('an answer that is none is an error with a reason', async () => {
  expect(await failure(clientOf('<html>', 'ends').client.health())).toMatchObject({ code: 'bad_answer' })
  expect(await failure(clientOf('{}', 'ends').client.health())).toMatchObject({ code: 'bad_answer' })
  expect(await failure(clientOf('<html>', 'ends', 500).client.health())).toMatchObject({ code: 'bad_answer' })
})

test.each([
  ['quota', 'quota'],
  ['sandbox_full', 'sandbox_full'],
  ['unreachable', 'unknown'],
  ['of_a_later_version', 'unknown'],
])('a refusal with the code %s is %s', async (said, code) => {
  const { client } = clientOf(JSON.stringify({ error: { code: said, message: 'why' } }), 'ends', 507)
  expect(await failure(client.health())).toMatchObject({ code, message: 'why' })
})

test.each(['stalls', 'breaks', 'ends'] as const)('a stream that %s before its exit just ends', async (then) => {
  const { client } = clientOf('{"n": 1, "type": "started", "pid": 7}\n{"n": 2, "ty', then)
  const events = Array.fromAsync(client.start(START))
  await vi.advanceTimersByTimeAsync(5_000)
  expect(await events).toEqual([{ n: 1, type: 'started', pid: 7 }])
})

test('a line that is no event is an error', async () => {
  expect(await failure(Array.fromAsync(clientOf('{"n": 1}\n', 'ends').client.start(START)))).toMatchObject({
    code: 'bad_answer',
  })
})

test('an event of a later version says nothing, and one of this version has to be right', async () => {
  const later = '{"n": 1, "type": "of_a_later_version", "what": {}}\n{"n": 2, "type": "stdout", "text": "x"}\n'
  const eventsOf = (lines: string, checks = false) => {
    const { client } = clientOf(lines, 'ends')
    return Array.fromAsync(checks ? client.checkAndStart!(START) : client.start(START))
  }
  for (const checks of [false, true])
    expect(await eventsOf(later, checks)).toEqual([{ type: 'heartbeat' }, { n: 2, type: 'stdout', text: 'x' }])
  for (const wrong of ['stdout', 'stderr', 'file', 'usage', 'exit', 'started'])
    expect(await failure(eventsOf(`{"n": 1, "type": "${wrong}"}\n`))).toMatchObject({ code: 'bad_answer' })
})

test('characters that are cut at the border of two pieces are whole', async () => {
  const line = new TextEncoder().encode('{"n": 1, "type": "stdout", "text": "ä☃𝄞"}\n')
  const body = new ReadableStream({
    start(controller) {
      for (const byte of line) controller.enqueue(Uint8Array.of(byte))
      controller.close()
    },
  })
  const client = runnerClient(async () => new Response(body), 'http://runner', 'token', 'w1')
  expect(await Array.fromAsync(client.start(START))).toEqual([{ n: 1, type: 'stdout', text: 'ä☃𝄞' }])
})

test('silence is measured from when a piece is waited for, to the millisecond', async () => {
  let send: (byte: number) => void = () => {} // until the stream has begun
  const readable = new ReadableStream<Uint8Array>({
    start: (controller) => void (send = (byte) => controller.enqueue(Uint8Array.of(byte))),
  })
  const source = pieces(new Response(readable))
  const first = source.next()
  await vi.advanceTimersByTimeAsync(4_999)
  send(1)
  expect(await first).toEqual({ done: false, value: Uint8Array.of(1) })
  // Who reads slowly waits for nothing.
  await vi.advanceTimersByTimeAsync(60_000)
  send(2)
  expect(await source.next()).toEqual({ done: false, value: Uint8Array.of(2) })
  await vi.advanceTimersByTimeAsync(2_000)
  let broken: unknown
  const last = source.next().catch((error: unknown) => (broken = error))
  await vi.advanceTimersByTimeAsync(4_999)
  expect(broken).toBeUndefined()
  await vi.advanceTimersByTimeAsync(1)
  expect(await last).toMatchObject({ code: 'unreachable' })
  expect(vi.getTimerCount()).toBe(0)
})

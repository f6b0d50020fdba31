/** What answers need not be the runner: a program may have put something else in its place. */
import { expect, test } from 'vitest'
import { runnerClient } from '../../worker/runner/client.ts'

function answering(answer: () => Response) {
  return runnerClient(() => Promise.resolve(answer()), 'http://runner', 'token', 'w1')
}

/** A body without an end, and how much of it was taken. */
function endless(text: string) {
  const taken = { bytes: 0, cancelled: false }
  const chunk = new TextEncoder().encode(text.repeat(64 * 1024))
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      taken.bytes += chunk.byteLength
      controller.enqueue(chunk)
    },
    cancel() {
      taken.cancelled = true
    },
  })
  return { body, taken }
}

test.each([200, 500])('an answer %d without an end is given up', async (status) => {
  const { body, taken } = endless(' ')
  const client = answering(() => new Response(body, { status }))
  await expect(client.health()).rejects.toMatchObject({ code: 'bad_answer' })
  expect(taken.cancelled).toBe(true)
  expect(taken.bytes).toBeLessThan(34 * 1024 ** 2)
})

test('a line without an end is given up', async () => {
  const { body, taken } = endless('x')
  const events = answering(() => new Response(body)).attach('r_1', 0)
  await expect(events.next()).rejects.toMatchObject({ code: 'bad_answer' })
  expect(taken.cancelled).toBe(true)
})

test.each([
  ['no JSON', 'hello'],
  ['another shape', '{"ok": true}'],
  ['nothing', ''],
])('%s is not taken for an answer', async (_what, text) => {
  await expect(answering(() => new Response(text)).health()).rejects.toMatchObject({ code: 'bad_answer' })
})

test('a file that does not say how long it is is refused', async () => {
  const { body, taken } = endless('x')
  await expect(answering(() => new Response(body)).readFile('a.txt')).rejects.toMatchObject({ code: 'bad_answer' })
  expect(taken.cancelled).toBe(true)
})

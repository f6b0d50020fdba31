/** How a run's output becomes messages, over a scripted run: hosts show each as a line, or the newest alone. */
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { reportProgress } from '../../worker/mcp/progress.ts'

/** The messages of a run that prints these texts; a number is a pause of so many milliseconds. */
async function messagesOf(...steps: (string | number)[]): Promise<string[]> {
  let end = () => {}
  const outcome = new Promise<void>((resolve) => (end = resolve))
  async function* read() {
    for (const step of steps) {
      if (typeof step === 'number') await wait(step)
      else yield { type: 'stdout', text: step }
    }
    end()
  }
  const messages: string[] = []
  await reportProgress(
    { read, outcome },
    {
      _meta: { progressToken: 1 },
      notify: async ({ params }) => void messages.push(params.message),
    },
    () => Promise.resolve(),
  )
  return messages
}

test('the pieces of a line are one message', async () => {
  expect(await messagesOf('line', ' ', '2', '\n', 100)).toEqual(['line 2\n'])
  expect(await messagesOf('line', 1, ' ', 1, '2', 1, '\n', 100)).toEqual(['line 2\n'])
})

test('a line that does not end is shown all the same', async () => {
  expect(await messagesOf('Your name? ', 200, 'Ada\n', 100)).toEqual(['Your name? ', 'Ada\n'])
})

test('the last words of a program without a line’s end are not lost', async () => {
  expect((await messagesOf('one\n', 'two')).join('')).toBe('one\ntwo')
})

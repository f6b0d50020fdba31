/** How often clients hear that the list of resources has changed, over a clock of the test's. */
import { expect, test } from 'vitest'
import { ListChanges } from '../../worker/session/lanes/list-changes.ts'

/** `pass()`: a second goes by. */
function counted() {
  let told = 0
  let waiting: (() => void) | undefined
  const changes = new ListChanges({
    tell: () => void told++,
    wait: () => new Promise((resolve) => (waiting = resolve)),
  })
  const pass = async () => {
    waiting?.()
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
  return { changes, pass, told: () => told }
}

test('the first change is told at once, and what follows within a second once', async () => {
  const { changes, pass, told } = counted()
  const done = [changes.add(), changes.add(), changes.add()]
  expect(told()).toBe(1)
  await pass()
  expect(told()).toBe(2)
  await pass()
  await Promise.all(done)
  expect(told()).toBe(2)
})

test('after a quiet second the next change is told at once', async () => {
  const { changes, pass, told } = counted()
  const first = changes.add()
  await pass()
  await first
  const second = changes.add()
  expect(told()).toBe(2)
  await pass()
  await second
})

test('a change in the second of silence is never forgotten', async () => {
  const { changes, pass, told } = counted()
  void changes.add()
  for (let i = 2; i <= 5; i++) {
    void changes.add()
    await pass()
    expect(told()).toBe(i)
  }
  await pass()
  expect(told()).toBe(5)
})

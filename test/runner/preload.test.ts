/** What a fork server loads for a workspace's programs, and what it must not: a fork would lose a thread and keep its locks. */
import { expect, test } from 'vitest'
import { startPackageIndex } from '../support/package-index.ts'
import { startRunner } from '../support/runner.ts'

/** A module that starts a thread when it is imported, for so long. The names are those of packages that are worth loading. */
function threaded(name: string, seconds: number) {
  const code = `import threading, time\nthreading.Thread(target=time.sleep, args=(${seconds},), daemon=True).start()\n`
  return { name, version: '1.0', modules: { [`${name}.py`]: code } }
}

test.each([
  ['a thread that ends soon', 'rich', 0.1, 'ready'],
  ['a thread that stays', 'nltk', 600, 'off'],
])('a module with %s', async (_what, name, seconds, state) => {
  await using index = await startPackageIndex([threaded(name, seconds)])
  await using runner = await startRunner({ start: 'fork', env: index.env })
  const client = runner.client('w1')
  for await (const event of client.install([name], 60)) if (event.type === 'done') expect(event.status).toBe('success')
  await client.check(`import ${name}`, [])
  await expect.poll(async () => (await client.health()).start.full, { timeout: 30_000 }).not.toBe('starting')
  expect((await client.health()).start.full).toBe(state)
})

/** A runner that is stopped (SIGSTOP) takes connections and says nothing: who asks it for something is told so, and how to go on. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CLIENTS } from '../support/clients.ts'
import { type DevServer, startDevServer } from '../support/dev-server.ts'
import { commandOf, descendantsOf } from '../support/processes.ts'

let server: DevServer
beforeAll(async () => {
  server = await startDevServer()
}, 180_000)
afterAll(() => server?.stop())

const NEXT = 'Next: start everything with "npm run dev" (locally), or call again in a few seconds.'
const SIZE = 32 * 1024 ** 2

test('uploads, downloads, deletions and resets are answered, and work again when it goes on', async () => {
  const ask = (method: string, path: string, body?: BodyInit) =>
    fetch(`${server.origin}/files/${path}`, {
      method,
      headers: { authorization: `Bearer ${server.token}` },
      ...(body !== undefined && { body }),
    })
  const client = await CLIENTS['sdk v2, 2026-07-28']!.connect(server.origin, server.token)
  await ask('PUT', 'large.bin', new Uint8Array(SIZE))
  const begun = await ask('GET', 'large.bin')
  const runner = runnerOf(server)
  process.kill(runner, 'SIGSTOP')
  try {
    const resetting = client.call('configure', { action: 'reset', key: 'workspace', value: 'yes' })
    const answers = await Promise.all(
      [
        ask('PUT', 'small.txt', 'x'),
        ask('PUT', 'new.bin', new Uint8Array(SIZE)),
        ask('GET', 'large.bin'),
        ask('DELETE', 'large.bin'),
        ask('GET', ''),
      ].map(async (asked) => {
        const response = await asked
        return [response.status, await response.json()]
      }),
    )
    const unknown = (what: string) => [503, { error: `The Python runner cannot be reached. ${what} ${NEXT}` }]
    expect(answers).toEqual([
      unknown('Whether the file was written is not known.'),
      unknown('Whether the file was written is not known.'),
      unknown('Nothing was read.'),
      unknown('Whether the file was deleted is not known.'),
      unknown('Nothing was read.'),
    ])
    expect((await resetting).text).toBe(
      `The Python runner cannot be reached. Whether anything was deleted is not known: list the files. ${NEXT}`,
    )
    // What had begun is broken off: its client knows the length.
    await expect(begun.arrayBuffer()).rejects.toThrow()
  } finally {
    process.kill(runner, 'SIGCONT')
  }
  await expect.poll(async () => (await ask('PUT', 'again.txt', 'x')).status, { timeout: 60_000 }).toBe(200)
  expect(await (await ask('GET', 'again.txt')).text()).toBe('x')
  await client.close()
}, 240_000)

function runnerOf({ child }: DevServer): number {
  const runners = descendantsOf(child.pid!).filter((pid) => / -m runner\b/.test(commandOf(pid)))
  return runners[0]!
}

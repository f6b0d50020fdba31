/** The container's command: a runner is there whatever happens to it, until the container is told to end. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hasProc, processesOf } from '../support/processes.ts'
import { testPython } from '../support/python.ts'

const SUPERVISOR = fileURLToPath(new URL('../../container/supervise.sh', import.meta.url))

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'supervised-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function supervise(...args: string[]): Promise<ChildProcess> {
  const PATH = [dirname(await testPython()), process.env['PATH']].join(delimiter)
  return spawn(SUPERVISOR, ['--root', root, ...args], {
    env: { PATH, RUNNER_TOKEN: 'x'.repeat(32), PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

test.skipIf(!hasProc)('a runner that is killed is followed by another, and SIGTERM ends both', async () => {
  const supervisor = await supervise('--port', '0')
  const lines = createInterface(supervisor.stdout!)[Symbol.asyncIterator]()
  const nextRunner = async () => JSON.parse((await lines.next()).value) as { event: string; pid: number }
  const first = await nextRunner()
  process.kill(first.pid, 'SIGKILL')
  const second = await nextRunner()
  expect(second.event).toBe('listening')
  expect(second.pid).not.toBe(first.pid)
  // It ends by itself when it is asked to, which is no reason to be without one either.
  process.kill(second.pid, 'SIGTERM')
  expect((await nextRunner()).event).toBe('listening')
  supervisor.kill('SIGTERM')
  expect(await once(supervisor, 'exit')).toEqual([0, null])
  await expect.poll(() => processesOf(root), { timeout: 10_000 }).toEqual([])
})

test('a runner that cannot start is tried again and again', async () => {
  const supervisor = await supervise('--port', 'none')
  let tries = 0
  for await (const line of createInterface(supervisor.stderr!)) {
    if (line.startsWith('supervise:') && ++tries === 3) break
  }
  expect(supervisor.exitCode).toBeNull()
  supervisor.kill('SIGTERM')
  await once(supervisor, 'exit')
})

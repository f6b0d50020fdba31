/** Folders that every program of a machine may write, /dev/shm and /var/tmp: what programs leave there is counted, and goes. */
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { program } from '../../support/programs.ts'
import { begin, type Contract, newWorkspace, run } from './context.ts'

const MIB = 1024 ** 2

export function commons(the: Contract): void {
  test.each(['/dev/shm', '/var/tmp', '/run/lock'].filter(existsSync))(
    'what a program leaves in %s is seen by no other workspace, and not on the machine',
    async (place) => {
      const path = `${place}/left-${crypto.randomUUID()}`
      const left = await run(the.runner, `open('${path}', 'w').write('x'); print(open('${path}').read())`)
      expect(left.stdout).toBe('x\n')
      await expect.poll(() => existsSync(path)).toBe(false)
      expect((await run(the.runner, `import os; print(os.listdir('${place}'))`)).stdout).not.toContain('left-')
    },
  )

  test('processes of a run share memory, semaphores and queues', async () => {
    const { stdout, stderr } = await run(the.runner, program('share_memory'))
    expect({ stdout, stderr }).toEqual({ stdout: 'done done done done 0 True\n', stderr: '' })
  })

  test('files in /dev/shm count as memory, and the limit is named', async () => {
    const { stdout, exit } = await run(the.runner, program('fill_shared_memory'), {
      limits: { memory_bytes: 256 * MIB },
    })
    expect(stdout).toBe('eating\n')
    expect(exit).toMatchObject({ status: 'error', error: { type: 'MemoryLimit' } })
    expect(exit.error?.message).toMatch(
      /more than 256 MiB of memory, \d+(\.\d+)? MiB of it in \/dev\/shm, and was stopped/,
    )
    await expect.poll(() => existsSync('/dev/shm/large')).toBe(false)
  })

  test('what a process shares is counted once, whether it is mapped or not', async () => {
    const code = `
import mmap, time
with open('/dev/shm/mapped', 'w+b') as file:
    file.truncate(${150 * MIB})
    memory = mmap.mmap(file.fileno(), 0)
    for start in range(0, len(memory), 1 << 20): memory[start : start + (1 << 20)] = b'x' * (1 << 20)
    time.sleep(0.5)
print('fits')`
    const { stdout } = await run(the.runner, code, { limits: { memory_bytes: 250 * MIB } })
    expect(stdout).toBe('fits\n')
    const { exit } = await run(the.runner, code, { limits: { memory_bytes: 100 * MIB } })
    expect(exit.error?.type).toBe('MemoryLimit')
  })

  test('files in /var/tmp count as the workspace’s, also while the program runs', async () => {
    const workspace = newWorkspace()
    const code = `
import time
with open('/var/tmp/large', 'wb') as file: file.write(b'x' * ${12 * MIB})
print('written', flush=True)
time.sleep(30)`
    const live = begin(the.runner, code, { workspace, limits: { workspace_bytes: 8 * MIB } })
    const { exit } = await live.rest()
    expect(exit).toMatchObject({ status: 'error', error: { type: 'WorkspaceQuota' } })
    await the.runner.client(workspace).reset()
    expect(existsSync('/var/tmp/large')).toBe(false)
    const { stdout } = await run(the.runner, "import os; print(os.path.exists('/var/tmp/large'))", { workspace })
    expect(stdout).toBe('False\n')
    expect((await the.runner.client(workspace).health()).use.bytes).toBeLessThan(MIB)
  })
}

/** Fork servers that have a workspace's heavy libraries loaded: there when they are asked for, gone when they are not. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startPackageIndex } from '../../support/package-index.ts'
import { hasProc, processesOf } from '../../support/processes.ts'
import { program } from '../../support/programs.ts'
import { begin, type Contract, run } from './context.ts'

export function warm(the: Contract): void {
  test.skipIf(!hasProc)(
    'one that nobody uses ends, its programs do not, and the next program gets another',
    async () => {
      // Only says in which process it was imported.
      const modules = { 'networkx.py': 'import os\nIMPORTED_IN = os.getpid()\n' }
      await using index = await startPackageIndex([{ name: 'networkx', version: '1.0', modules }])
      await using runner = await the.start({ env: index.env, idleS: 1 })
      const workspace = 'w1'
      const client = runner.client(workspace)
      for await (const event of client.install(['networkx'], 60))
        if (event.type === 'done') expect(event.status).toBe('success')
      const state = async () => (await client.health()).start.full
      if ((await client.health()).start.mode === 'plain') return expect(await state()).toBe('off')

      const code = 'import networkx, os; print(networkx.IMPORTED_IN != os.getpid())'
      if ((await client.health()).isolation.own_user) {
        // The servers are root there, and load nothing that programs could have written.
        expect((await run(runner, code, { workspace })).stdout).toBe('False\n')
        return expect(await state()).toBe('off')
      }
      const isWarm = async () => (await run(runner, code, { workspace })).stdout === 'True\n'
      await expect.poll(isWarm, { timeout: 30_000 }).toBe(true)
      const live = begin(runner, `import networkx\n${program('await_file')}`, { workspace })
      await live.until('half')
      await expect.poll(state, { timeout: 30_000 }).toBe('off')
      await client.writeFile('go', '')
      expect((await live.rest()).exit.status).toBe('success')
      const serversOf = () => processesOf(join(runner.root, workspace, 'home'))
      await expect.poll(serversOf, { timeout: 30_000 }).toEqual([])
      await client.deleteFile('go')
      await expect.poll(isWarm, { timeout: 30_000 }).toBe(true)
    },
  )
}

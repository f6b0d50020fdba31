/** `--also-at`: the working folder under the names that other systems have for theirs, and the machine stays as it is. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Contract, run } from './context.ts'

export function aliases(the: Contract): void {
  test('a program finds its working folder there, and no file that is there otherwise is hidden', async () => {
    const machine = await mkdtemp(join(tmpdir(), 'machine-'))
    try {
      for (const folder of ['empty', 'mnt', 'full']) await mkdir(join(machine, folder))
      await writeFile(join(machine, 'full', 'x.txt'), 'x')
      const places = ['empty', 'mnt/data', 'full', 'none/such'].map((place) => join(machine, place))
      await using runner = await the.start({ alsoAt: places })
      const code = `
import os, sys
for place in ${JSON.stringify(places)}:
    if os.path.isdir(place): print(os.path.basename(place), sorted(os.listdir(place)))
for place in ${JSON.stringify(places.slice(0, 2))}:
    open(os.path.join(place, os.path.basename(place) + '.csv'), 'w').write('1')`
      const { stdout, events, exit } = await run(runner, code, { workspace: 'w1', files: { 'in.csv': '1' } })
      const { pid_namespace } = (await runner.client('w1').health()).isolation
      if (pid_namespace === true) {
        expect(stdout).toBe("empty ['in.csv']\ndata ['in.csv']\nfull ['x.txt']\n")
        const files = events.flatMap((event) => (event.type === 'file' ? [event.path] : []))
        expect(files).toEqual(['data.csv', 'empty.csv'])
        expect((await readdir(join(machine, 'mnt'))).length + (await readdir(join(machine, 'empty'))).length).toBe(0)
      } else {
        // Programs are the machine's own user: nothing is made for them there.
        expect(stdout).toBe("empty []\nfull ['x.txt']\n")
        expect(exit.error).toMatchObject({ type: 'FileNotFoundError' })
      }
    } finally {
      await rm(machine, { recursive: true, force: true })
    }
  })
}

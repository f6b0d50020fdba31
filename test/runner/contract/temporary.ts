/** TMPDIR is short enough for Unix sockets, however long the workspace's own path is. */
import { existsSync } from 'node:fs'
import { cp, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { program } from '../../support/programs.ts'
import { type Contract, run } from './context.ts'

const LONG = 'w'.padEnd(64, '0123456789')

export function temporary(the: Contract): void {
  test('sockets can be made in it, files in it are those of the workspace, and it is gone with the runner', async () => {
    const other = await the.start()
    const { stdout, stderr } = await run(other, program('manager'), { workspace: LONG })
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^\[\(0, 0\), \(1, 1\), \(2, 4\)\]\nTrue\n\/\S{1,47}\n$/)
    const short = stdout.trimEnd().split('\n').at(-1)!
    expect((await readdir(join(other.root, LONG, 'tmp'))).join(' ')).toMatch(/playwright_chromiumdev_profile-\S+/)
    const code = `
import os, tempfile
print(len(os.listdir(tempfile.gettempdir())) > 0)
handle, path = tempfile.mkstemp(suffix='.bin')
print(path)`
    const next = await run(other, code, { workspace: LONG })
    expect(next.stdout).toMatch(/^True\n/)
    expect(next.events).toContainEqual(
      expect.objectContaining({ type: 'file', path: expect.stringMatching(/^\.outputs\/r_\d+\/tmp\/tmp\S+\.bin$/) }),
    )
    expect(existsSync(short)).toBe(true)
    await other.stop()
    if (short !== '/tmp') expect(existsSync(dirname(short))).toBe(false)
  })

  test('one that a program has replaced is there for the next', async () => {
    const spoil = `
import os, shutil
path = os.environ['TMPDIR']
if path != '/tmp':
    os.remove(path)
    os.mkdir(path)
    open(path + '/x', 'w')`
    await run(the.runner, spoil, { workspace: LONG })
    const { stdout } = await run(the.runner, program('manager'), { workspace: LONG })
    expect(stdout).toContain('[(0, 0), (1, 1), (2, 4)]\nTrue\n')
  })

  test('that of a runner which was killed is removed by the next', async () => {
    const first = await the.start()
    const { stdout } = await run(first, "import os; print(os.environ['TMPDIR'])", { workspace: LONG })
    process.kill(first.pid, 'SIGKILL')
    await first.ended
    const short = stdout.trim()
    expect(existsSync(dirname(short))).toBe(true)
    const prepare = (root: string) => cp(first.root, root, { recursive: true, verbatimSymlinks: true })
    await using _second = await the.start({ prepare })
    if (short !== '/tmp') expect(existsSync(dirname(short))).toBe(false)
    await first.stop()
  })
}

/** A workspace is emptied, or goes altogether, whatever its programs have left there and whatever they are doing. */
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { program } from '../../support/programs.ts'
import { ask } from '../../support/raw.ts'
import { begin, type Contract, expectNoPrograms, newWorkspace, request, run } from './context.ts'

export function erasing(the: Contract): void {
  /** A folder elsewhere that must stay as it is. */
  async function outside() {
    const folder = await mkdtemp(join(tmpdir(), 'outside-'))
    await chmod(folder, 0o755)
    await writeFile(join(folder, 'kept'), 'x')
    return folder
  }
  const folderOf = (workspace: string) => join(the.runner.root, workspace)

  test.concurrent.each(['reset', 'wipe'] as const)(
    '%s removes what is hard to remove, and nothing elsewhere',
    async (how) => {
      const OUTSIDE = await outside()
      const { workspace, stderr } = await run(the.runner, program('hard_to_remove'), { env: { OUTSIDE } })
      expect(stderr).toBe('')
      expect(await the.runner.client(workspace)[how]()).toEqual({ files: 5, packages: 0 })
      expect((await the.runner.client(workspace).listFiles()).files).toEqual([])
      expect(await readdir(OUTSIDE)).toEqual(['kept'])
      const { stdout } = await run(the.runner, 'import os; print(os.listdir(), os.listdir(os.environ["TMPDIR"]))', {
        workspace,
      })
      expect(stdout).toBe('[] []\n')
      await rm(OUTSIDE, { recursive: true })
    },
  )

  test('a wipe ends what is running as cancelled, and leaves nothing of it', async () => {
    const { workspace, id: ended } = await run(the.runner, "print('a secret'); open('mine.txt', 'w').write('x')")
    const { workspace: other, id: kept } = await run(the.runner, "open('kept.txt', 'w').write('x')")
    const code = "import os; open(os.path.join(os.environ['HOME'], 'more.txt'), 'w').write('x')\n"
    const live = begin(the.runner, `${code}${program('ignore_sigterm')}`, { workspace })
    await live.until('deaf')
    expect(await the.runner.client(workspace).wipe()).toEqual({ files: 1, packages: 0 })
    expect((await live.rest()).exit).toMatchObject({ status: 'cancelled', exit_code: null })
    await expectNoPrograms(the.runner, workspace)
    expect(await readdir(the.runner.root)).not.toContain(workspace)
    for (const id of [ended, live.id]) {
      expect((await ask(the.runner, 'GET', `/w/${workspace}/runs/${id}/events`)).status).toBe(404)
    }
    expect((await ask(the.runner, 'GET', `/w/${other}/runs/${kept}/events`)).status).toBe(200)
    expect((await the.runner.client(other).listFiles()).files).toHaveLength(1)
    // The next request finds a new one.
    expect(await run(the.runner, 'import os; print(os.listdir())', { workspace })).toMatchObject({ stdout: '[]\n' })
    expect(await readdir(folderOf(workspace))).toContain('files')
  })

  test.concurrent('runs that are started while a workspace is wiped are ended, refused, or begin in a new one', async () => {
    const { workspace } = await run(the.runner, "open('mine.txt', 'w').write('x')")
    const post = () =>
      ask(the.runner, 'POST', `/w/${workspace}/runs`, {
        body: JSON.stringify(
          request("import os; print(os.listdir()); open('more.txt', 'w'); import time; time.sleep(0.1)"),
        ),
      })
    const starting = Array.from({ length: 4 }, post)
    const wiped = Promise.all([the.runner.client(workspace).wipe(), the.runner.client(workspace).wipe()])
    const answers = await Promise.all([...starting, ...Array.from({ length: 4 }, post)])
    await wiped
    for (const { status, text } of answers) {
      expect([200, 409]).toContain(status)
      if (status === 200) expect(text).toMatch(/"type": "exit"/)
    }
    await the.runner.client(workspace).wipe()
    expect(await readdir(the.runner.root)).not.toContain(workspace)
  })

  test.concurrent('a folder that was given to the runner is kept, all else goes', async () => {
    const files = await outside()
    await using other = await the.start({ files })
    const { workspace } = await run(other, "import os; mine = open(os.path.join(os.environ['HOME'], 'mine'), 'w')")
    expect(await other.client(workspace).wipe()).toEqual({ files: 0, packages: 0 })
    expect(await readdir(files)).toEqual(['kept'])
    expect(await readdir(other.root)).toEqual([])
    await rm(files, { recursive: true })
  })

  test('what was being deleted when the runner was ended is deleted at the next start', async () => {
    await using other = await the.start({
      prepare: async (root) => {
        await mkdir(join(root, '.gone-0123'))
        await mkdir(join(root, 'w1'))
      },
    })
    await expect.poll(() => readdir(other.root)).toEqual(['w1'])
  })

  test.concurrent.each(['everything', 'everything=1', 'everything=true&x=1', 'all=true'])(
    'DELETE of a workspace with ?%s deletes nothing',
    async (query) => {
      const workspace = newWorkspace()
      await the.runner.client(workspace).writeFile('a.txt', 'x')
      expect((await ask(the.runner, 'DELETE', `/w/${workspace}?${query}`)).status).toBe(400)
      expect((await the.runner.client(workspace).listFiles()).files).toHaveLength(1)
    },
  )
}

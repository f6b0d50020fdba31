/** `__file__`: a real file in the working folder, which nobody else sees and which is gone with the run. */
import { chmod, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startPackageIndex } from '../../support/package-index.ts'
import { program } from '../../support/programs.ts'
import { begin, type Contract, expectNoPrograms, newWorkspace, run } from './context.ts'

export function programFile(the: Contract): void {
  const folderOf = (workspace: string) => join(the.runner.root, workspace, 'files')

  test.concurrent('a program finds itself, and what lies beside it, in the working folder', async () => {
    const { stdout, stderr, exit, events, workspace } = await run(the.runner, program('beside_itself'), {
      files: { 'in.csv': 'a,b\n' },
    })
    expect({ stdout, stderr, status: exit.status }).toEqual({
      stdout: `folder True a,b
read True True
source True """What
pickled True True
run 6
again True a,b
listed ['copy.py', 'in.csv', 'out.csv'] ['copy.py', 'in.csv', 'out.csv'] [b'copy.py', b'in.csv', b'out.csv']
scanned ['copy.py', 'in.csv', 'out.csv'] ['copy.py', 'in.csv', 'out.csv']
`,
      stderr: '',
      status: 'success',
    })
    expect(events.flatMap((event) => (event.type === 'file' ? [`${event.change} ${event.path}`] : []))).toEqual([
      'created copy.py',
      'created out.csv',
    ])
    expect((await readdir(folderOf(workspace))).toSorted()).toEqual(['copy.py', 'in.csv', 'out.csv'])
  })

  test.concurrent.each(['spawn', 'forkserver'])('children by %s find what lies beside the program', async (START) => {
    const { stdout, stderr } = await run(the.runner, program('multiprocess_beside'), {
      env: { START },
      files: { 'in.csv': 'a,b\n' },
      timeout_s: 30,
    })
    expect({ stdout, stderr }).toEqual({ stdout: "['a,b', 'a,b']\n", stderr: '' })
  })

  test.concurrent('the traceback and the error name its lines, and no code of the runner', async () => {
    const { stderr, exit } = await run(the.runner, "import os\n\nos.listdir('nothing')  # here\n")
    expect(stderr).toMatch(
      /^Traceback \(most recent call last\):\n {2}File ".*\/files\/_run_main\.py", line 3, in <module>\n {4}os\.listdir\('nothing'\) {2}# here\n(?: +[~^]+\n)?FileNotFoundError: \[Errno 2\] No such file or directory: 'nothing'\n$/,
    )
    expect(exit.error).toMatchObject({ type: 'FileNotFoundError', line: 3 })
  })

  test('installed packages are shown it', async () => {
    const modules = {
      'looking.py': 'import os\ndef look():\n    return os.listdir(), [each.name for each in os.scandir()]\n',
    }
    await using index = await startPackageIndex([{ name: 'looking', version: '1.0', modules }])
    await using runner = await the.start({ env: index.env })
    for await (const _ of runner.client('w1').install(['looking'], 60, new AbortController().signal)) continue
    const { stdout } = await run(runner, 'import looking, os\nprint(looking.look(), os.listdir())', { workspace: 'w1' })
    expect(stdout).toBe("(['_run_main.py'], ['_run_main.py']) []\n")
  })

  test.concurrent('runs at the same time have each their own, and see none of the others', async () => {
    const workspace = newWorkspace()
    const code = (n: number) =>
      `import os, sys, time\nprint('up', flush=True)\nsys.stdin.read()\nwhile not os.path.exists(os.environ['HOME'] + '/go'): time.sleep(0.02)\nprint(${n}, '# mark${n}' in open(__file__).read(), os.listdir())  # mark${n}`
    const live = [1, 2, 3].map((n) => begin(the.runner, code(n), { workspace }))
    await Promise.all(live.map((each) => each.until('up')))
    expect((await the.runner.client(workspace).listFiles()).files).toEqual([])
    expect((await readdir(folderOf(workspace))).toSorted()).toEqual([
      '_run_2_main.py',
      '_run_3_main.py',
      '_run_main.py',
    ])
    // Not in the working folder, whose files are looked at.
    await writeFile(join(the.runner.root, workspace, 'home', 'go'), '')
    const ended = await Promise.all(live.map((each) => each.rest()))
    expect(ended.map(({ stdout }) => stdout)).toEqual([1, 2, 3].map((n) => `up\n${n} True []\n`))
    expect(ended.flatMap(({ events }) => events.filter(({ type }) => type === 'file'))).toEqual([])
    expect(await readdir(folderOf(workspace))).toEqual([])
  })

  test.concurrent("a user's main.py, and a file of that very name, stay as they are", async () => {
    const workspace = newWorkspace()
    const files = { 'main.py': 'MINE = 1\n', '_run_main.py': 'MINE = 2\n' }
    const { stdout } = await run(the.runner, 'import main, _run_main\nprint(main.MINE, _run_main.MINE)', {
      workspace,
      files,
    })
    expect(stdout).toBe('1 2\n')
    for (const [name, text] of Object.entries(files))
      expect(await readFile(join(folderOf(workspace), name), 'utf8')).toBe(text)
  })

  test.concurrent('whatever the program makes of its file, nothing of it is left', async () => {
    const workspace = newWorkspace()
    for (const deed of [
      'os.remove(__file__)',
      "open(__file__, 'a').write('# more')",
      "os.rename('_run_main.py', 'kept.py'); open(__file__, 'w').write('x')",
      'os.remove(__file__); os.symlink("/etc/hostname", __file__)',
    ]) {
      const { exit } = await run(the.runner, `import os\n${deed}\n`, { workspace })
      expect(exit.status).toBe('success')
    }
    expect(await readdir(folderOf(workspace))).toEqual(['kept.py'])
    expect(await readFile('/etc/hostname', 'utf8')).not.toBe('')
  })

  test('a runner that is killed leaves it for the next one to remove, and nothing else is removed', async () => {
    const files = await mkdtemp(join(tmpdir(), 'given-'))
    await chmod(files, 0o777) // programs may be another user
    try {
      await writeFile(join(files, 'main.py'), 'MINE = 1\n')
      const first = await the.start({ files })
      const live = begin(first, program('sleep'))
      await live.until('sleeping')
      expect((await readdir(files)).toSorted()).toEqual(['_run_main.py', 'main.py'])
      process.kill(first.pid, 'SIGKILL')
      await live.rest().catch(() => 'it broke off')
      await first.ended
      await expectNoPrograms(first, live.workspace)
      const prepare = (root: string) => cp(first.root, root, { recursive: true, verbatimSymlinks: true })
      await using _second = await the.start({ files, prepare })
      expect(await readdir(files)).toEqual(['main.py'])
      await first.stop()
    } finally {
      await rm(files, { recursive: true, force: true })
    }
  })
}

/** What a workspace holds goes out as an archive and comes back from it, whole or not at all. */
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startPackageIndex } from '../../support/package-index.ts'
import { commandOf, processesOf } from '../../support/processes.ts'
import { answerTo, ask, open } from '../../support/raw.ts'
import type { RunningRunner } from '../../support/runner.ts'
import { begin, type Contract, newWorkspace, run } from './context.ts'

/** Everything that a folder can hold; `look` says what is there. */
const FILL = `
import os, pathlib
home = pathlib.Path(os.environ["HOME"])
for path, text in {"a.txt": "a", "sub/deep/ü ñ.csv": "1,2", "run.sh": "#!/bin/sh", "empty": "", "-rf": "x", "new\\nline": "y"}.items():
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(path).write_text(text)
os.chmod("run.sh", 0o755)
os.utime("a.txt", ns=(1_700_000_000_123_456_789, 1_700_000_000_123_456_789))
os.mkdir("no files")
os.symlink("/etc/hostname", "absolute")
os.symlink("a.txt", "relative")
os.symlink("nowhere", "broken")
os.link("a.txt", "second name")
with open("holes", "wb") as file:
    file.truncate(200 * 1024 ** 2)
(home / "kept").write_text("k")
(home / ".cache").mkdir()
(home / ".cache" / "big").write_text("left out")
`
const LOOK = `
import os, hashlib
def look(top):
    for folder, folders, files in sorted(os.walk(top)):
        for name in sorted(folders + files):
            path = os.path.join(folder, name)
            status = os.lstat(path)
            what = os.readlink(path) if os.path.islink(path) else "" if os.path.isdir(path) else hashlib.md5(open(path, "rb").read()).hexdigest()
            when = status.st_mtime_ns if os.path.isfile(path) and not os.path.islink(path) else ""
            print(ascii(os.path.relpath(path, top)), oct(status.st_mode), status.st_nlink if what else "", when, what)
look(".")
look(os.environ["HOME"])
print(os.stat("holes").st_blocks < 1000)
`

export function archives(the: Contract): void {
  test('files come back as they were, in another workspace too', async () => {
    const { workspace } = await run(the.runner, FILL)
    const before = await run(the.runner, LOOK, { workspace })
    expect(before.stderr).toBe('')
    const archive = await fetchArchive(the.runner, workspace, 'files')
    const other = newWorkspace()
    await run(the.runner, 'open("other.txt", "w").write("goes")', { workspace: other })
    expect(await put(the.runner, other, 'files', archive.body)).toMatchObject({
      status: 200,
      json: { part: 'files' },
    })
    await run(the.runner, 'import os, shutil; shutil.rmtree(os.path.join(os.environ["HOME"], ".cache"))', { workspace })
    const after = await run(the.runner, LOOK, { workspace: other })
    expect(after.stdout).toBe((await run(the.runner, LOOK, { workspace })).stdout)
    expect(after.stdout).toContain('True')
    expect(after.stdout).toContain("'second name'")
    // It would be the same archive again.
    expect((await fetchArchive(the.runner, other, 'files')).headers.etag).toBe(archive.headers.etag)
    expect(await leftovers(the.runner)).toEqual([])
  })

  test('an archive that the client has is not sent again, and any change is seen', async () => {
    const { workspace } = await run(
      the.runner,
      'import os; open("a.txt", "w").write("abc"); os.symlink("a.txt", "link"); os.mkdir("d")',
    )
    const tagNow = async (known = '') =>
      fetchArchive(the.runner, workspace, 'files', { 'if-none-match': known }).then(({ status, headers, body }) => {
        if (status === 304) expect(body).toHaveLength(0)
        return { status, tag: headers.etag! }
      })
    let { tag } = await tagNow()
    expect((await tagNow(tag)).status).toBe(304)
    for (const change of [
      'open("a.txt", "w").write("abd")',
      'import os; os.chmod("a.txt", 0o600)',
      'import os; os.rename("a.txt", "b.txt")',
      'import os; os.remove("link"); os.symlink("b.txt", "link")',
      'import os; os.rmdir("d")',
      'import os; open(os.path.join(os.environ["HOME"], "h"), "w")',
      'import os; os.remove("b.txt")',
    ]) {
      await run(the.runner, change, { workspace })
      const now = await tagNow(tag)
      expect(now, change).toEqual({ status: 200, tag: expect.stringMatching(/^"[0-9a-f]{64}"$/) })
      expect(now.tag, change).not.toBe(tag)
      tag = now.tag
    }
    await run(the.runner, 'print("changes nothing")', { workspace })
    expect((await tagNow(tag)).status).toBe(304)
  })

  test('where there is nothing to keep there is no archive', async () => {
    const { workspace } = await run(the.runner, 'print(1)')
    for (const part of ['files', 'packages']) {
      expect((await fetchArchive(the.runner, workspace, part)).status).toBe(204)
    }
  })

  test('a folder that cannot be read is not taken for an empty one', async () => {
    const { workspace } = await run(the.runner, 'open("mine.txt", "w").write("x")')
    const home = join(the.runner.root, workspace, 'home')
    await chmod(home, 0)
    const { status } = await fetchArchive(the.runner, workspace, 'files')
    await chmod(home, 0o755)
    const isRoot = (await stat(`/proc/${the.runner.pid}`)).uid === 0 // to whom nothing is closed
    expect(status).toBe(isRoot ? 200 : 500)
    expect((await fetchArchive(the.runner, workspace, 'files')).status).toBe(200)
  })

  test('installed packages come back', async () => {
    await using index = await startPackageIndex([
      { name: 'demo', version: '1.0', modules: { 'demo.py': 'VERSION = "1.0"\n' } },
      { name: 'other', version: '2.0', modules: { 'other.py': '' } },
    ])
    const runner = await the.start({ env: index.env })
    try {
      const [from, to] = [newWorkspace(), newWorkspace()]
      for (const spec of ['demo', 'other']) for await (const _ of runner.client(from).install([spec], 60)) continue
      const { body, headers } = await fetchArchive(runner, from, 'packages')
      // The generation before the current one stays behind.
      expect(list(body).filter((path) => /^packages\/[^/]+\/?$/.test(path))).toHaveLength(2)
      await run(runner, 'import json', { workspace: to })
      expect((await put(runner, to, 'packages', body)).status).toBe(200)
      expect((await run(runner, 'import demo, other; print(demo.VERSION)', { workspace: to })).stdout).toBe('1.0\n')
      expect((await runner.client(to).health()).packages).toEqual(expect.arrayContaining(['demo==1.0', 'other==2.0']))
      expect((await fetchArchive(runner, to, 'packages')).headers.etag).toBe(headers.etag)
      // And more can be installed beside them.
      expect((await runner.client(to).check('import demo', [])).imports).toMatchObject([{ kind: 'installed' }])
    } finally {
      await runner.stop()
    }
  })

  test('while programs run nothing is put into their place', async () => {
    const { workspace } = await run(the.runner, 'open("mine.txt", "w").write("x")')
    const { body } = await fetchArchive(the.runner, workspace, 'files')
    await run(the.runner, 'open("newer.txt", "w").write("x")', { workspace })
    const sleeping = begin(the.runner, 'import time; print("on", flush=True); time.sleep(60)', { workspace })
    await sleeping.until('on')
    expect(await put(the.runner, workspace, 'files', body)).toMatchObject({
      status: 409,
      json: { error: { code: 'conflict' } },
    })
    await the.runner.client(workspace).cancel(sleeping.id)
    expect((await the.runner.client(workspace).listFiles()).files.map(({ path }) => path)).toEqual([
      'mine.txt',
      'newer.txt',
    ])
  })

  test.each([
    ['not one at all', () => Buffer.from('hello')],
    ['cut off', (whole: Buffer) => whole.subarray(0, whole.length / 2)],
    ['empty', () => Buffer.alloc(0)],
  ])('an archive that is %s changes nothing', async (_, broken) => {
    const noise = 'import os; open("noise.bin", "wb").write(os.urandom(300_000)); open("mine.txt", "w").write("x")'
    const { workspace } = await run(the.runner, noise)
    const { body } = await fetchArchive(the.runner, workspace, 'files')
    expect(await put(the.runner, workspace, 'files', broken(body))).toMatchObject({
      status: 400,
      json: { error: { code: 'bad_request', message: expect.stringContaining('cannot be unpacked') } },
    })
    expect((await the.runner.client(workspace).listFiles()).files).toHaveLength(2)
    expect(await leftovers(the.runner)).toEqual([])
  })

  test('a client that leaves while it sends or receives leaves nothing behind', async () => {
    const { workspace } = await run(
      the.runner,
      'import os\nfor n in range(40): open(f"{n}.bin", "wb").write(os.urandom(1_000_000))',
    )
    const path = `/w/${workspace}/archives/files`
    const reading = open(the.runner, 'GET', path)
    await answerTo(reading)
    await expect.poll(() => tars(the.runner), { timeout: 20_000 }).not.toEqual([])
    reading.destroy()
    await expect.poll(() => tars(the.runner), { timeout: 20_000 }).toEqual([])

    const { body } = await fetchArchive(the.runner, workspace, 'files')
    const sending = open(the.runner, 'PUT', path, {
      body: body.subarray(0, 1_000_000),
      chunked: true,
      unfinished: true,
    })
    sending.on('error', () => {})
    await expect.poll(() => tars(the.runner), { timeout: 20_000 }).not.toEqual([])
    sending.destroy()
    await expect.poll(() => tars(the.runner), { timeout: 20_000 }).toEqual([])
    await expect.poll(() => leftovers(the.runner), { timeout: 20_000 }).toEqual([])
    expect((await the.runner.client(workspace).listFiles()).files).toHaveLength(40)
  })

  test('files that a program changes meanwhile do not stop it', async () => {
    const live = begin(
      the.runner,
      `import os
n = 0
while True:
    with open(f"grows{n % 50}.log", "ab") as file:
        file.write(os.urandom(50_000))
    if n % 7 == 6:
        os.remove(f"grows{n % 50}.log")
    if n == 0:
        print("on", flush=True)
    n += 1
`,
    )
    await live.until('on')
    for (let n = 0; n < 5; n++) {
      const { status, body } = await fetchArchive(the.runner, live.workspace, 'files')
      expect(status).toBe(200)
      expect(list(body)[0]).toBe('files/')
    }
    await the.runner.client(live.workspace).cancel(live.id)
    // It was changing files until then.
    expect((await live.rest()).exit).toMatchObject({ status: 'cancelled' })
  })

  test('an archive reaches no file outside the workspace', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'evil-'))
    try {
      await mkdir(join(folder, 'outside'))
      await writeFile(join(folder, 'outside', 'safe'), 'safe')
      await mkdir(join(folder, 'first'))
      await symlink(join(folder, 'outside'), join(folder, 'first', 'files'))
      await mkdir(join(folder, 'second', 'files'), { recursive: true })
      await writeFile(join(folder, 'second', 'files', 'safe'), 'overwritten')
      const { workspace } = await run(the.runner, 'open("mine.txt", "w").write("x")')
      const attacks = [
        tarOf(folder, '-C', 'first', 'files'),
        tarOf(folder, '-C', 'first', 'files', '-C', '../second', 'files/safe'),
        tarOf(folder, '-P', '--transform=s,^,../../,', '-C', 'second', 'files'),
        tarOf(folder, '-P', `--transform=s,^files,${folder}/outside,`, '-C', 'second', 'files'),
      ]
      for (const attack of attacks) {
        await put(the.runner, workspace, 'files', attack)
        expect(await readFile(join(folder, 'outside', 'safe'), 'utf8')).toBe('safe')
        expect(await readdir(join(the.runner.root, workspace))).toContain('files')
        expect((await run(the.runner, 'import os; print(os.path.islink(os.getcwd()))', { workspace })).stdout).toBe(
          'False\n',
        )
      }
      expect((await readdir(the.runner.root)).filter((name) => name.startsWith('files'))).toEqual([])
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('only what is known is asked for', async () => {
    const workspace = newWorkspace()
    expect((await ask(the.runner, 'GET', `/w/${workspace}/archives/tmp`)).status).toBe(404)
    expect((await ask(the.runner, 'POST', `/w/${workspace}/archives/files`)).status).toBe(405)
    const given = await mkdtemp(join(tmpdir(), 'given-'))
    const runner = await the.start({ files: given })
    try {
      for (const method of ['GET', 'PUT']) {
        expect(await ask(runner, method, `/w/${workspace}/archives/files`)).toMatchObject({ status: 409 })
      }
    } finally {
      await runner.stop()
      await rm(given, { recursive: true })
    }
  })
}

async function fetchArchive(
  runner: RunningRunner,
  workspace: string,
  part: string,
  headers: Record<string, string> = {},
) {
  const response = await answerTo(open(runner, 'GET', `/w/${workspace}/archives/${part}`, { headers }))
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return { status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }
}

function put(runner: RunningRunner, workspace: string, part: string, body: Buffer) {
  return ask(runner, 'PUT', `/w/${workspace}/archives/${part}`, { body })
}

/** The names in an archive. */
function list(archive: Buffer): string[] {
  return execFileSync('tar', ['-tz'], { input: archive }).toString().trim().split('\n')
}

function tarOf(folder: string, ...args: string[]): Buffer {
  return execFileSync('tar', ['-cz', ...args], { cwd: folder })
}

/** The runner's own tars. */
function tars(runner: RunningRunner): string[] {
  return processesOf(runner.root)
    .map(({ pid }) => commandOf(pid))
    .filter((command) => command.startsWith('tar '))
}

/** What should have been removed from among the workspaces. `.short-tmp` names a folder of the runner, for as long as it runs. */
async function leftovers(runner: RunningRunner): Promise<string[]> {
  return (await readdir(runner.root)).filter((name) => name.startsWith('.') && name !== '.short-tmp')
}

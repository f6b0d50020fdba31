/** Files: given with a run, changed by it, read and written over HTTP. Nothing outside the workspace can be reached. */
import { chmod, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fileList } from '../../../worker/run/contract/workspace.ts'
import { program } from '../../support/programs.ts'
import { answerTo, ask, open } from '../../support/raw.ts'
import { collect } from '../../support/runner.ts'
import { begin, type Contract, type Finished, newWorkspace, request, run } from './context.ts'

const NOTHING = 'pass'
const OUTSIDE = ['../x', 'a/../../x', '/etc/x', '..', '.', '', 'a/', 'a//b', './x', 'nul\0x']

export function workspace(the: Contract): void {
  test.concurrent('files are there when the program starts, overwrite, and may be bytes', async () => {
    const files = { 'data.csv': 'a,b\n', 'deep/er/logo.bin': { base64: 'AP8K' }, 'ünïcode.txt': 'é' }
    const code = "print(open('data.csv').read(), open('deep/er/logo.bin', 'rb').read(), open('ünïcode.txt').read())"
    const first = await run(the.runner, code, { files })
    expect(first.stdout).toBe("a,b\n b'\\x00\\xff\\n' é\n")
    const second = await run(the.runner, code, { workspace: first.workspace, files: { 'data.csv': 'c\n' } })
    expect(second.stdout).toBe("c\n b'\\x00\\xff\\n' é\n")
  })

  test.concurrent.each(OUTSIDE)('the file path %j refuses the whole run, and nothing is written', async (path) => {
    const space = newWorkspace()
    const body = JSON.stringify(request(NOTHING, { files: { 'a-first.txt': 'x', [path]: 'x', 'z-last.txt': 'x' } }))
    const answer = await ask(the.runner, 'POST', `/w/${space}/runs`, { body })
    expect(answer).toMatchObject({ status: 400, json: { error: { code: 'bad_request' } } })
    expect((await the.runner.client(space).listFiles()).files).toEqual([])
  })

  test.concurrent('a file through a symbolic link refuses the whole run, and nothing is written', async () => {
    const { workspace: space } = await run(
      the.runner,
      "import os; os.symlink('/tmp', 'tmp'); os.symlink('target.txt', 'link.txt')",
    )
    for (const path of ['tmp/through-a-link.txt', 'link.txt']) {
      const body = JSON.stringify(request(NOTHING, { files: { 'a-first.txt': 'x', [path]: 'x' } }))
      expect((await ask(the.runner, 'POST', `/w/${space}/runs`, { body })).status).toBe(400)
    }
    expect((await the.runner.client(space).listFiles()).files).toEqual([])
    expect(await readdir('/tmp')).not.toContain('through-a-link.txt')
  })

  test.concurrent.each([{ base64: 'not base64!' }, { base64: 'AP8' }, { text: 'x' }, 7, null])(
    'the file content %j is refused',
    async (content) => {
      const body = JSON.stringify({ ...request(NOTHING), files: { 'a.txt': content } })
      expect((await ask(the.runner, 'POST', `/w/${newWorkspace()}/runs`, { body })).status).toBe(400)
    },
  )

  test.concurrent('created, changed and deleted files are reported after the program, others not', async () => {
    const files = { 'data.csv': 'a,b\n', 'old.txt': 'x', 'replaced.txt': 'same size', 'kept.txt': 'x' }
    const { workspace: space } = await run(the.runner, NOTHING, { files })
    const result = await run(the.runner, program('file_changes'), { workspace: space })
    expect(result.exit.status).toBe('success')
    expect(changes(result)).toEqual([
      { path: 'data.csv', change: 'changed', bytes: 8, mime: 'text/csv' },
      { path: 'old.txt', change: 'deleted', bytes: null, mime: null },
      { path: 'out/deep/chart.png', change: 'created', bytes: 108, mime: 'image/png' },
      { path: 'replaced.txt', change: 'changed', bytes: 9, mime: 'text/plain' },
    ])
  })

  test.concurrent('a file that was given and not touched is not reported', async () => {
    expect(changes(await run(the.runner, NOTHING, { files: { 'given.txt': 'x' } }))).toEqual([])
  })

  test.concurrent('links, FIFOs, sockets, odd names and closed folders neither block nor break the report', async () => {
    const result = await run(the.runner, program('odd_files'))
    expect(result.stderr).toBe('')
    expect(result.exit.status).toBe('success')
    const paths = changes(result).map((change) => change.path)
    expect(paths).toEqual(
      expect.arrayContaining(['plain.txt', 'sparse.bin', 'line\nbreak.txt', '-leading.txt', '\u202egnp.txt']),
    )
    expect(paths.filter((path) => /^(link|folder-link|loop|fifo|socket)/.test(path))).toEqual([])
    const listed = await ask(the.runner, 'GET', `/w/${result.workspace}/files`)
    expect(listed.status).toBe(200)
    expect(fileList.parse(listed.json).files.map((file) => file.path)).toEqual(
      expect.arrayContaining(['plain.txt', '-leading.txt']),
    )
  })

  test.concurrent('no more than 1,000 files are reported, and that there are more is said', async () => {
    const result = await run(the.runner, program('many_files'))
    expect(changes(result)).toHaveLength(1_000)
    expect(result.exit).toMatchObject({ status: 'success', files_cut: true })
  })

  test.concurrent('a file can be written, listed, read, replaced and deleted', async () => {
    const space = newWorkspace()
    const path = `/w/${space}/files/${encodeURIComponent('a b')}/${encodeURIComponent('ü%?#.csv')}`
    expect((await ask(the.runner, 'PUT', path, { body: 'a,b\n' })).status).toBe(201)
    expect((await ask(the.runner, 'PUT', path, { body: Buffer.from([0, 255, 10]) })).status).toBe(200)
    const { files, cut } = await the.runner.client(space).listFiles()
    expect({ files, cut }).toMatchObject({ files: [{ path: 'a b/ü%?#.csv', bytes: 3, mime: 'text/csv' }], cut: false })
    expect(Math.abs(Date.parse(files[0]!.modified) - Date.now())).toBeLessThan(600_000)
    const read = await the.runner.client(space).readFile('a b/ü%?#.csv')
    expect(Buffer.from(await read!.arrayBuffer())).toEqual(Buffer.from([0, 255, 10]))
    expect(read!.headers.get('content-type')).toContain('text/csv')
    expect((await run(the.runner, "print(open('a b/ü%?#.csv', 'rb').read())", { workspace: space })).stdout).toBe(
      "b'\\x00\\xff\\n'\n",
    )
    expect((await ask(the.runner, 'DELETE', path)).status).toBeLessThan(300)
    expect((await ask(the.runner, 'GET', path)).status).toBe(404)
    expect((await ask(the.runner, 'DELETE', path)).status).toBe(404)
  })

  test.concurrent('a body without a length is written like any other', async () => {
    const space = newWorkspace()
    const answer = await ask(the.runner, 'PUT', `/w/${space}/files/a.txt`, { body: 'chunk', chunked: true })
    expect(answer.status).toBe(201)
    expect(await (await the.runner.client(space).readFile('a.txt'))!.text()).toBe('chunk')
  })

  test.concurrent('an upload that breaks off leaves the old file as it was', async () => {
    const space = newWorkspace()
    await the.runner.client(space).writeFile('a.txt', 'old')
    const upload = open(the.runner, 'PUT', `/w/${space}/files/a.txt`, {
      body: 'half',
      headers: { 'content-length': '1000' },
      unfinished: true,
    })
    upload.on('error', () => {
      // it is we who break it off
    })
    await new Promise((resolve) => setTimeout(resolve, 300))
    upload.destroy()
    expect(await (await the.runner.client(space).readFile('a.txt'))!.text()).toBe('old')
    expect((await the.runner.client(space).listFiles()).files).toHaveLength(1)
  })

  test.concurrent('an upload beyond the size limit is refused before it is sent', async () => {
    const headers = { 'content-length': String(1024 ** 3 + 1) }
    const upload = open(the.runner, 'PUT', `/w/${newWorkspace()}/files/a.bin`, { headers, unfinished: true })
    upload.flushHeaders()
    const response = await answerTo(upload)
    expect(response.statusCode).toBe(413)
    upload.destroy()
  })

  test.concurrent.each([
    '..',
    '../x',
    '%2e%2e/x',
    '..%2fx',
    'a/..%2f..%2fx',
    '%2fetc%2fhostname',
    '.',
    'a//b',
    'x%00y',
    'x%ff',
  ])('the address files/%s reaches nothing', async (path) => {
    const address = `/w/${newWorkspace()}/files/${path}`
    expect([400, 404]).toContain((await ask(the.runner, 'GET', address)).status)
    expect([400, 404]).toContain((await ask(the.runner, 'PUT', address, { body: 'x' })).status)
    expect([400, 404]).toContain((await ask(the.runner, 'DELETE', address)).status)
  })

  test.concurrent.each([
    'link',
    'folder-link/hostname',
    'loop/plain.txt',
    'fifo',
    'socket',
    'closed',
    'nothing',
    'plain.txt/x',
  ])('%s cannot be read, and writing to it is refused or replaces nothing outside', async (path) => {
    const { workspace: space } = await run(the.runner, program('odd_files'))
    const address = `/w/${space}/files/${path}`
    const before = await readFile('/etc/hostname', 'utf8')
    expect((await ask(the.runner, 'GET', address)).status).toBe(404)
    if (path !== 'nothing') expect((await ask(the.runner, 'PUT', address, { body: 'overwritten' })).status).toBe(400)
    expect([400, 404, ...(path === 'nothing' ? [200, 204] : [])]).toContain(
      (await ask(the.runner, 'DELETE', address)).status,
    )
    expect(await readFile('/etc/hostname', 'utf8')).toBe(before)
  })

  test.concurrent('two workspaces do not see each other', async () => {
    const { workspace: first } = await run(the.runner, "open('mine.txt', 'w').write('x')")
    const second = await run(the.runner, "import os; print(os.listdir('.'))")
    expect(second.stdout).toBe('[]\n')
    expect(await the.runner.client(second.workspace).readFile('mine.txt')).toBeNull()
    expect((await the.runner.client(first).listFiles()).files.map((file) => file.path)).toEqual(['mine.txt'])
  })

  test.concurrent('a path given to the client cannot lead it into another workspace', async () => {
    const { workspace: first } = await run(the.runner, "open('mine.txt', 'w').write('x')")
    const { workspace: second } = await run(the.runner, NOTHING)
    const client = the.runner.client(second)
    for (const path of [`../../${first}/files/mine.txt`, `a/../../../${first}/files/mine.txt`]) {
      expect(await client.readFile(path).catch(() => null)).toBeNull()
      await client.writeFile(path, 'overwritten').catch(() => null) // refused or lost, as it likes
    }
    expect(await (await the.runner.client(first).readFile('mine.txt'))!.text()).toBe('x')
  })

  test.concurrent('resetting a workspace empties it, and another one is left alone', async () => {
    const { workspace: first } = await run(the.runner, "import os; os.mkdir('a'); open('a/one', 'w'); open('two', 'w')")
    const { workspace: second } = await run(the.runner, "open('kept', 'w')")
    expect((await ask(the.runner, 'GET', `/w/${first}`)).status).toBe(405)
    expect(await the.runner.client(first).reset()).toEqual({ files: 2, packages: 0 })
    expect((await the.runner.client(first).listFiles()).files).toEqual([])
    expect((await run(the.runner, 'print(1)', { workspace: first })).stdout).toBe('1\n')
    expect((await the.runner.client(second).listFiles()).files).toHaveLength(1)
  })

  test.concurrent('resetting follows no link that a program put into the way', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'outside-'))
    await chmod(outside, 0o755)
    await writeFile(join(outside, 'kept'), 'x')
    const { workspace } = await run(the.runner, `import os; os.symlink(${JSON.stringify(outside)}, 'link')`)
    await the.runner.client(workspace).reset()
    expect(await readdir(outside)).toEqual(['kept'])
    await rm(outside, { recursive: true })
  })

  test.concurrent('a workspace in which a program runs is not reset', async () => {
    const workspace = newWorkspace()
    const client = the.runner.client(workspace)
    for await (const event of client.start(request('import time\nopen("mine", "w")\nprint(1)\ntime.sleep(600)'))) {
      if (event.type === 'stdout') break
    }
    await expect(client.reset()).rejects.toMatchObject({ code: 'conflict' })
    expect((await client.listFiles()).files).toHaveLength(1)
  })

  test.concurrent('files that a program made elsewhere and names are copied, others never', async () => {
    const out = await mkdtemp(join(tmpdir(), 'outside-'))
    try {
      await chmod(out, 0o777)
      await writeFile(join(out, 'old.txt'), 'was there before')
      const result = await run(the.runner, program('save_outside'), { env: { OUT: out } })
      expect(result.stderr).not.toContain('Error')
      const copied = changes(result).filter(({ path }) => path.startsWith('.outputs/'))
      expect(copied.map(({ path, change }) => `${change} ${path.replace(/tmp\w+/, 'tmp…')}`)).toEqual(
        [
          `created .outputs/${result.id}${out}/my chart (1).png`,
          `created .outputs/${result.id}${out}/plain.csv`,
          `created .outputs/${result.id}/tmp/tmp….bin`,
        ].toSorted(),
      )
      const read = await the.runner.client(result.workspace).readFile(`.outputs/${result.id}${out}/my chart (1).png`)
      expect(await read!.text()).toBe('my chart (1).png')
    } finally {
      await rm(out, { recursive: true })
    }
  })

  test.concurrent('a file in another workspace is not copied, whoever names it', async () => {
    const client = the.runner.client(newWorkspace())
    const other = begin(
      the.runner,
      "import os, time; open('mine.txt', 'w').write('x'); print(os.getcwd()); time.sleep(600)",
    )
    await other.until('files')
    const path = join(the.runner.root, other.workspace, 'files', 'mine.txt')
    const code = `import os, time; os.utime(${JSON.stringify(path)}); print(${JSON.stringify(path)})`
    const { events } = await collect(client.start(request(code)))
    expect(events.filter(({ type }) => type === 'file')).toEqual([])
    await the.runner.client(other.workspace).cancel(other.id)
    await other.rest()
  })

  test.concurrent('too many files elsewhere are cut, and that is said', async () => {
    const code =
      "import os\nfor n in range(12): path = f'/tmp/{n}-' + os.environ['MARK']; open(path, 'w').write('x'); print(path)"
    const mark = `mark-${crypto.randomUUID()}`
    const result = await run(the.runner, code, { env: { MARK: mark } })
    for (let n = 0; n < 12; n++) await rm(`/tmp/${n}-${mark}`, { force: true })
    expect(changes(result)).toHaveLength(10)
    expect(result.exit.files_cut).toBe(true)
  })

  test.concurrent('what two runs at once change is shared, by the time of the change', async () => {
    const workspace = newWorkspace()
    const first = begin(
      the.runner,
      [
        'import os, time',
        "open('alone.txt', 'w').write('1')",
        'time.sleep(0.2)',
        "print('ready')",
        "while not os.path.exists('go'): time.sleep(0.02)",
        "open('both.txt', 'w').write('1')",
        "print('done')",
      ].join('\n'),
      { workspace },
    )
    await first.until('ready')
    const second = begin(
      the.runner,
      [
        'import os, time',
        "open('go', 'w').write('2')",
        "while not os.path.exists('both.txt'): time.sleep(0.02)",
        "while not os.path.exists('ended'): time.sleep(0.02)",
        "open('later.txt', 'w').write('2')",
        "print('end')",
      ].join('\n'),
      { workspace },
    )
    const rest = second.rest()
    const one = await first.rest()
    await the.runner.client(workspace).writeFile('ended', '')
    const other = await rest
    const seen = (result: Finished) =>
      result.events.flatMap((event) =>
        event.type === 'file' ? [`${event.path}${event.shared === true ? ' shared' : ''}`] : [],
      )
    expect(seen(one)).toEqual(['alone.txt', 'both.txt shared', 'go shared'])
    expect(seen(other)).toEqual(['both.txt shared', 'ended', 'go shared', 'later.txt'])
  })

  test.concurrent('a run that follows another shares nothing with it', async () => {
    const { workspace } = await run(the.runner, "open('one.txt', 'w').write('1')")
    const { events } = await run(the.runner, "open('two.txt', 'w').write('2')", { workspace })
    expect(events.filter(({ type }) => type === 'file')).toEqual([
      { n: expect.any(Number), type: 'file', path: 'two.txt', change: 'created', bytes: 1, mime: 'text/plain' },
    ])
  })

  test.concurrent('with --files the programs of every workspace work in that folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'given-'))
    try {
      await chmod(folder, 0o777) // programs may run as another user
      await writeFile(join(folder, 'data.txt'), 'given')
      await symlink('/etc/hostname', join(folder, 'link'))
      await using other = await the.start({ files: folder })
      const { stdout, workspace: first } = await run(
        other,
        "print(open('data.txt').read()); open('made.txt', 'w').write('x')",
      )
      expect(stdout).toBe('given\n')
      expect(await readdir(folder)).toContain('made.txt')
      expect((await run(other, "print(open('made.txt').read())")).stdout).toBe('x\n')
      expect(await other.client(first).readFile('link')).toBeNull()
      await expect(other.client(first).reset()).rejects.toMatchObject({ code: 'conflict' })
      expect(await readdir(folder)).toContain('data.txt')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
}

/** The file events, by path. That they come after all output is checked too. */
function changes({ events }: Finished) {
  const types = events.map((event) => event.type)
  const first = types.indexOf('file')
  if (first !== -1) expect(types.slice(first, -1).every((type) => type === 'file')).toBe(true)
  return events
    .flatMap((event) => (event.type === 'file' ? [event] : []))
    .map(({ path, change, bytes, mime }) => ({ path, change, bytes, mime }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/** Programs as a user of their own: what they cannot do to the runner then. Needs root, as in the container. */
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startPackageIndex } from '../support/package-index.ts'
import { program } from '../support/programs.ts'
import { everybodyMayReach, testPython } from '../support/python.ts'
import { startRunner } from '../support/runner.ts'
import { uvIsMissing, withUv } from '../support/uv.ts'
import { run } from './contract/context.ts'

/** Users that have no other processes and files on any machine, nor in other tests: both are counted by user. */
const RUN_AS = '54351:54352'
const WITHOUT_NAMESPACES = '54361:54362'

const impossible =
  process.getuid?.() !== 0 || process.platform !== 'linux' || !(await everybodyMayReach(await testPython()))

test.skipIf(impossible).each(['plain', 'fork'] as const)(
  'a program started by %s has its own user and cannot touch the runner',
  async (start) => {
    await using runner = await startRunner({ start, runAs: RUN_AS })
    const { stdout, stderr, exit, workspace } = await run(runner, program('touch_the_runner'), {
      files: { 'given.txt': 'x' },
    })
    expect({ stdout, stderr, status: exit.status }).toEqual({
      stdout: expect.stringMatching(
        /^uid 54351 gid 54352 groups \[(54352)?\]\n(may not kill its parent\n)?token seen False\nmay not become root\n$/,
      ),
      stderr: '',
      status: 'success',
    })
    expect((await runner.client(workspace).health()).isolation).toMatchObject({ own_user: true })
    await runner.client(workspace).writeFile('given.txt', 'again')
    const next = await run(runner, "open('given.txt', 'a').write('!'); print(open('given.txt').read())", { workspace })
    expect(next).toMatchObject({ stdout: 'again!\n', exit: { status: 'success' } })
    expect(await (await runner.client(workspace).readFile('mine.txt'))!.text()).toBe('x')
  },
)

test.skipIf(impossible)('other paths of the working folder are links where programs have no mounts', async () => {
  const machine = await mkdtemp(join(tmpdir(), 'machine-'))
  await chmod(machine, 0o755)
  try {
    await mkdir(join(machine, 'data'))
    await using runner = await startRunner({ runAs: RUN_AS, namespaces: false, alsoAt: [join(machine, 'data')] })
    const code = `open('${machine}/data/out.csv', 'w').write('1')`
    for (const workspace of ['w1', 'w2']) {
      const { stderr, events } = await run(runner, code, { workspace })
      expect(stderr).toBe('')
      expect(events).toContainEqual(expect.objectContaining({ type: 'file', path: 'out.csv' }))
    }
    expect((await runner.client('w1').check("open('/mnt/data/x')", [])).elsewhere).toEqual(['/mnt/data'])
    expect(await readlink(join(machine, 'data'))).toBe(join(runner.root, 'w1', 'files'))
  } finally {
    await rm(machine, { recursive: true, force: true })
  }
})

test.skipIf(impossible).each(['plain', 'fork'] as const)(
  "with %s a program cannot read the runner's log of another run",
  async (start) => {
    await using runner = await startRunner({ start, runAs: RUN_AS })
    const secret = 'the secret of the first run'
    const { stdout } = await run(runner, "print('the secret ' + 'of the first run')")
    expect(stdout).toBe(`${secret}\n`)
    const second = await run(runner, program('search_the_root'), { env: { SEARCH: runner.root, SECRET: secret } })
    expect(second).toMatchObject({ stdout: '', exit: { status: 'success' } })
  },
)

test.skipIf(impossible)('the number of processes of a user of its own is limited by the system', async () => {
  await using runner = await startRunner({ start: 'plain', runAs: RUN_AS })
  const { stdout, exit } = await run(runner, program('fork_bomb'), { limits: { processes: 24 } })
  expect(exit.status).toBe('error')
  expect(stdout).not.toContain('unhindered')
  expect((await run(runner, 'print(1)')).stdout).toBe('1\n')
})

test.skipIf(impossible)('what an installer writes can be imported, and the installer is not root', async () => {
  const setup = await readFile(new URL('../fixtures/who_am_i.py', import.meta.url), 'utf8')
  await using index = await startPackageIndex([{ name: 'demo', version: '1.0', modules: { 'demo.py': setup } }])
  await using runner = await startRunner({ start: 'plain', runAs: RUN_AS, env: index.env })
  for await (const event of runner.client('w1').install(['demo'], 60)) {
    if (event.type === 'done') expect(event).toMatchObject({ status: 'success', installed: ['demo==1.0'] })
  }
  const { stdout } = await run(runner, 'import demo; print(demo.OWNER)', { workspace: 'w1' })
  expect(stdout).toBe('54351\n')
})

test.skipIf(impossible)('programs find no folder of an installation that is at work', async () => {
  await using index = await startPackageIndex([])
  await using runner = await startRunner({ start: 'fork', runAs: RUN_AS, env: index.env })
  for await (const event of runner.client('w1').install(['stall'], 60)) {
    if (event.type !== 'heartbeat' || !index.requests.includes('/simple/stall/')) continue
    const { stdout, exit } = await run(runner, "import os; print(os.listdir('../packages'))", { workspace: 'w1' })
    expect({ stdout, error: exit.error?.type }).toEqual({ stdout: '', error: 'PermissionError' })
    break
  }
})

test.skipIf(impossible)('a /dev/shm that is full before the limit is reached is named', async () => {
  await using runner = await startRunner({ runAs: WITHOUT_NAMESPACES, namespaces: false })
  const { exit } = await run(runner, program('fill_shared_memory'))
  expect(exit.error?.message).toMatch(/No space left on device.* \(\/dev\/shm is full: it has room for 512 MiB\)/)
  const mapped = `
import mmap
file = open('/dev/shm/mapped', 'w+b')
file.truncate(1 << 30)
memory = mmap.mmap(file.fileno(), 0)
while True: memory.write(b'x' * (1 << 20))`
  const { exit: ended } = await run(runner, mapped)
  expect(ended).toMatchObject({ signal: 'SIGBUS', error: { message: expect.stringContaining('/dev/shm is full') } })
})

test.skipIf(impossible).each(['reset', 'wipe'] as const)(
  'what a program keeps in a shared /tmp goes with a %s',
  async (how) => {
    await using runner = await startRunner({ runAs: WITHOUT_NAMESPACES, namespaces: false })
    const path = `/tmp/kept-${crypto.randomUUID()}`
    const { workspace } = await run(runner, `open('${path}', 'w').write('x')`)
    expect((await run(runner, `print(open('${path}').read())`, { workspace })).stdout).toBe('x\n')
    await runner.client(workspace)[how]()
    expect(existsSync(path)).toBe(false)
  },
)

const uvMissing = await uvIsMissing()
test.skipIf(impossible || uvMissing !== null)(
  'uv installs where the home of the runner’s user cannot be written',
  async () => {
    const home = await mkdtemp(join(tmpdir(), 'home-'))
    await chmod(home, 0o755)
    try {
      await using index = await startPackageIndex([{ name: 'demo', version: '1.0', modules: { 'demo.py': '' } }])
      const { UV_NO_CACHE: _uv, PIP_NO_CACHE_DIR: _pip, ...env } = withUv(index.env)
      await using runner = await startRunner({ user: { uid: 54341, gid: 54342 }, env: { ...env, HOME: home } })
      const events = []
      for await (const event of runner.client('w1').install(['demo'], 60)) events.push(event)
      expect(events.at(-1)).toEqual({ type: 'done', status: 'success', installed: ['demo==1.0'], message: null })
      const output = events.map((event) => ('text' in event ? event.text : '')).join('')
      expect(output).toContain(' + demo==1.0')
      expect(await readdir(home)).toEqual([])
    } finally {
      await rm(home, { recursive: true, force: true })
    }
  },
)

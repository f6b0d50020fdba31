/** Installing packages into a workspace, from an index on loopback. One after the other: each installation is a process of pip or uv. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { InstallEvent } from '../../../worker/run/contract/protocol.ts'
import { type PackageIndex, startPackageIndex } from '../../support/package-index.ts'
import { program } from '../../support/programs.ts'
import { ask } from '../../support/raw.ts'
import type { RunningRunner } from '../../support/runner.ts'
import type { Wheel } from '../../support/wheel.ts'
import { begin, type Contract, newWorkspace, run } from './context.ts'

const MIB = 1024 ** 2
const QUOTA = 8 * MIB

const demo = (version: string): Wheel => ({
  name: 'demo',
  version,
  modules: { 'demo/__init__.py': `VERSION = '${version}'\n`, 'demo/late.py': `VERSION = '${version}'\n` },
  requires: ['extra-speed==3.0; extra == "fast"'],
  extras: ['fast'],
})

const WHEELS: Wheel[] = [
  demo('1.0'),
  demo('2.0'),
  { name: 'needs-demo', version: '0.1', modules: { 'needs_demo.py': 'import demo\n' }, requires: ['demo>=1'] },
  { name: 'needs-old', version: '0.1', modules: { 'needs_old.py': '' }, requires: ['demo<2', 'gone>1; extra == "x"'] },
  { name: 'needs-new', version: '0.1', modules: { 'needs_new.py': '' }, requires: ['demo>=2'] },
  { name: 'extra-speed', version: '3.0', modules: { 'extra_speed.py': '' } },
  { name: 'cloudish-one', version: '1.0', modules: { 'cloudish/one/__init__.py': '' } },
  // While it is installed it is there twice, which has to stay below one and a half quotas.
  { name: 'bulky', version: '1.0', modules: { 'bulky.py': `#${'x'.repeat(5 * MIB)}\n` } },
  { name: 'half', version: '1.0', modules: { 'half.py': `#${'x'.repeat(30 * MIB)}\n` } },
  { name: 'broken', version: '1.0', modules: { 'broken.py': '' }, requires: ['demo==99'] },
]

const REFUSED = [
  '--index-url=https://example.com',
  '-r requirements.txt',
  '-e .',
  'https://example.com/demo.whl',
  'git+https://example.com/demo.git',
  'demo @ https://example.com/demo.whl',
  'demo@file:///etc/passwd',
  'file:///etc/passwd',
  './demo',
  '/etc/passwd',
  '../demo',
  'folder/demo',
  'demo other',
  'demo\nother',
  'demo\n--index-url=https://example.com',
  'demo==1.0 --hash=sha256:00',
  ' --pre',
  '\t-r x',
  'demo; rm -rf x',
  'demo`id`',
  '$(id)',
  'demo[fast',
  'demo[--x]',
  'demo==',
  'demo>=1,,<2',
  'demö',
  'demo\0',
  '-demo',
  'demo-',
  '',
  'x'.repeat(300),
]

export function packages(the: Contract): void {
  let index: PackageIndex
  let runner: RunningRunner
  beforeAll(async () => {
    index = await startPackageIndex(WHEELS, [{ name: 'hungry', version: '1.0', backend: program('memory_hog') }])
    runner = await the.start({ env: index.env })
  })
  afterAll(async () => {
    await runner?.stop()
    await index?.[Symbol.asyncDispose]()
  })

  const install = (workspace: string, ...specs: string[]) => installWithin(undefined, workspace, ...specs)

  async function installWithin(quota: number | undefined, workspace: string, ...specs: string[]) {
    const events: InstallEvent[] = []
    for await (const event of runner.client(workspace, quota).install(specs, 60)) events.push(event)
    const done = events.at(-1)
    if (done?.type !== 'done') throw new Error('the last event of an installation is not "done"')
    expect(events.filter((event) => event.type === 'done')).toHaveLength(1)
    return { ...done, output: events.map((event) => (event.type === 'output' ? event.text : '')).join('') }
  }

  const versionIn = async (workspace: string) =>
    (await run(runner, 'import demo; print(demo.VERSION)', { workspace })).stdout.trim()

  test('what is installed can be imported by the next run, of this workspace only', async () => {
    const workspace = newWorkspace()
    expect((await run(runner, 'import demo', { workspace })).exit.error?.type).toBe('ModuleNotFoundError')
    const done = await install(workspace, 'demo==1.0')
    expect(done).toMatchObject({ status: 'success', installed: ['demo==1.0'], message: null })
    expect(done.output).toContain('demo')
    expect(await versionIn(workspace)).toBe('1.0')
    expect((await runner.client(workspace).health()).packages).toContain('demo==1.0')
    expect((await runner.client(workspace).check('import demo', [])).imports).toEqual([
      { module: 'demo', kind: 'installed', line: 1 },
    ])
    expect((await run(runner, 'import demo')).exit.error).toMatchObject({ type: 'ModuleNotFoundError', module: 'demo' })
  })

  test('an installation counts as live while it goes on', async () => {
    const client = runner.client(newWorkspace())
    const live = async () => (await client.health()).live_installs
    expect(await live()).toBe(0)
    const leave = new AbortController()
    const events = client.install(['stall'], 60, leave.signal)
    const first = events.next()
    await expect.poll(live).toBe(1)
    await first
    leave.abort()
    await events.return(undefined)
    await expect.poll(live).toBe(0)
  })

  test('another version replaces the first, and a running program keeps the files it started with', async () => {
    const workspace = newWorkspace()
    await install(workspace, 'demo==1.0', 'extra-speed')
    const live = begin(runner, program('import_late'), { workspace })
    await live.until('early 1.0')
    expect(await install(workspace, 'demo>=2')).toMatchObject({ status: 'success', installed: ['demo==2.0'] })
    expect(await versionIn(workspace)).toBe('2.0')
    await runner.client(workspace).writeFile('go', '')
    expect((await live.rest()).stdout).toBe('early 1.0\nlate 1.0\n')
    expect((await run(runner, 'import extra_speed, demo.late; print(demo.late.VERSION)', { workspace })).stdout).toBe(
      '2.0\n',
    )
    expect((await runner.client(workspace).health()).packages.filter((each) => each.startsWith('demo='))).toEqual([
      'demo==2.0',
    ])
  })

  test('dependencies and extras come along and are listed', async () => {
    const workspace = newWorkspace()
    expect(await install(workspace, 'needs-demo')).toMatchObject({ installed: ['demo==2.0', 'needs-demo==0.1'] })
    expect(await install(workspace, 'demo[fast]')).toMatchObject({ installed: ['extra-speed==3.0'] })
    expect((await run(runner, 'import needs_demo, extra_speed', { workspace })).exit.status).toBe('success')
  })

  test('installing what is there installs nothing, and what fails changes nothing and says why', async () => {
    const workspace = newWorkspace()
    await install(workspace, 'demo==1.0')
    const before = (await runner.client(workspace).health()).packages
    expect(await install(workspace, 'demo==1.0')).toMatchObject({ status: 'success', installed: [] })
    for (const specs of [['no-such-thing'], ['demo==77'], ['broken'], ['extra-speed', 'no-such-thing']]) {
      const done = await install(workspace, ...specs)
      expect(done).toMatchObject({ status: 'error', installed: [], message: expect.stringMatching(/\S/) })
      expect((await runner.client(workspace).health()).packages).toEqual(before)
    }
    expect(await versionIn(workspace)).toBe('1.0')
  })

  test('an installation that breaks what another package needs names both', async () => {
    const workspace = newWorkspace()
    const message = async (spec: string) => {
      const done = await install(workspace, spec)
      return [done.status, done.message]
    }
    expect(await message('needs-old')).toEqual(['success', null])
    expect(await message('demo==2.0')).toEqual(['success', 'needs-old 0.1 needs demo<2, and demo is 2.0'])
    expect(await message('demo==1.0')).toEqual(['success', null])
  }, 180_000)

  test('what is there is kept where it will do, asked for or needed, and takes another version where it will not', async () => {
    const workspace = newWorkspace()
    await install(workspace, 'demo==1.0')
    expect(await install(workspace, 'demo')).toMatchObject({ status: 'success', installed: [] })
    expect(await install(workspace, 'needs-demo')).toMatchObject({ installed: ['needs-demo==0.1'] })
    expect(await versionIn(workspace)).toBe('1.0')
    expect(await install(workspace, 'needs-new')).toMatchObject({ installed: ['demo==2.0', 'needs-new==0.1'] })
    expect(await versionIn(workspace)).toBe('2.0')
    expect((await runner.client(workspace).health()).packages.filter((each) => each.includes('demo'))).toEqual([
      'demo==2.0',
      'needs-demo==0.1',
    ])
  })

  test('a package whose metadata follows no rule keeps no other from being installed', async () => {
    const workspace = newWorkspace()
    const odd = await run(
      runner,
      `import os
folder = os.environ['RUN_PACKAGES'].partition(':')[2]
for name, version, needs in [('odd', '2004d.x', 'demo'), ('old', '1.0', 'demo (bar baz)'), ('older', '1.0', '~')]:
    own = f'{folder}/{name}-{version}.dist-info'
    os.mkdir(own)
    open(f'{own}/METADATA', 'w').write(f'Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\nRequires-Dist: {needs}\\n')`,
      { workspace },
    )
    expect(odd.exit.installed).toEqual(['odd==2004d.x', 'old==1.0', 'older==1.0'])
    expect(await install(workspace, 'needs-demo')).toMatchObject({ installed: ['demo==2.0', 'needs-demo==0.1'] })
    expect((await runner.client(workspace).health()).packages).toEqual(
      expect.arrayContaining(['demo==2.0', 'odd==2004d.x', 'old==1.0', 'older==1.0']),
    )
  })

  test('two installations of one workspace at once both count', async () => {
    const workspace = newWorkspace()
    const both = await Promise.all([install(workspace, 'demo==1.0'), install(workspace, 'extra-speed')])
    expect(both.map((each) => [each.status, each.installed])).toEqual([
      ['success', ['demo==1.0']],
      ['success', ['extra-speed==3.0']],
    ])
    expect((await run(runner, 'import demo, extra_speed', { workspace })).exit.status).toBe('success')
  })

  test('an index that stalls is given up, with heartbeats meanwhile, and does not block the next', async () => {
    const workspace = newWorkspace()
    const events: InstallEvent[] = []
    for await (const event of runner.client(workspace).install(['stall'], 4)) events.push(event)
    expect(events.at(-1)).toMatchObject({
      type: 'done',
      status: 'error',
      installed: [],
      message: expect.stringContaining('4 s'),
    })
    expect(events.some((event) => event.type === 'heartbeat')).toBe(true)
    expect(await install(workspace, 'demo==1.0')).toMatchObject({ status: 'success' })
  })

  test('what finds no room is not installed, and what it brought is gone', async () => {
    const workspace = newWorkspace()
    const client = runner.client(workspace, QUOTA)
    expect(await installWithin(QUOTA, workspace, 'demo==1.0')).toMatchObject({ status: 'success' })
    await client.writeFile('mine.bin', Buffer.alloc(4.5 * MIB))
    const before = (await client.health()).use
    const quota = /would hold (9|1\d)(\.\d+)? MiB of 8 MiB; delete/
    for (const name of ['bulky', 'half']) {
      const done = await installWithin(QUOTA, workspace, name)
      expect(done).toMatchObject({ status: 'error', installed: [] })
      expect(done.message).toMatch(name === 'bulky' ? quota : /would hold \d+(\.\d+)? MiB of 8 MiB; delete/)
      expect((await client.health()).use).toEqual(before)
    }
    expect(await versionIn(workspace)).toBe('1.0')
    await client.deleteFile('mine.bin')
    expect(await installWithin(QUOTA, workspace, 'bulky')).toMatchObject({ status: 'success' })
    expect((await client.health()).use.bytes).toBeGreaterThan(5 * MIB)
    await client.reset()
    expect((await client.health()).use.bytes).toBeLessThan(MIB)
  })

  test('into a full workspace nothing is installed, and the installer is not asked', async () => {
    const workspace = newWorkspace()
    await run(runner, `open('big.bin', 'wb').write(b'x' * ${9 * MIB})`, { workspace })
    const before = index.requests.length
    const done = await installWithin(QUOTA, workspace, 'demo==1.0')
    expect(done).toMatchObject({
      status: 'error',
      message: expect.stringMatching(/is full: it holds 9.* of 8 MiB; delete/),
    })
    expect(index.requests).toHaveLength(before)
  })

  test('an installer that takes more memory than a program may is stopped and told its limit', async () => {
    const workspace = newWorkspace()
    const body = JSON.stringify({ specs: ['hungry'], timeout_s: 60, limits: { memory_bytes: 512 * MIB } })
    const { text } = await ask(runner, 'POST', `/w/${workspace}/packages`, { body })
    expect(JSON.parse(text.trim().split('\n').at(-1)!)).toEqual({
      type: 'done',
      status: 'error',
      installed: [],
      message: expect.stringMatching(/^the installer used more than 512 MiB of memory and was stopped; name a version/),
    })
    expect(await install(workspace, 'demo==1.0')).toMatchObject({ status: 'success' })
  })

  test('a closed connection cancels the installation', async () => {
    const workspace = newWorkspace()
    for await (const event of runner.client(workspace).install(['stall'], 300)) {
      if (index.requests.includes('/simple/stall/') && event.type === 'heartbeat') break
    }
    expect(await install(workspace, 'demo==1.0')).toMatchObject({ status: 'success' }) // had to wait for the first one to end
  }, 90_000)

  test('a wipe ends an installation, and what was installed is gone', async () => {
    const workspace = newWorkspace()
    await install(workspace, 'demo==1.0')
    const events: InstallEvent[] = []
    let wiped
    for await (const event of runner.client(workspace).install(['stall'], 300)) {
      events.push(event)
      if (event.type === 'heartbeat') wiped ??= runner.client(workspace).wipe()
    }
    expect(await wiped).toEqual({ files: 0, packages: 1 })
    expect(events.filter(({ type }) => type === 'done')).toEqual([])
    expect((await runner.client(workspace).health()).packages).not.toContain('demo==1.0')
  }, 90_000)

  test('an import that a namespace lacks is missing by its dotted name', async () => {
    const workspace = newWorkspace()
    await install(workspace, 'cloudish-one')
    const { imports } = await runner
      .client(workspace)
      .check('import cloudish.one\nimport cloudish.storage.deep\nfrom cloudish import two\n', [])
    expect(imports.filter((each) => each.kind === 'missing').map((each) => each.module)).toContain(
      'cloudish.storage.deep',
    )
    expect(imports).toContainEqual(expect.objectContaining({ kind: 'installed', line: 1 }))
  })

  test.concurrent.each(REFUSED)('the specifier %j is refused', async (spec) => {
    const before = index.requests.length
    const answer = await ask(runner, 'POST', `/w/${newWorkspace()}/packages`, {
      body: JSON.stringify({ specs: ['demo', spec] }),
    })
    expect(answer).toMatchObject({ status: 400, json: { error: { code: 'bad_request' } } })
    expect(index.requests).toHaveLength(before)
  })

  test.concurrent.each([[[]], ['demo'], [[7]], [undefined], [{}]])('specs = %j is refused', async (specs) => {
    const answer = await ask(runner, 'POST', `/w/${newWorkspace()}/packages`, { body: JSON.stringify({ specs }) })
    expect(answer.status).toBe(400)
  })
}

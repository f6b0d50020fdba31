/** Programs that install packages themselves, from an index on loopback: what they get, for how long, and what stays as it was. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PackageIndex, startPackageIndex } from '../../support/package-index.ts'
import type { RunningRunner } from '../../support/runner.ts'
import type { Wheel } from '../../support/wheel.ts'
import { type Contract, newWorkspace, run } from './context.ts'

const demo = (version: string): Wheel => ({
  name: 'demo',
  version,
  modules: { 'demo/__init__.py': `VERSION = '${version}'\n`, [`demo/only_${version[0]}.py`]: '' },
})

const WHEELS: Wheel[] = [
  demo('1.0'),
  demo('2.0'),
  { name: 'needs-demo', version: '0.1', modules: { 'needs_demo.py': 'import demo\n' }, requires: ['demo>=1'] },
]

const VERSIONS = `
import demo
from importlib.metadata import version
print(demo.VERSION, version('demo'))`

export function ownPip(the: Contract): void {
  let index: PackageIndex
  let runner: RunningRunner

  beforeAll(async () => {
    index = await startPackageIndex(WHEELS)
    runner = await the.start({ env: index.env })
  })
  afterAll(async () => {
    await runner.stop()
    await index[Symbol.asyncDispose]()
  })

  const INDEX = () => ({ PIP_INDEX_URL: index.url, PIP_CONFIG_FILE: '/dev/null', PIP_NO_CACHE_DIR: '1' })
  const of = (events: { type: string }[]) => events.filter(({ type }) => type === 'file')

  test.each([
    [
      'check_call',
      "import subprocess, sys; subprocess.check_call([sys.executable, '-m', 'pip', 'install', '-q', 'demo==1.0'])",
    ],
    ['a shell', "import os; print(os.system('pip install demo==1.0 -q'))"],
    ['uv in a shell', "import os; os.system('uv pip install --system -q demo==1.0')"],
    ['pip.main', "import pip; pip.main(['install', '-q', 'demo==1.0'])"],
    ['pip._internal', "from pip._internal import main; main(['install', '--user', '-q', 'demo==1.0'])"],
  ])('what %s installs is imported by the same program, in its version, and by the next', async (_, install) => {
    const workspace = newWorkspace()
    const first = await run(runner, `${install}${VERSIONS}`, { workspace, env: INDEX() })
    expect({ stderr: first.stderr, stdout: first.stdout.replace(/^0\n/, '') }).toEqual({
      stderr: '',
      stdout: '1.0 1.0\n',
    })
    expect(first.exit.installed).toEqual(['demo==1.0'])
    expect(of(first.events)).toEqual([])
    expect((await runner.client(workspace).health()).packages).toContain('demo==1.0')
    expect((await run(runner, VERSIONS, { workspace })).stdout).toBe('1.0 1.0\n')
  })

  test('it says what pip says, and once more it has nothing to do', async () => {
    const workspace = newWorkspace()
    const code = "import os; os.system('pip install needs-demo')"
    const first = await run(runner, code, { workspace, env: INDEX() })
    expect(first.stdout).toMatch(
      /^Looking in indexes.*\nCollecting needs-demo\n[^]*\nSuccessfully installed demo-2\.0 needs-demo-0\.1\n$/,
    )
    expect(first.stdout).not.toContain('Would install')
    expect(first.exit.installed).toEqual(['demo==2.0', 'needs-demo==0.1'])
    const asked = index.requests.length
    const again = await run(runner, code, { workspace, env: INDEX() })
    expect(again.stdout).toContain('Requirement already satisfied: needs-demo')
    expect(again.exit.installed).toBeUndefined()
    expect(index.requests).toHaveLength(asked)
  })

  test('another version takes the place of the first, whoever installed that, and a reset removes it', async () => {
    const workspace = newWorkspace()
    for await (const event of runner.client(workspace).install(['demo==2.0'], 100, new AbortController().signal))
      if (event.type === 'done') expect(event.installed).toEqual(['demo==2.0'])
    const code = `import os; os.system('pip install -q demo==1.0')${VERSIONS}
import importlib.util
print(importlib.util.find_spec('demo.only_1') is not None)`
    const { stdout, exit } = await run(runner, code, { workspace, env: INDEX() })
    expect({ stdout, installed: exit.installed }).toEqual({ stdout: '1.0 1.0\nTrue\n', installed: ['demo==1.0'] })
    const next = await run(runner, `${VERSIONS}\nimport demo.only_2`, { workspace })
    expect(next).toMatchObject({ stdout: '1.0 1.0\n', exit: { error: { module: 'demo.only_2' } } })
    for await (const _ of runner.client(workspace).install(['demo==2.0'], 100, new AbortController().signal)) continue
    expect((await run(runner, VERSIONS, { workspace })).stdout).toBe('2.0 2.0\n')
    expect(await runner.client(workspace).reset()).toEqual({ files: 0, packages: 1 })
    expect((await run(runner, 'import demo', { workspace })).exit.error).toMatchObject({ module: 'demo' })
  })

  test('what cannot be installed is an error with pip’s words, and changes nothing', async () => {
    const code =
      "import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'pip', 'install', 'nothing-such'], check=True)"
    const { stderr, exit } = await run(runner, code, { env: INDEX() })
    expect(stderr).toContain('No matching distribution found for nothing-such')
    expect(exit).toMatchObject({ status: 'error', error: { type: 'subprocess.CalledProcessError', line: 2 } })
    expect(exit.installed).toBeUndefined()
  })

  test('what the user has blocked, or not allowed, is not installed', async () => {
    const code = "import os\nos.system('pip install -q demo==1.0')\nimport demo"
    const lists = [
      [
        { allowed: [], blocked: ['Demo'] },
        'ERROR: "demo" is on the user\'s list blocked_packages. Next: do without it.\n',
      ],
      [
        { allowed: ['x'], blocked: [] },
        'ERROR: "demo" is not on the user\'s list allowed_packages. Next: do without it.\n',
      ],
    ] as const
    for (const [{ allowed, blocked }, words] of lists) {
      const package_lists = { allowed: [...allowed], blocked: [...blocked] }
      const { stderr, exit } = await run(runner, code, { env: INDEX(), package_lists })
      expect(stderr).toContain(words)
      expect(exit).toMatchObject({ status: 'error', error: { module: 'demo' } })
    }
  })

  test('other commands, and other places, are the real pip’s', async () => {
    const code = `
import os, subprocess, sys
print(subprocess.run(['pip', '--version'], capture_output=True, text=True).stdout.split()[:2])
os.system('pip install -q --target lib demo==1.0')
print(sorted(os.listdir('lib')))
import pip
print(pip.__file__.count('pip'), hasattr(pip, 'main'))
from pip._internal.cli.main import main`
    const { stdout, stderr, exit } = await run(runner, code, { env: INDEX() })
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^\['pip', '\d[\d.]+'\]\n\['demo', 'demo-1\.0\.dist-info'\]\n\d True\n$/)
    expect(exit.installed).toBeUndefined()
  })

  test('links and pipes that a program puts there are not taken over', async () => {
    const workspace = newWorkspace()
    const code = `
import os
folder = os.environ['RUN_PACKAGES'].split(os.pathsep)[1]
os.mkdir(f'{folder}/x-1.0.dist-info')
os.mkfifo(f'{folder}/x-1.0.dist-info/METADATA')
os.symlink('/etc', f'{folder}/etc')`
    const { exit } = await run(runner, code, { workspace })
    expect(exit).toMatchObject({ status: 'success' })
    expect(exit.installed).toBeUndefined()
    expect((await runner.client(workspace).health()).packages).toEqual(
      (await runner.client(newWorkspace()).health()).packages,
    )
  })
}

/** /check reads a program's syntax and imports without running anything. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type CheckResult, checkResult } from '../../../worker/run/contract/check.ts'
import { ask } from '../../support/raw.ts'
import { type Contract, newWorkspace, run } from './context.ts'

const IMPORTS = readFileSync(new URL('../../fixtures/checks/imports.py', import.meta.url), 'utf8')

export function checking(the: Contract): void {
  const check = (code: string, paths: string[] = [], workspace = newWorkspace()) =>
    the.runner.client(workspace).check(code, paths)

  test.concurrent('every import is found once, with its kind and first line, sorted by module', async () => {
    const { workspace } = await run(the.runner, 'pass', { files: { 'helper.py': '', 'folder/inner.py': '' } })
    const result = await check(IMPORTS, ['given.py'], workspace)
    expect(result.syntax_error).toBeNull()
    expect(kinds(result)).toEqual({
      __future__: 'standard',
      _thread: 'standard',
      bare: 'guarded',
      broad: 'guarded',
      either: 'guarded',
      folder: 'local',
      given: 'local',
      helper: 'local',
      in_a_function: 'missing',
      in_else_branch: 'missing',
      json: 'standard',
      numpyish: 'missing',
      only_types: 'guarded',
      only_types_too: 'guarded',
      orelse: 'missing',
      orjsonish: 'guarded',
      os: 'standard',
      pair: 'guarded',
      sys: 'standard',
      twice: 'missing',
      typing: 'standard',
      wrongly_guarded: 'missing',
      zzz_missing: 'missing',
    })
    const names = result.imports.map((each) => each.module)
    expect(names).toEqual(names.toSorted())
    for (const { module, line } of result.imports) {
      const first =
        IMPORTS.split('\n').findIndex((text) => new RegExp(`^\\s*(import|from) .*\\b${module}\\b`).test(text)) + 1
      expect({ module, line }).toEqual({ module, line: first })
    }
  })

  test.concurrent('what a program installs itself is told, as far as its text says it', async () => {
    const installs = async (code: string) => (await check(code)).own_installs
    expect(await installs("import os\nos.system('pip install -q foo bar==2 && pip3 install baz')")).toEqual([
      'foo',
      'bar==2',
      'baz',
    ])
    expect(
      await installs(
        "import subprocess, sys\nsubprocess.check_call([sys.executable, '-m', 'pip', 'install', '-i', 'https://x.test', 'a[b]>=1'])",
      ),
    ).toEqual(['a[b]>=1'])
    expect(await installs("import pip\npip.main(['install', 'foo'])")).toEqual(['foo'])
    expect(await installs("cmd = ['uv', 'pip', 'install', 'foo', name]")).toEqual(['foo'])
    expect(await installs("print('pip install foo'); 'pip install foo'")).toBeUndefined()
    expect(await installs("import os\nos.system('pip install \"foo')")).toBeUndefined()
  })

  test.concurrent('what a program declares to need is told, and whether it is there', async () => {
    const script = async (lines: string[]) =>
      (await check(`${['# /// script', ...lines.map((line) => `# ${line}`), '# ///'].join('\n')}\nprint(1)\n`)).script
    const nothing = { dependencies: [], missing: [], requires_python: null, problem: null }
    expect(
      await script([
        'requires-python = ">=3.10"',
        'dependencies = ["pip", "pip>99", "no-such[x]; sys_platform == \'none\'", "x"]',
      ]),
    ).toEqual({
      ...nothing,
      dependencies: ['pip', 'pip>99', "no-such[x]; sys_platform == 'none'", 'x'],
      missing: ['pip>99', 'x'],
    })
    expect(await script(['requires-python = "<3"'])).toEqual({ ...nothing, requires_python: '<3' })
    expect(await script(['dependencies = ['])).toEqual({ ...nothing, problem: expect.stringMatching(/./) })
    expect(await script(['dependencies = "x"'])).toEqual({
      ...nothing,
      problem: 'dependencies must be a list of strings',
    })
    expect((await check('# /// script\n# dependencies = ["x"]\nprint(1)\n')).script).toBeUndefined()
  })

  test.concurrent('working folders of other systems that a program names are told', async () => {
    const places = async (code: string) => (await check(code)).elsewhere
    expect(await places("import os\nos.makedirs('/mnt/data', exist_ok=True)\nopen(f'/content/{1}.csv', 'w')")).toEqual([
      '/mnt/data',
      '/content',
    ])
    expect(await places("print('/mnt/database', 'see /mnt/data', 'mnt/data/x')  # /mnt/data")).toBeUndefined()
  })

  test.concurrent('reading a program does not run it', async () => {
    const workspace = newWorkspace()
    await check(IMPORTS, [], workspace)
    expect((await the.runner.client(workspace).listFiles()).files).toEqual([])
  })

  test.concurrent('what the base environment has is installed, also when it is guarded', async () => {
    const result = await check('import pip\ntry:\n    import pip\nexcept ImportError:\n    pass\n')
    expect(kinds(result)).toEqual({ pip: 'installed' })
  })

  test.concurrent('names among the given paths are local, as module or as package', async () => {
    const result = await check('import a, b, c, d', ['a.py', 'b/__init__.py', 'deep/c.py', 'd/data.py'])
    expect(kinds(result)).toMatchObject({ a: 'local', b: 'local', c: 'missing', d: 'local' })
  })

  test.concurrent('a syntax error has its line and frame, and there are no imports', async () => {
    const result = await check('import json\nx = (\n')
    expect(result).toMatchObject({ syntax_error: { type: 'SyntaxError', line: 2 }, imports: [] })
    expect(result.syntax_error?.frame).toContain('> 2 | x = (')
  })

  test.concurrent('wrong indentation is a syntax error of its own class', async () => {
    expect((await check('if True:\nprint(1)\n')).syntax_error).toMatchObject({ type: 'IndentationError', line: 2 })
  })

  test.concurrent.each<[string, string, CheckResult['notes']]>([
    ['input', "name = input('name? ')\n", [{ kind: 'input', line: 1 }]],
    ['an input of somebody else', 'import fileinput\nfileinput.input()\n', []],
    [
      'workers that start anew without a guard',
      'import multiprocessing as m\nm.set_start_method("spawn")\nwith m.Pool(2) as p:\n    pass\n',
      [{ kind: 'spawn', line: 3 }],
    ],
    [
      'workers below a guard, or in a function',
      'import multiprocessing as m\ndef f():\n    m.Pool(2)\nif __name__ == "__main__":\n    m.set_start_method("spawn")\n    m.Pool(2)\n',
      [],
    ],
    [
      'hosts, each once',
      'a = "https://me:x@API.example.com/x"\nb = f"http://api.example.com/{a}"\n',
      [{ kind: 'host', line: 1, what: 'api.example.com' }],
    ],
    [
      'deletions',
      'import os, shutil\nshutil.rmtree("/")\nfor f in os.listdir("."):\n    os.remove(f)\nx = []\nfor y in x:\n    x.remove(y)\n',
      [
        { kind: 'deletes_folder', line: 2, what: "'/'" },
        { kind: 'deletes_files', line: 4 },
      ],
    ],
    ['nothing', 'print(1)\n', []],
  ])('notes on %s', async (_what, code, notes) => {
    expect((await check(code)).notes).toEqual(notes)
  })

  test.concurrent('notes on a program of many lines are bounded', async () => {
    const code = Array.from({ length: 500 }, (_, n) => `a${n} = "http://h${n}.test"\n`).join('')
    expect((await check(code)).notes).toHaveLength(20)
  })

  test.concurrent.each([
    ['a NUL', 'print(1)\0'],
    ['ten thousand open brackets', '('.repeat(10_000)],
    ['a very deep expression', `x = ${'-'.repeat(50_000)}1`],
    ['a very long chain', `x = ${'a.'.repeat(50_000)}b`],
    ['a huge number', `x = ${'9'.repeat(100_000)}`],
  ])('%s is an answer, not a failure of the runner', async (_name, code) => {
    const workspace = newWorkspace()
    const answer = await ask(the.runner, 'POST', `/w/${workspace}/check`, { body: JSON.stringify({ code }) })
    expect(answer.status).toBe(200)
    const { exit } = await run(the.runner, code, { workspace })
    const { syntax_error: error } = checkResult.parse(answer.json)
    expect(exit.status === 'error' || error === null).toBe(true)
  })

  test.concurrent('relative imports are left out', async () => {
    expect((await check('from . import a\nfrom .b import c\nfrom .. import d\n')).imports).toEqual([])
  })
}

function kinds({ imports }: CheckResult): Record<string, string> {
  expect(new Set(imports.map((each) => each.module)).size).toBe(imports.length)
  return Object.fromEntries(imports.map((each) => [each.module, each.kind]))
}

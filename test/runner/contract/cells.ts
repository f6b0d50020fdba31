/** Notebook cells and texts that suffered on their way: read by /check, run as the Worker would run them, each to its exact output. */
import { expect, test } from 'vitest'
import { CELLS, LEFT_ALONE, MANGLED } from '../../fixtures/cells.ts'
import { type Contract, newWorkspace, run } from './context.ts'

export function cells(the: Contract): void {
  const check = (code: string) => the.runner.client(newWorkspace()).check(code, [])

  test.concurrent.each([...Object.entries(CELLS), ...Object.entries(MANGLED)])('%s', async (_name, written) => {
    const { syntax_error, reading } = await check(written.code)
    expect({
      syntax_error,
      program: reading?.program,
      repairs: reading?.repairs ?? [],
      lines: (reading?.lines ?? []).map(({ line, how }) => `${line} ${how}`),
      specs: (reading?.specs ?? []).map(({ spec }) => spec),
    }).toEqual({
      syntax_error: null,
      program: written.program,
      repairs: written.repairs ?? [],
      lines: written.lines ?? [],
      specs: written.specs ?? [],
    })
    const show_last = written.repairs?.includes('prompts') === true ? { show_last: true } : {}
    const result = await run(the.runner, reading?.program ?? written.code, show_last)
    const stdout = result.stdout
      .replaceAll(result.id, 'ID')
      .replaceAll(/\b[\d.e+]+ (?:s|ms|µs|ns)(?![\w])/g, 'T')
      .replaceAll(/^\/.*\/files$/gm, 'PATH')
    expect({ stdout, stderr: result.stderr, status: result.exit.status }).toEqual({
      stdout: written.stdout,
      stderr: '',
      status: 'success',
    })
  })

  test.concurrent.each(LEFT_ALONE)('%j is run as it was sent', async (code) => {
    const { reading } = await check(code)
    expect(reading).toEqual(
      reading === undefined ? undefined : { repairs: [], lines: [], specs: [], looks_like: reading.looks_like },
    )
  })

  test.concurrent.each([
    [
      'a magic that is not known',
      'x = 1\n%sql select 1',
      'SyntaxError',
      2,
      'the magic %sql is not known here; do it in Python, or leave the line out',
    ],
    [
      'a cell magic that is not known',
      '%%R\nx <- 1',
      'SyntaxError',
      1,
      'the magic %%R is not known here; do it in Python, or leave the line out',
    ],
    ['a slip below a magic', '%matplotlib inline\nx = (\n', 'SyntaxError', 2, "'(' was never closed"],
    ['an error below a magic', '%matplotlib inline\n\n1 / 0', 'ZeroDivisionError', 3, 'division by zero'],
    ['an error in what is awaited', 'async def f():\n    1 / 0\nawait f()', 'ZeroDivisionError', 2, 'division by zero'],
    [
      'a script that fails',
      '%%bash\nfalse',
      'subprocess.CalledProcessError',
      1,
      "Command '['bash']' returned non-zero exit status 1.",
    ],
    [
      'a folder that is not there',
      'x = 1\n%cd nowhere',
      'FileNotFoundError',
      2,
      "[Errno 2] No such file or directory: 'nowhere'",
    ],
  ])('%s has the line that was written', async (_name, code, type, line, message) => {
    const { exit, stderr } = await run(the.runner, code)
    expect(exit.error).toMatchObject({ type, line, message })
    expect(exit.error?.frame).toContain(`> ${line} | ${code.split('\n')[line - 1]}`)
    const places = stderr.split('\n').filter((text) => text.startsWith('  File '))
    expect(places.filter((place) => !place.includes('main.py"'))).toEqual([])
    expect(stderr.split('\n')[stderr.split('\n').findLastIndex((text) => text.startsWith('  File ')) + 1]?.trim()).toBe(
      code.split('\n')[line - 1]?.trim(),
    )
  })

  test.concurrent.each([
    ['a shell script', 'ls -la\necho hi', { looks_like: 'shell' }],
    ['a shell script that parses', 'ls -la', { looks_like: 'shell' }],
    ['another language', 'const x = 1;', { looks_like: 'javascript' }],
    [
      'a program that nothing calls',
      'import os\n\ndef main():\n    print(1)',
      { silent: { why: 'never_called', name: 'main', line: 3 } },
    ],
    [
      'a misspelt main',
      'if __name__ == "main":\n    print(1)',
      { silent: { why: 'main_guard', name: 'main', line: 1 } },
    ],
  ])('%s is told', async (_name, code, told) => {
    expect((await check(code)).reading).toMatchObject(told)
  })

  test.concurrent.each([
    'import sys\nls = [1]\nls',
    'date = 5\ndate - date',
    'def f():\n    pass\n\nf()',
    'if __name__ == "__main__":\n    print(1)',
    'x = 1',
  ])('nothing is told of %j', async (code) => {
    expect((await check(code)).reading).toBeUndefined()
  })

  test.concurrent('requirements that are there already are told so', async () => {
    const { reading } = await check('!pip install pip pip==0.1 "pip>1" nothing-of-this-name')
    expect(reading?.specs.map(({ spec, installed }) => [spec, installed])).toEqual([
      ['pip', true],
      ['pip==0.1', false],
      ['pip>1', false],
      ['nothing-of-this-name', false],
    ])
  })

  test.concurrent('imports of a cell, and of what a magic runs, are found with their lines', async () => {
    const { imports } = await check('%%timeit\nimport aa\n# %%\n!echo\nimport bb')
    expect(imports).toEqual([
      { module: 'aa', kind: 'missing', line: 2 },
      { module: 'bb', kind: 'missing', line: 5 },
    ])
  })

  test.concurrent('IPython is missing only for what is not offered of it', async () => {
    const modules = async (code: string) => (await check(code)).imports.map(({ module }) => module)
    expect(await modules('from IPython.display import HTML\nimport IPython.display as d\nd.display(1)')).toEqual([])
    expect(await modules('from IPython.display import Audio')).toEqual(['IPython'])
    expect(await modules('import IPython.display as d\nd.Audio("a.wav")')).toEqual(['IPython'])
    expect(await modules('import IPython\nIPython.display.display(1)')).toEqual([])
    expect(await modules('import IPython\nIPython.embed()')).toEqual(['IPython'])
  })
}

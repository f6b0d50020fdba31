/** Figures that a program only shows, or leaves open, are saved and reported. test/runner/shown-libraries.test.ts does it with the libraries themselves. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Contract, type Finished, run } from './context.ts'

const MATPLOTLIB = {
  'matplotlib/__init__.py': '',
  'matplotlib/pyplot.py': readFileSync(new URL('../../fixtures/matplotlib/pyplot.py', import.meta.url), 'utf8'),
}

export function figures(the: Contract): void {
  /** The figures that a program with the stand-in for matplotlib leaves: name and content. */
  async function shown(lines: string[]) {
    const result = await run(the.runner, ['import matplotlib.pyplot as plt', ...lines].join('\n'), {
      files: MATPLOTLIB,
    })
    const client = the.runner.client(result.workspace)
    const saved: string[] = []
    for (const path of paths(result)) saved.push(`${path} ${await (await client.readFile(path))!.text()}`)
    return { result, saved: saved.map((each) => each.replace(result.id, 'ID')) }
  }

  test.concurrent('what is shown is saved, each figure once, and the next one begins anew', async () => {
    const { result, saved } = await shown([
      'plt.plot("a")',
      'plt.show()',
      'plt.plot("b")',
      'plt.figure().drawn = "c"',
      'plt.show(block=False)',
      'plt.gcf().show()',
    ])
    expect(result).toMatchObject({ stdout: '', stderr: '', exit: { status: 'success' } })
    expect(saved).toEqual(['.outputs/ID/figure-1.png a', '.outputs/ID/figure-2.png b', '.outputs/ID/figure-3.png c'])
  })

  test.concurrent('a window that changes is one picture, its last', async () => {
    const lines = ['plt.plot("a")', 'plt.show(block=False)', 'plt.plot("b")', 'plt.pause(0)', 'plt.plot("c")']
    const { result, saved } = await shown(lines)
    expect(result).toMatchObject({ stdout: '', stderr: '' })
    expect(saved).toEqual(['.outputs/ID/figure-1.png abc'])
  })

  test.concurrent('what the program saves in its folder is not saved again when it is shown, unless it has changed', async () => {
    const saving = ['plt.plot("a")', 'plt.savefig("a.png", dpi=200)', 'plt.gcf().draw()', 'plt.show()']
    expect((await shown(saving)).saved).toEqual(['a.png a200'])
    const changing = ['plt.plot("a")', 'plt.savefig("a.png")', 'plt.plot("b")', 'plt.gcf().draw()']
    expect((await shown([...changing, 'plt.show()'])).saved).toEqual(['.outputs/ID/figure-1.png ab', 'a.png a'])
    const again = [...changing, 'plt.savefig("b.png", dpi=200)', 'plt.show()']
    expect((await shown(again)).saved).toEqual(['a.png a', 'b.png ab200'])
    const later = ['plt.plot("a")', 'fig = plt.gcf()', 'plt.show()', 'fig.savefig("a.png", dpi=200)']
    expect((await shown(later)).saved).toEqual(['a.png a200'])
    const elsewhere = ['plt.plot("a")', 'plt.savefig("/dev/null")', 'plt.show()']
    expect((await shown(elsewhere)).saved).toEqual(['.outputs/ID/figure-1.png a'])
  })

  test.concurrent('the same bytes are kept once', async () => {
    const { saved } = await shown(['for text in ["a", "b", "a"]: plt.plot(text); plt.show()'])
    expect(saved).toEqual(['.outputs/ID/figure-1.png a', '.outputs/ID/figure-2.png b'])
  })

  test.concurrent('a file of an earlier run is no reason not to keep what is shown', async () => {
    const code = 'import matplotlib.pyplot as plt\nplt.plot("a")\n'
    const { workspace } = await run(the.runner, `${code}plt.savefig("a.png")`, { files: MATPLOTLIB })
    const result = await run(the.runner, `${code}plt.show()`, { workspace })
    expect(paths(result)).toEqual([`.outputs/${result.id}/figure-1.png`])
  })

  test.concurrent('showing leaves the current figure what it is', async () => {
    const lines = [
      'plt.plot("a")',
      'plt.figure().drawn = "b"',
      'plt.figure(1)',
      'plt.show(block=False)',
      'plt.plot("c")',
    ]
    expect((await shown(lines)).saved).toEqual(['.outputs/ID/figure-1.png ac', '.outputs/ID/figure-2.png b'])
  })

  test.concurrent('a figure that is open at the end is saved, unless it was saved or is empty', async () => {
    const open = ['plt.plot("a")', 'plt.figure()', 'plt.figure()', 'plt.plot("b")', 'plt.savefig("/dev/null")']
    expect((await shown(open)).saved).toEqual(['.outputs/ID/figure-1.png a'])
  })

  test.concurrent('of a program that fails it is saved when the program has shown one', async () => {
    const { result, saved } = await shown(['plt.plot("a")', 'plt.show()', 'plt.plot("b")', '1 / 0'])
    expect(result.exit).toMatchObject({ status: 'error', error: { type: 'ZeroDivisionError' } })
    expect(saved).toEqual(['.outputs/ID/figure-1.png a', '.outputs/ID/figure-2.png b'])
    expect((await shown(['plt.plot("a")', '1 / 0'])).saved).toEqual([])
  })

  test.concurrent('a forked process saves nothing at its end', async () => {
    const lines = ['import os, sys', 'plt.plot("a")', 'if os.fork() == 0: plt.plot("b"); sys.exit()', 'os.wait()']
    expect((await shown(lines)).saved).toEqual(['.outputs/ID/figure-1.png a'])
  })

  test.concurrent('an exception shows no frames of ours', async () => {
    const { result } = await shown(['plt.savefig("there/is/none.png")'])
    expect(result.stderr).toMatch(/^Traceback.*\n.*main\.py.*\n.*\n/)
    expect(result.stderr).toContain('pyplot.py')
    expect(result.stderr).not.toContain('figures.py')
  })

  test.concurrent('another folder or backend is the program’s own business', async () => {
    const moved = await shown(['import os', 'os.mkdir("x")', 'os.chdir("x")', 'plt.plot("a")', 'plt.show()'])
    expect(moved.saved).toEqual(['.outputs/ID/figure-1.png a'])
    const other = await shown([
      'plt.BACKEND = "pdf"',
      'plt.plot("a")',
      'plt.show()',
      'plt.pause(0)',
      'plt.gcf().show()',
    ])
    expect(other.saved).toEqual([])
    expect(other.result.stdout).toBe('the original show\nthe original pause\nthe original show of a figure\n')
  })

  test.concurrent('a backend with a window is replaced, which is said; one for notebooks is replaced', async () => {
    const { result, saved } = await shown([
      'for name in ["TkAgg", "TkAgg", "inline"]: plt.switch_backend(name)',
      'plt.plot("a")',
      'plt.show()',
      'print(plt.BACKEND)',
    ])
    expect(result).toMatchObject({
      stdout: 'agg\n',
      stderr: 'matplotlib: there is no screen for TkAgg; figures are drawn with Agg and saved.\n',
    })
    expect(saved).toEqual(['.outputs/ID/figure-1.png a'])
  })

  test.concurrent('at most 20 figures are saved', async () => {
    const { result, saved } = await shown(['for n in range(30): plt.plot(f"{n}"); plt.show()'])
    expect(saved).toHaveLength(20)
    expect(result.stderr).toBe(
      'more than 20 pictures and pages were shown; the others are not kept. Next: save them.\n',
    )
  })

  test.concurrent('a module of that name that cannot be imported fails as ever', async () => {
    const files = { 'matplotlib/__init__.py': '', 'matplotlib/pyplot.py': 'raise ValueError("broken")' }
    const { exit } = await run(the.runner, 'import matplotlib.pyplot', { files })
    expect(exit.error).toMatchObject({ type: 'ValueError', message: 'broken', line: 1 })
    const missing = await run(the.runner, 'import matplotlib.pyplot', { files: { 'matplotlib/__init__.py': '' } })
    expect(missing.exit.error).toMatchObject({ type: 'ModuleNotFoundError', module: 'matplotlib.pyplot' })
  })
}

function paths({ events }: Finished): string[] {
  return events.flatMap((event) => (event.type === 'file' ? [event.path] : []))
}

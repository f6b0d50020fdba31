/** Figures that a program only shows are saved and reported; programs without matplotlib notice nothing. */
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
    ])
    expect(result).toMatchObject({ stdout: '', stderr: '', exit: { status: 'success' } })
    expect(saved).toEqual(['.outputs/ID/figure-1.png a', '.outputs/ID/figure-2.png b', '.outputs/ID/figure-3.png c'])
  })

  test.concurrent('a figure that is open at the end is saved when one was shown, also when the program fails', async () => {
    const { result, saved } = await shown(['plt.plot("a")', 'plt.show()', 'plt.plot("b")', '1 / 0'])
    expect(result.exit).toMatchObject({ status: 'error', error: { type: 'ZeroDivisionError' } })
    expect(saved).toEqual(['.outputs/ID/figure-1.png a', '.outputs/ID/figure-2.png b'])
  })

  test.concurrent('without show nothing is saved', async () => {
    expect((await shown(['plt.plot("a")'])).saved).toEqual([])
  })

  test.concurrent('another folder or backend is the program’s own business', async () => {
    const moved = await shown(['import os', 'os.mkdir("x")', 'os.chdir("x")', 'plt.plot("a")', 'plt.show()'])
    expect(moved.saved).toEqual(['.outputs/ID/figure-1.png a'])
    const other = await shown(['plt.BACKEND = "pdf"', 'plt.plot("a")', 'plt.show()'])
    expect(other).toMatchObject({ saved: [], result: { stdout: 'the original show\n' } })
  })

  test.concurrent('at most 20 figures are saved', async () => {
    expect((await shown(['for n in range(30): plt.plot(f"{n}"); plt.show()'])).saved).toHaveLength(20)
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

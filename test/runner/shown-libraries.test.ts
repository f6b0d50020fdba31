/**
 * What programs only show, with the libraries themselves, where the tests' Python has them: MCP_CODE_MODE_PYTHON names one that does. The
 * contract tests drive the same with a small stand-in.
 */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testPython } from '../support/python.ts'
import { type RunningRunner, startRunner } from '../support/runner.ts'
import { run } from './contract/context.ts'

const python = await testPython()

/** Found, not imported: that would take a second for each. */
const THERE = new Set<string>(
  JSON.parse(
    execFileSync(python, [
      '-c',
      'import importlib.util, json, sys; print(json.dumps([n for n in sys.argv[1:] if importlib.util.find_spec(n)]))',
      ...['matplotlib', 'PIL', 'seaborn', 'pandas', 'cv2', 'plotly', 'altair', 'bokeh'],
    ]).toString(),
  ),
)

interface Case {
  /** Modules that have to be there. */
  needs: string[]
  code: string[]
  /** Names of files; those of the run's outputs without their folder. */
  files: string[]
  stdout?: string
  stderr?: string | RegExp
  status?: string
}

const PLT = 'import matplotlib.pyplot as plt'
const AX = `${PLT}\nfig, ax = plt.subplots()\n[line] = ax.plot([1, 2])`

const MATPLOTLIB: Case[] = [
  { needs: ['matplotlib'], code: [PLT, 'plt.plot([1, 2])', 'plt.show()'], files: ['figure-1.png'] },
  { needs: ['matplotlib'], code: [PLT, 'plt.plot([1, 2])', 'plt.title("open")'], files: ['figure-1.png'] },
  { needs: ['matplotlib'], code: [AX, 'fig.show()'], files: ['figure-1.png'] },
  { needs: ['matplotlib'], code: [AX, 'fig.show()', 'ax.set_title("changed")'], files: ['figure-1.png'] },
  { needs: ['matplotlib'], code: [AX, 'plt.savefig("a.png", dpi=200)', 'plt.show()'], files: ['a.png'] },
  { needs: ['matplotlib'], code: [AX, 'fig.savefig("a")', 'plt.show()'], files: ['a.png'] },
  { needs: ['matplotlib'], code: [AX, 'plt.show()', 'fig.savefig("a.png")'], files: ['a.png'] },
  {
    needs: ['matplotlib'],
    code: [AX, 'plt.savefig("a.png")', 'ax.legend(["x"])', 'fig.canvas.draw()', 'plt.show()'],
    files: ['figure-1.png', 'a.png'],
  },
  { needs: ['matplotlib'], code: [AX, 'plt.savefig("a.pdf")', 'plt.show()'], files: ['figure-1.png', 'a.pdf'] },
  { needs: ['matplotlib'], code: [AX, 'plt.savefig("a.pdf")'], files: ['a.pdf'] },
  {
    needs: ['matplotlib'],
    code: [AX, 'import os', 'plt.savefig("a.png")', 'os.remove("a.png")', 'plt.show()'],
    files: ['figure-1.png'],
  },
  { needs: ['matplotlib'], code: [PLT, 'fig, ax = plt.subplots()', 'fig.canvas.draw()'], files: [] },
  { needs: ['matplotlib'], code: [AX, 'plt.close()'], files: [] },
  {
    needs: ['matplotlib'],
    code: [AX, 'import io, pickle', 'plt.savefig(io.BytesIO())', 'pickle.loads(pickle.dumps(fig)).savefig("b.png")'],
    files: ['b.png'],
  },
  {
    needs: ['matplotlib'],
    code: [PLT, 'plt.ion()', 'for n in range(5): plt.cla(); plt.plot([n, 5]); plt.pause(0.01)'],
    files: ['figure-1.png'],
  },
  {
    needs: ['matplotlib', 'PIL'],
    code: [
      AX,
      'from matplotlib.animation import FuncAnimation',
      'film = FuncAnimation(fig, lambda n: line.set_ydata([n, 1]), frames=3)',
      'film.save("a.gif", writer="pillow")',
    ],
    files: ['a.gif'],
  },
  ...['TkAgg', 'Qt5Agg', 'WebAgg'].map((backend) => ({
    needs: ['matplotlib'],
    code: [`import matplotlib; matplotlib.use("${backend}")`, AX, 'plt.show()', 'print(plt.get_backend())'],
    files: ['figure-1.png'],
    stdout: 'agg\n',
    stderr: `matplotlib: there is no screen for ${backend}; figures are drawn with Agg and saved.\n`,
  })),
  {
    needs: ['matplotlib'],
    code: ['import os; os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"', AX],
    files: ['figure-1.png'],
  },
  { needs: ['matplotlib'], code: ['import matplotlib; matplotlib.use("svg")', AX, 'plt.show()'], files: [] },
  {
    needs: ['matplotlib'],
    code: [AX, 'plt.savefg("a.png")'],
    files: [],
    status: 'error',
    stderr: /^Traceback[^]*no attribute 'savefg'/,
  },
  {
    needs: ['matplotlib'],
    code: [AX, 'plt.savefig("none/a.png")'],
    files: [],
    status: 'error',
    stderr: /^(?![^]*figures\.py)[^]*FileNotFoundError/,
  },
  { needs: ['seaborn'], code: ['import seaborn as sns', 'sns.lineplot(x=[1, 2], y=[3, 4])'], files: ['figure-1.png'] },
  {
    needs: ['pandas', 'matplotlib'],
    code: ['import pandas as pd', 'pd.Series([1, 2]).plot()'],
    files: ['figure-1.png'],
  },
]

// One workspace for all, as matplotlib looks for the machine's fonts once in each.
describe.each(['plain', 'fork'] as const)('%s', (start) => {
  let runner: RunningRunner
  beforeAll(async () => {
    runner = await startRunner({ start })
  })
  afterAll(async () => {
    await runner.stop()
  })

  for (const { needs, code, files, stdout = '', stderr = '', status = 'success' } of MATPLOTLIB) {
    test.skipIf(!needs.every((name) => THERE.has(name)))(code.join('\n'), async () => {
      const result = await run(runner, code.join('\n'), { workspace: 'shown' })
      expect(result.exit.status).toBe(status)
      expect(result.stdout).toBe(stdout)
      expect(result.stderr).toEqual(typeof stderr === 'string' ? stderr : expect.stringMatching(stderr))
      const made = result.events.flatMap((event) =>
        event.type === 'file' && event.change !== 'deleted' ? [event.path] : [],
      )
      expect(made.map((path) => path.replace(`.outputs/${result.id}/`, ''))).toEqual(files)
    })
  }
})

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
      ...['matplotlib', 'PIL', 'seaborn', 'pandas', 'cv2', 'plotly', 'altair', 'vl_convert', 'bokeh', 'pygame'],
    ]).toString(),
  ),
)

interface Case {
  /** Modules that have to be there. */
  needs: string[]
  code: string[]
  /** Names of files; those of the run's outputs without their folder. */
  files: string[]
  stdout?: string | RegExp
  stderr?: string | RegExp
  status?: string
}

const PLT = 'import matplotlib.pyplot as plt'
const AX = `${PLT}\nfig, ax = plt.subplots()\n[line] = ax.plot([1, 2])`

const BOXES = 'boxes are drawn instead.'
/** Makes a font of a family that characters are taken from, with one that no other has. */
const FONT = `from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
pen = TTGlyphPen(None)
pen.moveTo((0, 0)); pen.lineTo((0, 700)); pen.lineTo((500, 0)); pen.closePath()
font = FontBuilder(1000)
font.setupGlyphOrder([".notdef", "own"])
font.setupCharacterMap({0xE123: "own"})
font.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "own": pen.glyph()})
font.setupHorizontalMetrics({".notdef": (500, 0), "own": (500, 0)})
font.setupHorizontalHeader(ascent=800, descent=-200)
font.setupNameTable({"familyName": "Unifont Upper", "styleName": "Regular"})
font.setupOS2()
font.setupPost()
font.save("own.ttf")
from matplotlib.font_manager import fontManager
fontManager.addfont("own.ttf")`

const FONTS: Case[] = [
  {
    needs: ['matplotlib'],
    code: [
      PLT,
      'plt.rcParams["font.family"] = ["No Such Family"]',
      'plt.plot([1, 2])',
      'plt.title("a", weight="bold")',
      'plt.savefig("a.png")',
    ],
    files: ['a.png'],
    stderr: "findfont: Font family 'No Such Family' not found.\n",
  },
  {
    needs: ['matplotlib'],
    code: [PLT, 'plt.title("\\ue123 and \\ue124\\ue123")', 'plt.savefig("a.png")', 'plt.savefig("b.svg")'],
    files: ['a.png', 'b.svg'],
    stderr: `matplotlib: no font here has \ue123 \ue124; ${BOXES}\n`,
  },
  {
    needs: ['matplotlib'],
    code: [PLT, 'plt.title("".join(chr(0xE200 + n) for n in range(50)))', 'plt.savefig("a.png")'],
    files: ['a.png'],
    stderr: /^matplotlib: no font here has(?: \S){10} and 40 more; boxes.*\n$/,
  },
  {
    needs: ['matplotlib'],
    code: [PLT, FONT, 'plt.title("Latin \\ue123", family=["serif"])', 'plt.savefig("a.png")'],
    files: ['a.png', 'own.ttf'],
  },
]

const IMAGE = 'from PIL import Image\nimage = Image.new("RGB", (9, 9), "red")'
const CV2 = 'import cv2, numpy as np\nblack = np.zeros((9, 9, 3), np.uint8)'

const WINDOWS: Case[] = [
  { needs: ['PIL'], code: [IMAGE, 'image.show()'], files: ['figure-1.png'] },
  {
    needs: ['PIL'],
    code: [IMAGE, 'image.convert("CMYK").show("a title")', 'image.convert("F").show()'],
    files: ['figure-1.png', 'figure-2.png'],
  },
  { needs: ['PIL'], code: [IMAGE, 'image.show()', 'image.show()', 'image.save("a.png")'], files: ['a.png'] },
  {
    needs: ['cv2'],
    code: [CV2, 'cv2.imshow("a", black)', 'cv2.imshow("b", black + 99)', 'print(cv2.waitKey(0) == ord("q"))'],
    files: ['figure-1.png', 'figure-2.png'],
    stdout: 'True\n',
  },
  {
    needs: ['cv2'],
    code: [
      CV2,
      'cv2.namedWindow("film", cv2.WINDOW_NORMAL)',
      'for n in range(30): cv2.imshow("film", black + n); print(cv2.waitKey(1), end="")',
      'cv2.destroyAllWindows()',
      'import glob, os',
      'print(cv2.imread(max(glob.glob(".outputs/*/figure-1.png"), key=os.path.getmtime))[0, 0, 0])',
    ],
    files: ['figure-1.png'],
    stdout: `${'-1'.repeat(30)}29\n`,
  },
  {
    needs: ['cv2'],
    code: [CV2, 'cv2.imwrite("a.png", black)', 'cv2.imshow("a", black)', 'cv2.waitKey()'],
    files: ['a.png'],
    stdout: '',
  },
  {
    needs: ['cv2'],
    code: [CV2, 'cv2.imshow("a", np.full((9, 9), 0.5))', 'cv2.imshow("b", black + 127)', 'cv2.imshow("c", black > 0)'],
    files: ['figure-1.png', 'figure-2.png', 'figure-3.png'],
  },
]

const PYGAME = 'import pygame\npygame.init()\nscreen = pygame.display.set_mode((9, 9))'

const GAMES: Case[] = [
  {
    needs: ['pygame'],
    code: [
      PYGAME,
      'for n in range(30): screen.fill((n, 0, 0)); pygame.display.flip()',
      'pygame.quit()',
      'import glob, os',
      'newest = max(glob.glob(".outputs/*/figure-1.png"), key=os.path.getmtime)',
      'print(pygame.image.load(newest).get_at((0, 0))[0])',
    ],
    files: ['figure-1.png'],
    stdout: /\n29\n$/,
    stderr: /^(?![^]*ALSA)/,
  },
  {
    needs: ['pygame'],
    code: [PYGAME, 'pygame.display.update()'],
    files: ['figure-1.png'],
    stdout: /^pygame/,
    stderr: /^(?![^]*ALSA)/,
  },
  { needs: ['pygame'], code: [PYGAME], files: [], stdout: /^pygame/, stderr: /^(?![^]*ALSA)/ },
]

const PLOTLY = 'import plotly.graph_objects as go, plotly.io as pio\nfig = go.Figure(go.Bar(y=[1]))'
const ALTAIR =
  'import altair as alt, pandas as pd\nchart = alt.Chart(pd.DataFrame({"x": [1]})).mark_bar().encode(x="x")'
const BOKEH =
  'from bokeh.plotting import figure, output_file, output_notebook, show\nplot = figure()\nplot.line([1, 2], [3, 4])'
/** Whatever is installed for pictures. */
const NO_PICTURES = `import importlib.util as find
spec = find.find_spec
find.find_spec = lambda name, *rest: None if name in ("kaleido", "vl_convert") else spec(name, *rest)`

const TAKES = (name: string) =>
  `there is no picture, so the page is kept: it takes ${name}, which pip_install installs\n`

const PAGES: Case[] = [
  { needs: ['plotly'], code: [NO_PICTURES, PLOTLY, 'fig.show()'], files: ['figure-1.html'], stderr: TAKES('kaleido') },
  {
    needs: ['plotly'],
    code: [
      NO_PICTURES,
      PLOTLY,
      'from plotly.offline import iplot',
      'pio.renderers.default = "notebook"',
      'fig.show(renderer="browser")',
      'pio.show(fig)',
      'iplot(fig)',
    ],
    files: ['figure-1.html', 'figure-2.html', 'figure-3.html'],
    stderr: TAKES('kaleido'),
  },
  { needs: ['plotly'], code: [PLOTLY, 'from plotly.offline import plot', 'plot(fig)'], files: ['temp-plot.html'] },
  {
    needs: ['altair'],
    code: [NO_PICTURES, ALTAIR, 'chart.show()'],
    files: ['figure-1.html'],
    stderr: TAKES('vl-convert-python'),
  },
  { needs: ['altair', 'vl_convert'], code: [ALTAIR, 'chart.display()', 'chart.show()'], files: ['figure-1.png'] },
  {
    needs: ['bokeh'],
    code: [BOKEH, 'output_notebook()', 'show(plot)', 'show(plot)'],
    files: ['figure-1.html', 'figure-2.html'],
  },
  { needs: ['bokeh'], code: [BOKEH, 'output_file("plot.html")', 'show(plot)'], files: ['plot.html'] },
]

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
    code: [AX, 'ax.set_title("$\\\\none{$")', 'plt.figure()', 'plt.plot([2, 1])'],
    files: ['figure-1.png'],
    stderr: /^what was left open could not be saved: ValueError: [^]*none/,
  },
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
  {
    needs: ['matplotlib'],
    code: [
      AX,
      'from matplotlib.animation import FuncAnimation',
      'film = FuncAnimation(fig, lambda n: line.set_ydata([n, 1]), frames=3)',
      'plt.show()',
    ],
    files: ['figure-1.png'],
    stderr:
      'matplotlib: an animation was not saved, so one picture of it is shown at most. Next: save it, as with animation.save("film.gif", writer="pillow").\n',
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

  for (const { needs, code, files, stdout = '', stderr = '', status = 'success' } of [
    ...MATPLOTLIB,
    ...FONTS,
    ...WINDOWS,
    ...PAGES,
    ...GAMES,
  ]) {
    test.skipIf(!needs.every((name) => THERE.has(name)))(code.join('\n'), async () => {
      const result = await run(runner, code.join('\n'), { workspace: 'shown', show_last: false })
      expect(result.exit.status).toBe(status)
      expect(result.stdout).toEqual(typeof stdout === 'string' ? stdout : expect.stringMatching(stdout))
      expect(result.stderr).toEqual(typeof stderr === 'string' ? stderr : expect.stringMatching(stderr))
      const made = result.events.flatMap((event) =>
        event.type === 'file' && event.change !== 'deleted' ? [event.path] : [],
      )
      expect(made.map((path) => path.replace(`.outputs/${result.id}/`, ''))).toEqual(files)
    })
  }
})

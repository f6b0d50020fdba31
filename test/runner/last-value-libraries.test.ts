/**
 * `show_last` with the libraries themselves, where the tests' Python has them: MCP_CODE_MODE_PYTHON names one that does. The contract
 * tests drive the same with small stand-ins.
 */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testPython } from '../support/python.ts'
import { type RunningRunner, startRunner } from '../support/runner.ts'
import { run } from './contract/context.ts'

const python = await testPython()

function has(...modules: string[]): boolean {
  try {
    execFileSync(python, ['-c', `import ${modules.join()}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const PNG = /^\ufffdPNG/
const FRAME = 'import pandas as pd\ndf = pd.DataFrame({"a": range(1000), "b": "ü"})\n'

/** Modules, program, the last lines of its output, and the files' names and beginnings. */
const CASES: [string[], string, RegExp, Record<string, RegExp>][] = [
  [['pandas'], `${FRAME}df`, /\n999 +999 +ü\n\[DataFrame: 1,000 rows, 2 columns, saved/, { csv: /^a,b\n0,ü\n/ }],
  [
    ['pandas'],
    `${FRAME}df[5:7]`,
    /^ +a +b\n5 +5 +ü\n6 +6 +ü\n\[DataFrame: 2 rows, 2 columns/,
    { csv: /^,a,b\n5,5,ü\n/ },
  ],
  [['pandas'], `${FRAME}df.a`, /\n999 +999\nName: a, dtype: int64\n\[Series: 1,000 rows/, { csv: /^a\n0\n/ }],
  [['pandas', 'jinja2'], `${FRAME}df.head().style`, /^\[Styler: saved/, { html: /^<!DOCTYPE html>[^]*<table/ }],
  [
    ['polars'],
    'import polars as pl\npl.DataFrame({"a": [1, 2]})',
    /\| 2 +\|\n\[DataFrame: 2 rows/,
    { csv: /^a\n1\n2\n$/ },
  ],
  [['polars'], 'import polars as pl\npl.Series("a", [1, 2])', /\| 2 +\|\n\[Series: 2 rows/, { csv: /^a\n1\n2\n$/ }],
  [
    ['pyarrow'],
    'import pyarrow as pa\npa.table({"a": [1, 2]})',
    /\[\[1,2\]\]\n\[Table: 2 rows/,
    { csv: /^"a"\n1\n2\n$/ },
  ],
  [['matplotlib'], 'import matplotlib.pyplot as plt\nplt.plot([1, 2])', /Line2D.*\n\[Figure: saved/, { png: PNG }],
  [
    ['matplotlib'],
    'import matplotlib.pyplot as plt\nplt.subplots(2, 2)[1]',
    /dtype=object.*\n\[Figure: saved/,
    { png: PNG },
  ],
  [
    ['matplotlib'],
    'import matplotlib.pyplot as plt\nplt.hist([1, 2])',
    /BarContainer.*\n\[Figure: saved/,
    { png: PNG },
  ],
  [['matplotlib', 'pandas'], `${FRAME}df.plot()`, /^<Axes: >\n\[Figure: saved/, { png: PNG }],
  [
    ['seaborn'],
    `import seaborn as sns\n${FRAME}sns.relplot(df, x="a", y="a")`,
    /Grid.*\n\[Figure: saved/,
    { png: PNG },
  ],
  [['PIL'], 'from PIL import Image\nImage.new("L", (2, 2))', /^<PIL.*\n\[Image: saved/, { png: PNG }],
  [
    ['plotly'],
    'import plotly.graph_objects as go\ngo.Figure([go.Bar(y=[1])])',
    /^\[plotly Figure: 1 traces \(bar\), saved/,
    { html: /^<(!doctype )?html>[^]*cdn\.plot\.ly/i },
  ],
  [
    ['altair', 'pandas'],
    `import altair as alt\n${FRAME}alt.Chart(df).mark_bar()`,
    /\n\[Chart: saved/,
    { html: /vega/ },
  ],
  [['IPython'], 'from IPython.display import HTML\nHTML("<b>x</b>")', /\n\[HTML: saved/, { html: /<b>x<\/b>/ }],
  [['sympy'], 'import sympy\nsympy.sqrt(8)', /^2\*sqrt\(2\)\n$/, {}],
]

describe.each(['plain', 'fork'] as const)('%s', (start) => {
  let runner: RunningRunner
  beforeAll(async () => {
    runner = await startRunner({ start })
  })
  afterAll(async () => {
    await runner.stop()
  })

  for (const [modules, code, stdout, files] of CASES) {
    test.skipIf(!has(...modules))(code, async () => {
      const result = await run(runner, code, { show_last: true })
      expect(result).toMatchObject({ stderr: '', exit: { status: 'success' } })
      expect(result.stdout).toMatch(stdout)
      const client = runner.client(result.workspace)
      const made = result.events.flatMap((event) => (event.type === 'file' ? [event.path] : []))
      expect(made).toEqual(Object.keys(files).map((kind) => `.outputs/${result.id}/last.${kind}`))
      for (const [kind, content] of Object.entries(files)) {
        const file = await client.readFile(`.outputs/${result.id}/last.${kind}`)
        expect(await file!.text()).toMatch(content)
      }
    })
  }
})

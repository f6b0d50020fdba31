/** The value of a program's last expression is shown, with `show_last` or when nothing else was, and nothing else about the run is different. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Contract, type Finished, run, type RunOptions } from './context.ts'

const PANDAS = {
  'pandas/__init__.py': readFileSync(new URL('../../fixtures/pandas/__init__.py', import.meta.url), 'utf8'),
}
const MATPLOTLIB = {
  'matplotlib/__init__.py': '',
  'matplotlib/figure.py': `class Figure:
    def savefig(self, file, format): file.write(b'drawn as ' + format.encode())
class Line:
    def __init__(self, figure): self.figure = figure
    def __repr__(self): return 'a line'
`,
  'matplotlib/pyplot.py': 'show = None\nclosed = []\nclose = closed.append',
}

export function lastValue(the: Contract): void {
  /** A program with `show_last`: what it prints and the files that it leaves, as name and content. */
  async function shown(code: string | string[], options: RunOptions = {}) {
    const lines = typeof code === 'string' ? code : code.join('\n')
    const result = await run(the.runner, lines, { show_last: true, ...options })
    const client = the.runner.client(result.workspace)
    const files: string[] = []
    for (const path of paths(result)) {
      if (path in (options.files ?? {})) continue
      files.push(`${path} ${await (await client.readFile(path))!.text()}`.replace(result.id, 'ID'))
    }
    return { ...result, stdout: result.stdout.replaceAll(result.id, 'ID'), files }
  }

  test.concurrent.each([
    ['a number', 'x = 6\nx * 7', '42\n'],
    ['a text', '"only\\na text"', "'only\\na text'\n"],
    ['in brackets, with a comment and lines after it', '(1 +\n  2)  # three\n\n', '3\n'],
    ['behind another statement', 'x = 1; x', '1\n'],
    ['a walrus', '(x := 5)', '5\n'],
    ['a lone surrogate', 'x = 1\n"\\ud800"', "'\\ud800'\n"],
    ['a class', 'class A: _repr_html_ = None\nA', "<class '__main__.A'>\n"],
    [
      'an object with every attribute',
      'from unittest.mock import Mock\nMock(name="m")',
      /^<Mock name='m' id='\d+'>\n$/,
    ],
    ['Windows line ends', 'x = 1\r\nx\r\n', '1\n'],
    ['None', 'print', /^<built-in function print>\n$/],
    ['None itself', 'None', ''],
    ['what print returns', 'print(1)', '1\n'],
    ['an assignment', 'x = 1', ''],
    ['a loop', 'for x in [1]:\n    x', ''],
    ['a semicolon', '"ü"; 1  ;  # hidden', ''],
    ['a semicolon in a text', '"x;"', "'x;'\n"],
    ['a semicolon in a comment', '1  # ;', '1\n'],
    ['nothing at all', '# nothing', ''],
  ])('%s', async (_case, code, stdout) => {
    const result = await shown(code)
    expect(result).toMatchObject({ stderr: '', files: [], exit: { status: 'success', exit_code: 0 } })
    expect(result.stdout).toEqual(typeof stdout === 'string' ? stdout : expect.stringMatching(stdout))
  })

  test.concurrent('when it is not wanted nothing is shown', async () => {
    const result = await shown('class A:\n    _repr_html_ = lambda self: "<p>"\nA()', { show_last: false })
    expect(result).toMatchObject({ stdout: '', stderr: '', files: [] })
  })

  test.concurrent.each([
    ['is quiet', 'x = 6\nx * 7', '42\n', ''],
    [
      'ends in HTML',
      'class A:\n    _repr_html_ = lambda self: "<p>"\nA()',
      '[A: saved as .outputs/ID/last.html]\n',
      '',
    ],
    ['writes to stderr only', 'import sys\nprint("careful", file=sys.stderr)\n7', '7\n', 'careful\n'],
    ['starts a quiet process', 'import os\nos.system("true")', '0\n', ''],
    ['prints', 'print(1)\n2', '1\n', ''],
    ['prints in a process', 'import os\nos.system("echo 1")', '1\n', ''],
    ['writes to the descriptor', 'import os\nos.write(1, b"1\\n")', '1\n', ''],
    [
      'holds its print back',
      'import io, sys\nsys.stdout = io.TextIOWrapper(sys.stdout.buffer)\nprint(1)\n2',
      '1\n',
      '',
    ],
    [
      'prints in a thread that outlives it',
      'import threading, time\nthreading.Thread(target=lambda: (time.sleep(0.2), print(1))).start()\n2',
      '1\n',
      '',
    ],
    [
      'prints in a pool that outlives it',
      'from concurrent.futures import ThreadPoolExecutor\nimport time\npool = ThreadPoolExecutor()\npool.submit(lambda: (time.sleep(0.2), print(1)))',
      '1\n',
      '',
    ],
    ['makes a file', 'open("a.txt", "w").write("abc")', '', ''],
    ['changes a file', 'open("given.txt", "a").write("abc")', '', ''],
    ['deletes a file', 'import os\nos.remove("given.txt")\n"gone"', '', ''],
    ['reads a file', 'open("given.txt").read()', "'given'\n", ''],
    ['hides its value', '1;', '', ''],
    ['ends in None', 'None', '', ''],
    ['asks by itself', 'import os\nos.write(250, b"?" * 30000)\n8', '8\n', ''],
    ['closes the descriptor of answers', 'import os\nos.close(250)\n8', '', ''],
    ['is a text', '"""What it does."""', "'What it does.'\n", ''],
  ])('without being asked, the value of a program that %s', async (_case, code, stdout, stderr) => {
    const { id, ...result } = await run(the.runner, code, { files: { 'given.txt': 'given' } })
    expect({ stdout: result.stdout.replaceAll(id, 'ID'), stderr: result.stderr, status: result.exit.status }).toEqual({
      stdout,
      stderr,
      status: 'success',
    })
  })

  test.concurrent('a coroutine that was forgotten is warned of, and not shown', async () => {
    const result = await run(the.runner, 'async def main():\n    print("in")\n\nmain()')
    expect(result).toMatchObject({
      stdout: '',
      stderr: expect.stringMatching(/main\.py:4: RuntimeWarning: coroutine 'main' was never awaited\n {2}main\(\)\n$/),
      exit: { status: 'success' },
    })
  })

  test.concurrent('the last expression is evaluated once', async () => {
    const result = await run(the.runner, 'calls = []\ndef f():\n    calls.append(1)\n    return calls\n\nf()')
    expect(result.stdout).toBe('[1]\n')
  })

  test.concurrent.each<[string, string[], string, string[]]>([
    [
      'HTML',
      ['def _repr_html_(self): return "<p>ü</p>"'],
      '[A: saved as .outputs/ID/last.html]\n',
      ['.outputs/ID/last.html <!DOCTYPE html>\n<meta charset="utf-8">\n<p>ü</p>\n'],
    ],
    [
      'a whole page beside its repr',
      ['def _repr_html_(self): return "<HTML>", {}', 'def __repr__(self): return "an A"'],
      'an A\n[A: saved as .outputs/ID/last.html]\n',
      ['.outputs/ID/last.html <HTML>'],
    ],
    [
      'a picture before another, and a page',
      [
        'def _repr_jpeg_(self): return b"jpeg"',
        'def _repr_png_(self): return b"png"',
        'def _repr_html_(self): return "<html>"',
        'def _repr_markdown_(self): return "# md"',
      ],
      '[A: saved as .outputs/ID/last.png and .outputs/ID/last.html]\n',
      ['.outputs/ID/last.html <html>', '.outputs/ID/last.png png'],
    ],
    [
      'a picture in base64',
      ['def _repr_jpeg_(self): return "anBlZw=="'],
      '[A: saved as .outputs/ID/last.jpg]\n',
      ['.outputs/ID/last.jpg jpeg'],
    ],
    [
      'SVG and Markdown',
      [
        'def _repr_svg_(self): return "<svg/>"',
        'def _repr_markdown_(self): return "# md"',
        'def _repr_png_(self): pass',
      ],
      '[A: saved as .outputs/ID/last.svg and .outputs/ID/last.md]\n',
      ['.outputs/ID/last.md # md', '.outputs/ID/last.svg <svg/>'],
    ],
    [
      'a bundle',
      [
        'def _repr_mimebundle_(self, include, exclude): return {"text/plain": "x", "text/html": "<html>1"}, {}',
        'def _repr_html_(self): return "<html>2"',
      ],
      '[A: saved as .outputs/ID/last.html]\n',
      ['.outputs/ID/last.html <html>1'],
    ],
  ])('%s', async (_case, methods, stdout, files) => {
    const result = await shown(['class A:', ...methods.map((method) => `    ${method}`), 'A()'])
    expect(result).toMatchObject({ stdout, files, stderr: '', exit: { status: 'success' } })
  })

  test.concurrent.each<[string, string[], Record<string, unknown>]>([
    [
      'repr() raises',
      ['def __repr__(self): return 1 / 0'],
      { stdout: '', stderr: 'show_last: the A has no repr(): ZeroDivisionError: division by zero (line 2)\n' },
    ],
    [
      'a document raises',
      ['def _repr_html_(self): raise SystemExit(3)', 'def __repr__(self): return "an A"'],
      { stdout: 'an A\n', stderr: 'show_last: the A is not shown as text/html: SystemExit: 3 (line 2)\n' },
    ],
    [
      'a bundle raises',
      ['def _repr_mimebundle_(self, **options): return 7', 'def __repr__(self): return "an A"'],
      { stdout: 'an A\n', stderr: expect.stringMatching(/^show_last: the A gives no bundle: TypeError: .*\n$/) },
    ],
    [
      'a picture is none',
      ['def _repr_png_(self): return "é"', 'def __repr__(self): return "an A"'],
      {
        stdout: 'an A\n',
        stderr: expect.stringMatching(/^show_last: the A is not shown as image\/png: ValueError.*\n$/),
      },
    ],
    [
      'a file would be too large',
      ['def _repr_html_(self): return "x" * 21_000_000', 'def __repr__(self): return "an A"'],
      { stdout: 'an A\n', stderr: expect.stringContaining('bytes, more than 20,971,520') },
    ],
  ])('when %s, stderr says so and the next way is taken', async (_case, methods, texts) => {
    const result = await shown(['class A:', ...methods.map((method) => `    ${method}`), 'A()'])
    expect(result).toMatchObject({ ...texts, files: [], exit: { status: 'success', exit_code: 0 } })
  })

  test.concurrent('a file that cannot be written is told, and nothing of it is left', async () => {
    const code = 'class A:\n    def _repr_html_(self): return "x" * 100_000\n    def __repr__(self): return "an A"\nA()'
    const result = await shown(code, { limits: { file_bytes: 64 * 1024 } })
    expect(result).toMatchObject({ stdout: 'an A\n', files: [], exit: { status: 'success' } })
    expect(result.stderr).toContain('OSError')
  })

  test.concurrent.each([
    [
      'no descriptor',
      'files = []\ntry:\n    while True: files.append(open("/dev/null"))\nexcept OSError: pass',
      'OSError',
    ],
    [
      'no name of its class',
      'class M(type):\n    __name__ = property(lambda cls: 1 / 0)\nclass A(A, metaclass=M): pass',
      '',
    ],
  ])('a program that has %s left is a success all the same', async (_case, code, told) => {
    const last = 'class A:\n    def _repr_html_(self): return "x"\n    def __repr__(self): return "an A"'
    const result = await shown(`${last}\n${code}\nA()`, { limits: { open_files: 64 } })
    expect(result.exit).toMatchObject({ status: 'success', exit_code: 0 })
    expect(result.stderr).toContain(told)
  })

  test.concurrent.each([
    ['closes stdout', 'import sys\nsys.stdout.close()\n1'],
    ['closes both streams', 'import sys\nsys.stdout.close()\nsys.stderr.close()\n1'],
    ['ends before', 'import sys\nsys.exit(3)\n1'],
    ['fails before', 'x = [\n  1 /\n  0]\nx'],
    ['fails in its last expression', 'def f(x):\n    return 1 / x\n\n[\n  f(1),\n  f(0),\n]'],
    ['fails in its only one', '(1 +\n "x")'],
    ['is no Python', 'x = (\nx'],
    ['returns', 'x = 1\nreturn x\nx'],
    ['awaits', 'await f()'],
    ['has a future', 'from __future__ import annotations\ndef f(x: y): pass\nprint(f.__annotations__)\n1 / 0'],
    ['looks around', 'import sys\nprint(sorted(globals()), [m for m in sys.modules if "last" in m], __doc__)\n1 / 0'],
  ])('a program that %s does what it does without', async (_case, code) => {
    const [plain, other] = await Promise.all([run(the.runner, code), shown(code)])
    const withoutPath = (text: string, id: string) => text.replaceAll(/"[^"]*main\.py"/g, 'FILE').replaceAll(id, 'ID')
    const facts = ({ exit, stdout, stderr, id }: Finished) => ({
      exit: { ...exit, n: 0, usage: null, bytes: null },
      stdout: stdout.replaceAll(id, 'ID'),
      stderr: withoutPath(stderr, id).replaceAll(/^show_last: .*\n/gm, ''),
    })
    expect(facts(other)).toEqual(facts(plain))
  })

  test.concurrent('a value that hangs is ended by the time-out, and the output before it is kept', async () => {
    const code = 'import time\nclass A:\n    def __repr__(self): time.sleep(100)\nprint("before")\nA()'
    const result = await shown(code, { timeout_s: 6 })
    expect(result).toMatchObject({ stdout: 'before\n', exit: { status: 'timeout' } })
  })

  test.concurrent('what only Python’s own compiler can take is run, and not shown', async () => {
    const result = await shown(`x = 1\nprint("ran")\n${Array.from({ length: 1500 }, () => 'x').join('+')}`)
    expect(result).toMatchObject({ exit: { status: 'success' } })
    // Where the limit lies is each Python's own matter.
    if (result.stderr === '') expect(result.stdout).toBe('ran\n1500\n')
    else
      expect(result).toMatchObject({
        stdout: 'ran\n',
        stderr: expect.stringMatching(/^show_last: .*not shown: Recurs/),
      })
  })

  test.concurrent.each([
    ['a figure', 'figure', '[Figure: saved as .outputs/ID/last.png]\n'],
    ['a line of one', 'Line(figure)', 'a line\n[Figure: saved as .outputs/ID/last.png]\n'],
    ['a list of lines', '[Line(figure)]', '[a line]\n[Figure: saved as .outputs/ID/last.png]\n'],
  ])('%s of matplotlib becomes a picture', async (_case, last, stdout) => {
    const begin =
      'import atexit\nfrom matplotlib import pyplot\nfrom matplotlib.figure import Figure, Line\nfigure = Figure()'
    const closed = 'atexit.register(lambda: print(pyplot.closed == [figure]))'
    const result = await shown([begin, closed, last], { files: MATPLOTLIB })
    expect(result.stdout).toBe(`${stdout}True\n`)
    expect(result.files).toEqual(['.outputs/ID/last.png drawn as png'])
  })

  test.concurrent.each([
    ['a frame', 'DataFrame(["a", "b"], [["1", "2"]])', 'a b\n1 2\n[DataFrame: 1 rows, 2 columns', 'a,b\n1,2\n'],
    ['a frame with an index', 'DataFrame(["a"], [["1"]], ["x"])', 'a\n1\n[DataFrame: 1 rows, 1 columns', ',a\nx,1\n'],
    ['a series', 'Series("a", ["1", "2"])', '1 2\n[Series: 2 rows, 1 columns', 'a\n1\n2\n'],
  ])('%s of pandas is printed and saved', async (_case, last, text, csv) => {
    const result = await shown(['from pandas import *', last], { files: PANDAS })
    expect(result.stdout).toBe(`${text}, saved as .outputs/ID/last.csv]\n`)
    expect(result.files).toEqual([`.outputs/ID/last.csv ${csv}`])
  })

  test.concurrent.each([
    ['that is printed whole is not saved', 'DataFrame(["a"], [["1"], ["2"]])', 'a\n1\n2\n', 0],
    [
      'with a long cell is saved',
      'DataFrame(["a"], [["1..."]])',
      'a\n1...\n[DataFrame: 1 rows, 1 columns, saved as .outputs/ID/last.csv]\n',
      1,
    ],
    ['with many rows is saved', 'DataFrame(["a"], [["1"]] * 41)', /\n\[DataFrame: 41 rows, 1 columns, saved as /, 1],
  ])('without being asked, a table %s', async (_case, last, stdout, count) => {
    const { id, ...result } = await run(the.runner, `from pandas import *\n${last}`, { files: PANDAS })
    const text = result.stdout.replaceAll(id, 'ID')
    expect(text).toEqual(typeof stdout === 'string' ? stdout : expect.stringMatching(stdout))
    expect(paths({ id, ...result })).toHaveLength(count)
  })

  test.concurrent('of a large table a part is printed and a part is saved, and both are told', async () => {
    const watched = [
      'from pandas import *',
      'to_csv, sizes = DataFrame.to_csv, []',
      'DataFrame.to_csv = lambda self, index: sizes.append(len(self.rows)) or to_csv(self, index)',
      'import atexit; atexit.register(lambda: print(sizes))',
    ]
    const last = 'DataFrame(["a"], [[f"{n:06}" * 80] for n in range(50_000)])'
    const { stdout, files } = await shown([...watched, last], { files: PANDAS })
    const [, left] = /\n\[\.\.\. ([\d,]+) characters left out\]\n/.exec(stdout) ?? []
    expect(Number(left?.replaceAll(',', ''))).toBe(2 + 40 * 481 - 1 - stdout.indexOf('\n[...'))
    expect(stdout.indexOf('\n[...')).toBeLessThanOrEqual(10_000)
    // Halved until 20 MiB in memory and 5 MiB as CSV are enough.
    expect(stdout.slice(stdout.lastIndexOf('\n[D'))).toBe(
      '\n[DataFrame: 50,000 rows, 1 columns, the first 6,250 rows saved as .outputs/ID/last.csv]\n[25000, 12500, 6250]\n',
    )
    expect(files[0]!.split('\n')).toHaveLength(1 + 6_250 + 1)
  })

  test.concurrent('a table that cannot be CSV is printed', async () => {
    const broken = ['from pandas import *', 'DataFrame.to_csv = lambda self, index: 1 / 0', 'DataFrame(["a"], [])']
    const result = await shown(broken, { files: PANDAS })
    expect(result).toMatchObject({ stdout: 'a\n[DataFrame: 0 rows, 1 columns]\n', files: [] })
    expect(result.stderr).toBe(
      'show_last: the table is not saved as CSV: ZeroDivisionError: division by zero (line 2)\n',
    )
  })
}

function paths({ events }: Finished): string[] {
  return events.flatMap((event) => (event.type === 'file' ? [event.path] : []))
}

import { call, programs, type Scene } from './scene.ts'

/** Programs that do their work. */
export const SUCCEEDING: Scene[] = [
  programs('prints a result', 'print("hello", 6 * 7)'),
  programs('prints nothing', 'total = sum(range(100))'),
  programs('ends in an expression', 'total = sum(range(100))\ntotal'),
  programs('ends in None', 'def report():\n    return None\n\nreport()'),
  programs('asks for the last value', { code: 'rows = [1, 2, 3]\nprint("rows:")\nrows', show_last: true }),
  programs('never calls its main', 'def main():\n    print("working")\n'),
  programs('mistypes the name of main', 'def main():\n    print("working")\n\nif __name__ == "main":\n    main()'),
  programs(
    'warns',
    'import warnings\nwarnings.warn("the old way", DeprecationWarning)\nwarnings.warn("look out")\nprint("done")',
  ),
  programs('prints to both streams', 'import sys\nprint("rows: 3")\nprint("one row was skipped", file=sys.stderr)'),
  programs('reads stdin', { code: 'name = input("Name? ")\nprint(f"Hello {name}")', stdin: 'Ada\n' }),
  programs('reads files that came along', {
    code: 'print(open("in/a.csv").read().strip())',
    files: { 'in/a.csv': 'x,y\n1,2\n' },
  }),
  programs(
    'awaits at the top',
    'import asyncio\n\nasync def f():\n    await asyncio.sleep(0.01)\n    return 3\n\nprint(await f())',
  ),
  programs(
    'uses pip and magics as in a notebook',
    '!pip install tinypkg==1.0\n%matplotlib inline\nimport tinypkg\nprint(tinypkg.VERSION)',
  ),
  programs('asks for a package that is refused as in a notebook', '!pip install reqeusts\nprint("x")'),
  programs('runs commands as in a notebook', 'name = "a"\n!echo {name} one\nlines = !printf "b\\nc\\n"\nlines'),
  programs(
    'displays values as in a notebook',
    'from IPython.display import HTML, display\n\ndisplay(HTML("<b>hi</b>"))\ndisplay([1, 2])\n6 * 7',
  ),
  programs('was typed at prompts', '>>> x = 5\n>>> print(x)\n5\n>>> x * 2\n10'),
  programs('stands between prose', 'Here is the code:\n```python\nprint("inside")\n```\nHope it helps'),
  programs('has HTML entities', 'if 1 &lt; 2:\n    print(&quot;ok&quot;)'),
  programs('is a shell script', 'ls -la\necho hi'),
  programs(
    'is a notebook',
    '{"cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "source": ["print(1)"]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
  ),
  programs('installs what it imports', 'import tinypkg\nprint(tinypkg.VERSION)'),
  programs('gets a package under another name', 'import cv2\nprint(cv2.VERSION)'),
  programs(
    'optional dependency',
    'try:\n    import tabulate\nexcept ImportError as error:\n    raise ImportError("`Import tabulate` failed.  Use pip or conda to install the tabulate package.") from error\nprint("there now")',
  ),
  programs(
    'leaves a server behind',
    'import subprocess, sys\nserver = subprocess.Popen([sys.executable, "-m", "http.server", "0", "--bind", "127.0.0.1"], stdout=subprocess.PIPE)\nserver.stdout.readline()\nprint("Server is running")',
  ),
  {
    name: 'is run again when that may help',
    calls: [
      call('run_with_retry', {
        code: 'import os\nif not os.path.exists("tried"):\n    open("tried", "w").close()\n    raise ConnectionResetError(104, "Connection reset by peer")\nprint("got it")',
        description: 'fetch the rates',
      }),
    ],
  },
]

import { call, programs, type Scene } from './scene.ts'

/** Programs that fail, each in a way of its own. */
export const FAILING: Scene[] = [
  programs('exception', 'def mean(values):\n    return sum(values) / len(values)\n\nprint("start")\nprint(mean([]))'),
  programs('exception in a library', 'import json\n\nprint("parsing")\njson.loads("<html>502 Bad Gateway</html>")'),
  programs(
    'chained exceptions',
    'try:\n    {}["rows"]\nexcept KeyError as error:\n    raise ValueError("no rows in the answer") from error',
  ),
  programs('syntax error', 'rows = [1, 2\nprint(rows)'),
  programs('indentation error', 'def f():\nreturn 1'),
  programs('unknown magic', 'import math\n%sql select 1'),
  programs('undefined name', { code: 'rows = [1, 2, 3]\nprint(len(rows))' }, { code: 'print(sum(rows))' }),
  programs('missing file', { code: 'print(open("report.csv").read())', files: { 'data/Report.csv': 'a\n1\n' } }),
  programs('missing package', 'import nonexistent_package_xyz\nprint("never")'),
  programs('mistyped package', 'import reqeusts'),
  programs('module of the standard library lacks a name', 'from os import nonexistent'),
  programs(
    'missing optional dependency',
    'raise ImportError("Missing optional dependency \'tabulate\'.  Use pip or conda to install tabulate.")',
  ),
  programs('input without stdin', 'name = input("Name? ")\nprint("hi", name)'),
  programs('empty pickle', 'import pickle\nopen("empty.pkl", "wb").close()\npickle.load(open("empty.pkl", "rb"))'),
  programs(
    'wrong encoding',
    'open("l1.csv", "wb").write("naam;prijs\\ncafé;3\\n".encode("cp1252"))\nprint(open("l1.csv", encoding="utf-8").read())',
  ),
  programs('missing command', 'import subprocess\nsubprocess.run(["ffmpeg-of-a-transcript", "-version"], check=True)'),
  programs(
    'failing command',
    'import subprocess\nsubprocess.run(["sh", "-c", "echo no such table >&2; exit 3"], check=True)',
  ),
  programs(
    'workers that start workers',
    'import multiprocessing as mp\n\ndef square(x):\n    return x * x\n\nwith mp.get_context("spawn").Pool(1) as pool:\n    print(pool.map(square, [1, 2, 3]))',
  ),
  programs('no such environment variable', 'import os\nkey = os.environ["SERVICE_KEY"]'),
  programs('a page in the place of an archive', {
    code: 'import zipfile\nzipfile.ZipFile("data.zip").extractall()',
    files: { 'data.zip': '<!doctype html><title>Sign in</title>' },
  }),
  programs('exit code', 'import sys\nprint("bad input", file=sys.stderr)\nsys.exit(3)'),
  programs('exit with words', 'import sys\nsys.exit("no rows to report")'),
  programs('exit without a trace', 'import os\nos._exit(3)'),
  programs('refused connection', 'import socket\nsocket.create_connection(("127.0.0.1", 9), timeout=2)'),
  programs('recursion', 'def f(n):\n    return f(n + 1)\n\nf(0)'),
  programs('memory limit', 'blocks = []\nwhile True:\n    blocks.append(bytearray(50_000_000))'),
  programs('open files', 'files = [open("/dev/null") for _ in range(100000)]'),
  programs('time-out', { code: 'import time\nprint("partial", flush=True)\ntime.sleep(60)', timeout: 2 }),
  programs('crash', 'import ctypes\nprint("before", flush=True)\nctypes.string_at(0)'),
  programs(
    'exception group',
    'import asyncio\n\nasync def fail():\n    raise ValueError("bad row")\n\nasync def main():\n    async with asyncio.TaskGroup() as group:\n        group.create_task(fail())\n\nasyncio.run(main())',
  ),
  {
    name: 'rate limit',
    calls: [
      call('run_with_retry', { code: 'raise RuntimeError("HTTP 429 Too Many Requests, retry after 90 seconds")' }),
    ],
  },
  {
    name: 'asks for a long wait',
    calls: [
      call('run_with_retry', {
        code: 'import email.message, urllib.error\nheaders = email.message.Message()\nheaders["Retry-After"] = "90"\nraise urllib.error.HTTPError("http://service.test", 429, "Too Many Requests", headers, None)',
      }),
    ],
  },
  { name: 'fails the same way again', calls: [call('run_with_retry', { code: '1 / 0' })] },
  {
    name: 'goes on failing',
    calls: [
      call('run_with_retry', { code: 'raise ConnectionResetError(104, "Connection reset by peer")', max_retries: 1 }),
    ],
  },
]

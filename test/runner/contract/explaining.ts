/** What a failure's report knows beyond class and message, and what is told of what a program leaves behind. */
import { expect, test } from 'vitest'
import { type Contract, expectNoPrograms, type RunOptions, run } from './context.ts'

const MIB = 1024 ** 2

export function explaining(the: Contract): void {
  const factsOf = async (code: string, options?: RunOptions) => (await run(the.runner, code, options)).exit.error?.facts

  const LISTEN = 'import socket\nthere = socket.create_server(("127.0.0.1", 0))\n'
  test.concurrent.each<[string, string, true | undefined]>([
    ['a connection', `${LISTEN}socket.create_connection(there.getsockname())\n1 / 0`, true],
    ['one that failed', 'import socket\nsocket.socket().connect_ex(("127.0.0.1", 1))\n1 / 0', true],
    ['a datagram', 'import socket\nsocket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9))\n1 / 0', true],
    ['asyncio', `${LISTEN}import asyncio\nasyncio.run(asyncio.open_connection(*there.getsockname()))\n1 / 0`, true],
    [
      'urllib, whose failure is caught',
      'import urllib.request\ntry: urllib.request.urlopen("http://127.0.0.1:1")\nexcept OSError: pass\nimport no_such',
      true,
    ],
    ['a server alone', `${LISTEN}1 / 0`, undefined],
    ['a loop', 'import asyncio\nasyncio.run(asyncio.sleep(0))\n1 / 0', undefined],
    ['a pair', 'import socket\nsocket.socketpair()[0].sendmsg([b"x"])\n1 / 0', undefined],
    ['libraries', 'import socket, http.client, ssl\nsocket.socket().connect.__name__ and 1 / 0', true],
    ['a module of that name', 'import sys\nsys.modules["socket"] = sys\nimport socket\n1 / 0', undefined],
  ])('whether a program had reached somebody is told: %s', async (_, code, connected) => {
    expect((await run(the.runner, code)).exit.connected).toBe(connected)
  })

  test.concurrent('a refused connection has no line of ours in its traceback', async () => {
    const code =
      'import socket\ntry: socket.socket().connect(("127.0.0.1", 1))\nexcept OSError:\n    import traceback\n    traceback.print_exc()'
    const { stderr } = await run(the.runner, code)
    expect(stderr.split('\n').filter((line) => line.includes('File'))).toHaveLength(1)
  })

  test.concurrent.each<[string, string, unknown, RunOptions?]>([
    [
      'a file elsewhere',
      'open("report.csv")',
      { near_files: ['data/Report.csv'] },
      { files: { 'data/Report.csv': '' } },
    ],
    [
      'a misspelt file',
      'open("sales_2025.csv")',
      { near_files: ['sales-2025.csv'] },
      { files: { 'sales-2025.csv': '' } },
    ],
    ['no folder', 'open("out/a.csv", "w")', { no_folder: 'out' }],
    ['no files at all', 'open("a.csv")', { no_files: 1 }],
    ['other files', 'open("zzz.bin")', { files_there: ['a.csv'] }, { files: { 'a.csv': '', '.hidden/zzz.bin': '' } }],
    ['a command', 'import subprocess\nsubprocess.run(["no-such-tool", "x"])', { command: 'no-such-tool' }],
    ['a script', 'import subprocess\nsubprocess.run(["./go.sh"])', { no_files: 1 }],
    [
      'a folder to start a command in',
      'import subprocess\nsubprocess.run(["true"], cwd="nowhere")',
      { no_folder: 'nowhere' },
    ],
    [
      'what a command said',
      'import subprocess\nsubprocess.run(["sh", "-c", "echo no >&2; exit 3"], check=True, capture_output=True)',
      { command: 'sh', said: 'no' },
    ],
    ['pages', 'import json\njson.loads("  <!DOCTYPE html>")', { no_json: 'html' }],
    ['lines', `import json\njson.loads('{"a": 1}\\n{"a": 2}')`, { no_json: 'lines' }],
    ['Western text', 'b"caf\\xe9 au lait".decode()', { codec: 'utf-8', looks_like: 'cp1252' }],
    ['binary data', 'b"\\xff\\x00\\x01\\x02".decode()', { codec: 'utf-8' }],
    ['archives', 'b"PK\\x03\\x04\\xff".decode()', { codec: 'utf-8', content: 'zip' }],
    ['a name that nothing binds', 'print(df)', { unbound: 'df' }],
    ['a name that is bound later', 'print(df)\ndf = 1', undefined],
    [
      'an import in other words',
      'try:\n    import nope_q\nexcept ImportError:\n    raise SystemExit("nope_q is needed")',
      { missing_module: 'nope_q' },
    ],
    ['an import that has nothing to do with it', 'try:\n    import nope_q\nexcept ImportError:\n    1 / 0', undefined],
    [
      'a file in the place of a module',
      'import wave\nwave.open',
      { shadowed: 'wave.py' },
      { files: { 'wave.py': '' } },
    ],
    [
      'a name that such a file lacks',
      'from mailbox import Mailbox',
      { shadowed: 'mailbox.py' },
      { files: { 'mailbox.py': '' } },
    ],
    ['a module of its own', 'import own_q\nown_q.nothing', undefined, { files: { 'own_q.py': '' } }],
    [
      'a command in one text',
      'import subprocess\nsubprocess.run("no-such-tool -v")',
      { command_line: 'no-such-tool -v' },
    ],
    [
      'a page that was saved as an archive',
      'import zipfile\nzipfile.ZipFile("a.zip")',
      { file: 'a.zip', really: 'html' },
      { files: { 'a.zip': '<!doctype html>' } },
    ],
    [
      'an empty file',
      'import tarfile\ntarfile.open("a.tar")',
      { file: 'a.tar', really: 'empty' },
      { files: { 'a.tar': '' } },
    ],
    ['no such variable', 'import os\nos.environ["API_KEY_Q"]', { no_variable: 'API_KEY_Q' }],
    ['a number with separators', 'float("1,234.50 €")', { in_number: [' ', ',', '€'] }],
    ['a text that is no number', 'float("n/a")', undefined],
    ['recursion', 'def f(): f()\nf()', { limit: '1000 calls' }],
    ['open files', 'x = [open("/dev/null") for _ in range(99)]', { limit: '64' }, { limits: { open_files: 64 } }],
    ['a large file', 'open("a", "wb").truncate(2**30)', { limit: '1 MiB' }, { limits: { file_bytes: MIB } }],
    ['memory at once', 'bytearray(10**14)', { limit: '2 GiB' }],
  ])('facts of a failure: %s', async (_what, code, facts, options) => {
    expect(await factsOf(code, options)).toEqual(facts)
  })

  test.concurrent('an answer tells its status and when to come back, as a number or a date', async () => {
    const raise = (wait: string) =>
      `import email.utils, time, urllib.error, email.message
headers = email.message.Message()
headers["Retry-After"] = ${wait}
raise urllib.error.HTTPError("http://a.test", 429, "slow down", headers, None)`
    expect(await factsOf(raise('"7"'))).toEqual({ http_status: 429, retry_after_s: 7 })
    const facts = await factsOf(raise('email.utils.formatdate(time.time() + 30, usegmt=True)'))
    expect(facts?.['retry_after_s']).toBeGreaterThan(20)
    expect(facts?.['retry_after_s']).toBeLessThanOrEqual(30)
  })

  test.concurrent('a program whose objects fail when they are looked at is reported like any other', async () => {
    const code = `class HTTPError(Exception):
    __module__ = "requests.exceptions"
    @property
    def response(self):
        raise RuntimeError("not you")
HTTPError.__module__ = "requests.exceptions"
raise HTTPError("500 broken")`
    const { exit } = await run(the.runner, code)
    expect(exit.error).toEqual({
      type: 'requests.exceptions.HTTPError',
      message: '500 broken',
      line: 7,
      frame: expect.any(String),
    })
  })

  test.concurrent('facts that are no facts void the report', async () => {
    const { exit } = await run(
      the.runner,
      `import json, os
os.write(250, json.dumps({"type": "X", "message": "", "line": None, "frame": None, "facts": {"limit": {"a": 1}}}).encode())
os._exit(1)`,
    )
    expect(exit.error).toBeUndefined()
  })

  const SERVER = `import subprocess, sys
subprocess.Popen([sys.executable, "-u", "serve.py"], stdout=subprocess.PIPE).stdout.readline()
`

  test('a server that a program leaves behind ends with it, and is told of', async () => {
    const serve = `import socket, time
s = socket.create_server(("127.0.0.1", 0))
with open("port.txt", "w") as file: file.write(str(s.getsockname()[1]))
print("listening", flush=True)
time.sleep(600)`
    const code = `${SERVER}print(open("port.txt").read())`
    const { exit, stdout, workspace } = await run(the.runner, code, { files: { 'serve.py': serve } })
    expect(exit).toMatchObject({ status: 'success', left: [{ name: 'serve.py', port: Number(stdout) }] })
    await expectNoPrograms(the.runner, workspace)
  })

  test.concurrent('a daemon without a port is told of, short-lived helpers and threads are not', async () => {
    const daemon = await run(
      the.runner,
      'import subprocess\nsubprocess.Popen(["sleep", "600"], start_new_session=True)',
    )
    expect(daemon.exit.left).toEqual([{ name: 'sleep', port: null }])
    const helpers =
      'import subprocess, multiprocessing as m, time\nsubprocess.Popen(["sleep", "600"])\nm.get_context("fork").Process(target=time.sleep, args=(600,), daemon=True).start()'
    expect((await run(the.runner, helpers)).exit.left).toBeUndefined()
  })

  test.concurrent('nothing is told of what was left behind by a program that was stopped', async () => {
    const { exit } = await run(
      the.runner,
      'import subprocess, time\nsubprocess.Popen(["sleep", "600"], start_new_session=True)\ntime.sleep(60)',
      { timeout_s: 1 },
    )
    expect(exit).toMatchObject({ status: 'timeout' })
    expect(exit.left).toBeUndefined()
  })

  test('a pool of workers that start workers themselves is stopped, and named', async () => {
    const code = `import multiprocessing as m
def f(x): return x
with m.get_context("spawn").Pool(2) as pool:
    print(pool.map(f, [1, 2]))`
    const { exit, workspace } = await run(the.runner, code, { timeout_s: 120 })
    expect(exit).toMatchObject({ status: 'error', error: { type: 'SpawnLoop', line: null } })
    await expectNoPrograms(the.runner, workspace)
  })
}

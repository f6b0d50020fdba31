/** A container as a sandbox starts it: its own entry point and command, reached by its port. */
import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import type { Runner } from '../../worker/run/contract/runner.ts'
import { runnerClient } from '../../worker/runner/client.ts'
import { collect } from '../support/runner.ts'

const container = inject('container')
const TOKEN = 'a-token-of-the-container-tests'

/** What programs import of what is installed. */
const MODULES = [
  ...['requests', 'httpx', 'aiohttp', 'bs4', 'lxml', 'pandas', 'numpy', 'scipy', 'sklearn', 'matplotlib', 'seaborn'],
  ...['plotly', 'PIL', 'openpyxl', 'docx', 'pypdf', 'yaml', 'dotenv', 'sympy', 'duckdb', 'polars', 'pyarrow'],
  ...['tabulate', 'jinja2', 'xlsxwriter', 'statsmodels.api', 'tqdm', 'html5lib', 'kaleido'],
]

const SCREENSHOT = `
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    browser = playwright.chromium.launch()
    page = browser.new_page()
    page.set_content("<h1>hello</h1>")
    page.screenshot(path="page.png")
    browser.close()
`

const ASK_THE_CONTROL_PORT = `
import json, urllib.request
body = json.dumps({"command": "id -u", "sessionId": "anybody"}).encode()
request = urllib.request.Request("http://127.0.0.1:3000/api/execute", body, {"content-type": "application/json"})
print(urllib.request.urlopen(request).read().decode())
`

const THREAD_BOMB = `
import threading, time
while True:
    threading.Thread(target=time.sleep, args=(9,)).start()
`

const COUNT_THREADS = 'cat /sys/fs/cgroup/pids.current /sys/fs/cgroup/pids/pids.current 2> /dev/null; true'

const KILL_EVERYTHING = `
import os, signal
for name in os.listdir("/proc"):
    if name.isdigit() and int(name) != os.getpid():
        try:
            os.kill(int(name), signal.SIGKILL)
            print("killed", open(f"/proc/{name}/cmdline").read())
        except (PermissionError, ProcessLookupError):
            pass
`

function docker(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('docker', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return stdout.trim()
}

describe.skipIf('missing' in container)(
  'missing' in container ? `a container: ${container.missing}` : 'a container',
  () => {
    let id: string
    let runner: Runner
    let count = 0
    beforeAll(async () => {
      if ('missing' in container) return
      const { image } = container
      id = docker('run', '--detach', '--rm', '--publish', '127.0.0.1::8080', '--env', `RUNNER_TOKEN=${TOKEN}`, image)
      const address = docker('port', id, '8080/tcp').split('\n')[0]
      runner = runnerClient((request) => fetch(request), `http://${address}`, TOKEN, 'user')
      const ready = async () => expect((await runner.health()).start.bare).toBe('ready')
      await vi.waitFor(ready, { timeout: 30_000 })
    })
    afterAll(() => {
      if (id !== undefined) docker('kill', id)
    })

    async function run(code: string) {
      const { stdout, stderr, exit, events } = await collect(
        runner.start({ id: `r_${++count}`, code, timeout_s: 50, orphan_grace_s: 30 }),
      )
      return {
        stdout,
        stderr,
        status: exit?.status,
        error: exit?.error,
        files: events.filter(({ type }) => type === 'file'),
      }
    }

    test('what is loaded for programs leaves nothing in their home that is not theirs', async () => {
      const code = 'import matplotlib.pyplot as plt; plt.plot([1]); plt.savefig("a.png")'
      await runner.check(code, [])
      await expect.poll(async () => (await runner.health()).start.full, { timeout: 30_000 }).toBe('ready')
      const owners = 'import os; print({os.stat(f).st_uid for f, *_ in os.walk(os.environ["HOME"])})'
      expect((await run(owners)).stdout).toBe('{10001}\n')
      expect((await run(code)).stderr).toBe('')
    })

    test('everything that is installed can be imported together', async () => {
      const { stdout, status } = await run(`import ${MODULES.join(', ')}\nprint("imported")`)
      expect({ stdout, status }).toEqual({ stdout: 'imported\n', status: 'success' })
    })

    test('a program makes a screenshot', async () => {
      expect(await run(SCREENSHOT)).toMatchObject({ status: 'success', files: [{ path: 'page.png' }] })
    })

    test('charts of plotly are shown as pictures', async () => {
      const code = 'import plotly.express as px\npx.bar(x=["a"], y=[1]).show()'
      expect(await run(code)).toMatchObject({ stderr: '', files: [{ path: expect.stringMatching(/figure-1\.png$/) }] })
    })

    test('charts are written in every script', async () => {
      const title = '季节 季節 계절 मौसम فصل עונה ฤดู 😀'
      const code = `import matplotlib.pyplot as plt\nplt.title("${title}")\nplt.savefig("a.png")`
      expect(await run(code)).toMatchObject({ stderr: '', files: [{ path: 'a.png' }] })
    })

    test('pandas is loaded once, and forked from then on', async () => {
      const full = async () => {
        await run('import pandas')
        return (await runner.health()).start.full
      }
      await expect.poll(full, { timeout: 30_000, interval: 500 }).toBe('ready')
    })

    test('a large picture comes back smaller', async () => {
      await run('from PIL import Image; Image.effect_noise((3000, 1500), 90).save("large.png")')
      const picture = await runner.readPicture('large.png', 200_000)
      expect((await picture!.arrayBuffer()).byteLength).toBeLessThanOrEqual(200_000)
    })

    test('packages are installed by uv', async () => {
      expect((await runner.health()).uv).not.toBeNull()
    })

    test('programs are an ordinary user, and cannot end what serves them', async () => {
      expect((await runner.health()).isolation).toMatchObject({ own_user: true })
      expect(await run('import os; print(os.getuid(), os.environ.get("RUNNER_TOKEN"))')).toMatchObject({
        stdout: '10001 None\n',
      })
      await run(KILL_EVERYTHING)
      expect(await run('print(1)')).toMatchObject({ stdout: '1\n', status: 'success' })
    })

    test('a program that starts all the threads of the container leaves enough for others', async () => {
      docker('update', '--pids-limit', '900', id)
      const bomb = run(THREAD_BOMB)
      await expect
        .poll(() => Number(docker('exec', id, 'sh', '-c', COUNT_THREADS)), { timeout: 30_000 })
        .toBeGreaterThan(500)
      expect(await run('print(1)')).toMatchObject({ stdout: '1\n', status: 'success' })
      expect(await bomb).toMatchObject({ status: 'error', error: { facts: { limit: '644' } } })
    })

    test('a runner that is killed is followed by another', async () => {
      docker('exec', id, 'sh', '-c', 'kill -KILL $(pgrep -f "[p]ython3 -m runner --host")')
      await expect.poll(async () => (await run('print(2)').catch(() => null))?.stdout, { timeout: 30_000 }).toBe('2\n')
    })

    test('the hosts of the package index are written down in the image alone', () => {
      expect(docker('exec', id, 'cat', '/opt/code-mode/package-hosts.txt')).toMatch(/^\S+\.\S+(\n\S+)*$/)
    })

    test('the control port executes as root for every program: the container is the boundary', async (context) => {
      const { stdout, stderr } = await run(ASK_THE_CONTROL_PORT)
      if (stderr.includes('Connection refused')) context.skip('this image has no control port')
      // Some versions of it end the line, some do not.
      expect(JSON.parse(stdout).stdout.trim()).toBe('0')
    })
  },
)

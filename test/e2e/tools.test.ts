/** The other tools over real clients of both revisions, against one server: what one client teaches, another one learns. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CLIENTS, type TestClient } from '../support/clients.ts'
import { type DevServer, startDevServer } from '../support/dev-server.ts'
import { type PackageIndex, startPackageIndex } from '../support/package-index.ts'
import { program } from '../support/programs.ts'

let index: PackageIndex
let server: DevServer
let modern: TestClient
let legacy: TestClient
beforeAll(async () => {
  index = await startPackageIndex([
    { name: 'opencv-python-headless', version: '4.12.0', modules: { 'cv2.py': "VERSION = '4.12.0'\n" } },
    { name: 'reqeusts', version: '1.0', modules: { 'reqeusts.py': '' } },
    { name: 'tinypkg', version: '1.0', modules: { 'tinypkg.py': '' } },
    { name: 'tinypkg', version: '2.0', modules: { 'tinypkg.py': '' } },
    { name: 'needs-tiny', version: '0.1', modules: { 'needs_tiny.py': '' }, requires: ['tinypkg<2'] },
    { name: 'cut', version: '1.0', modules: { 'cut.py': `#${'x'.repeat(200_000)}\n` } },
  ])
  // What an index refuses is not asked for again, with growing pauses.
  server = await startDevServer({ ...index.env, PIP_RETRIES: '0', UV_HTTP_RETRIES: '0' })
  modern = await CLIENTS['sdk v2, 2026-07-28']!.connect(server.origin, server.token)
  legacy = await CLIENTS['sdk v1']!.connect(server.origin, server.token)
})
afterAll(async () => {
  await modern?.close()
  await legacy?.close()
  await server?.stop()
  await index?.[Symbol.asyncDispose]()
})

function http(path: string, init: { method?: string; body?: unknown } = {}) {
  return fetch(server.origin + path, {
    method: init.method ?? 'GET',
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
    ...(init.body !== undefined && { body: JSON.stringify(init.body) }),
  })
}

test('a failure that is solved becomes a draft, another client is shown it, and using it moves its count', async () => {
  const description = `parse the ledger ${crypto.randomUUID()}`
  const broken = 'ledger = {"rows": 3}\nprint(ledger["lines"])'
  const failed = await modern.run({ code: broken, description })
  expect(failed.outcome).toMatchObject({ status: 'error', learnings: [] })
  const fixed = await modern.run({ code: broken.replace('["lines"]', '["rows"]'), description })
  expect(fixed.outcome.status).toBe('success')

  // The same failure under another objective, from a client of the other revision.
  const elsewhere = `read another ledger ${crypto.randomUUID()}`
  const again = await legacy.run({ code: broken, description: elsewhere })
  expect(again.outcome.learnings).toHaveLength(1)
  const [shown] = again.outcome.learnings
  expect(shown).toMatchObject({ kind: 'error', origin: expect.stringContaining('sdk v2 modern') })
  expect(shown!.text).toContain('KeyError')
  expect(again.text).toContain(shown!.id)

  const before = JSON.parse(await modern.read(`codemode://learnings/${shown!.id}`))
  expect(before).toMatchObject({ draft: true, success_count: 0, failure_count: 0 })
  await legacy.run({ code: 'print({"rows": 3}["rows"])', description: elsewhere })
  const after = JSON.parse(await modern.read(`codemode://learnings/${shown!.id}`))
  expect(after).toMatchObject({ success_count: 1, failure_count: 0 })
})

test('what is recorded by hand is found by its words, by any client', async () => {
  const word = `zyx${crypto.randomUUID().slice(0, 8)}`
  await modern.call('add_learning', {
    error_pattern: `TypeError in ${word}`,
    solution: 'convert to int first',
    context: 'csv import',
    tags: 'csv, types',
  })
  await legacy.call('record_semantic_failure', {
    objective: `sum ${word}`,
    failed_approach: 'string concatenation',
    successful_approach: 'integer addition',
  })
  const { text, structured } = await legacy.call('get_learnings', { search: word })
  expect(structured.learnings.map(({ kind }: { kind: string }) => kind).toSorted()).toEqual(['error', 'semantic'])
  expect(text).toContain('🔴')
  expect(text).toContain('🔵')
})

test('a slip of a well-known name installs nothing and is suggested', async () => {
  const { outcome } = await modern.run({ code: 'import reqeusts' })
  expect(outcome).toMatchObject({ status: 'error', installed_packages: [], error: { type: 'ModuleNotFoundError' } })
  expect(outcome.hints.join(' ')).toContain('requests')
  expect(index.requests.filter((path) => path.includes('reqeusts'))).toEqual([])
})

test('cv2 is installed under its package’s name, and the program has run exactly once', async () => {
  const { outcome } = await modern.run({ code: 'open("cv2-runs", "a").write("x")\nimport cv2\nprint(cv2.VERSION)' })
  expect(outcome).toMatchObject({
    status: 'success',
    stdout: '4.12.0\n',
    installed_packages: ['opencv-python-headless==4.12.0'],
  })
  expect(outcome.hints.join(' ')).toContain('opencv-python-headless')
  expect(await readFile(join(server.workspace, 'cv2-runs'), 'utf8')).toBe('x')
})

test('a name that a standard-library module lacks installs nothing', async () => {
  const asked = index.requests.length
  const { outcome } = await modern.run({ code: 'from os import nonexistent' })
  expect(outcome).toMatchObject({ status: 'error', error: { type: 'ImportError' }, installed_packages: [] })
  expect(index.requests).toHaveLength(asked)
})

test('pip_install takes specifiers and refuses what is none', async () => {
  const installed = await modern.call('pip_install', { package_name: 'tinypkg<2' })
  expect(installed).toMatchObject({ isError: false, structured: { installed: ['tinypkg==1.0'] } })
  for (const bad of ['--index-url=http://x', 'https://x/y.whl', '../x', 'a;b', 'tiny\npkg', 'x'.repeat(300)]) {
    const refused = await legacy.call('pip_install', { package_name: bad })
    expect([bad, refused.isError]).toEqual([bad, true])
  }
})

test('an installation that breaks what another package needs says so, to a tool and to a run', async () => {
  expect(await modern.call('pip_install', { package_name: 'needs-tiny' })).toMatchObject({ isError: false })
  const words =
    'What is installed does not go together: needs-tiny 0.1 needs tinypkg<2, and tinypkg is 2.0. Next: pip_install versions of these that agree.'
  expect((await legacy.call('pip_install', { package_name: 'tinypkg==2.0' })).text).toBe(
    `Installed 1 package for tinypkg==2.0. ${words}\nInstalled: tinypkg==2.0`,
  )
  const back = await legacy.call('pip_install', { package_name: 'tinypkg<2' })
  expect(back.text).toBe('Installed 1 package for tinypkg<2.\nInstalled: tinypkg==1.0')
  const run = await modern.run({ code: '# /// script\n# dependencies = ["tinypkg==2.0"]\n# ///\nimport tinypkg' })
  expect(run.outcome).toMatchObject({ status: 'success', installed_packages: ['tinypkg==2.0'] })
  expect(run.outcome.hints).toContain(words)
}, 180_000)

test.each([
  [
    'status-500',
    'the package index answered with an error (HTTP 500). Next: call again; if it stays so, do without the package.',
  ],
  [
    'status-502',
    'the package index answered with an error (HTTP 502). Next: call again; if it stays so, do without the package.',
  ],
  [
    'status-403',
    'the package index refused the request (HTTP 403). Next: do without the package; whoever runs this server can see to the index and the credentials that it uses.',
  ],
  [
    'status-404',
    'the package index has no package of this name. Next: check the name "status-404": a package may be called otherwise than its module.',
  ],
  [
    'cut-page',
    'what the package index sent was cut off or is damaged. Next: call again; if it stays so, do without the package.',
  ],
  [
    'cut-chunks',
    'what the package index sent was cut off or is damaged. Next: call again; if it stays so, do without the package.',
  ],
  [
    'cut',
    'what the package index sent was cut off or is damaged. Next: call again; if it stays so, do without the package.',
  ],
])(
  'pip_install says why an index does not give %s',
  async (name, words) => {
    for (const client of [modern, legacy]) {
      const lines: string[] = []
      const failed = await client.call(
        'pip_install',
        { package_name: name },
        { onProgress: (line) => lines.push(line) },
      )
      expect(failed).toMatchObject({ isError: true, text: `Installing ${name} failed: ${words}` })
      expect(lines.join('')).not.toContain('Traceback')
    }
  },
  180_000,
)

test('a deterministic failure is run once, a broken connection again until it works', async () => {
  const once = await modern.call('run_with_retry', { code: 'open("once", "a").write("x")\n1/0' })
  expect(once).toMatchObject({ isError: true, structured: { error: { type: 'ZeroDivisionError' } } })
  expect(await readFile(join(server.workspace, 'once'), 'utf8')).toBe('x')
  expect(once.structured.attempts).toHaveLength(1)

  const thrice = await legacy.call('run_with_retry', { code: program('flaky') })
  expect(thrice).toMatchObject({ isError: false, structured: { status: 'success', stdout: 'worked at attempt 3\n' } })
  expect(await readFile(join(server.workspace, 'flaky.txt'), 'utf8')).toBe('xxx')
  expect(thrice.structured.attempts.map(({ status }: { status: string }) => status)).toEqual([
    'error',
    'error',
    'success',
  ])
})

test('settings apply to the next run, and bad ones change nothing', async () => {
  expect((await modern.call('configure', { action: 'set', key: 'default_timeout', value: '1' })).isError).toBe(false)
  expect((await legacy.run({ code: 'import time\ntime.sleep(30)' })).outcome.status).toBe('timeout')
  for (const [key, value] of [
    ['default_timeout', '-5'],
    ['execution_mode', 'banana'],
    ['allowed_packages', '[1, 2]'],
    ['no_such_key', '1'],
  ]) {
    const refused = await legacy.call('configure', { action: 'set', key, value })
    expect([key, refused.isError, refused.text.length > 20]).toEqual([key, true, true])
  }
  const { settings } = JSON.parse(await modern.read('codemode://config'))
  const changed = settings.filter((setting: { changed: boolean }) => setting.changed)
  expect(changed).toMatchObject([{ key: 'default_timeout', value: 1 }])
  await modern.call('configure', { action: 'reset', key: 'default_timeout' })
})

test('a million lines within a larger limit come whole, also more than 10 MiB of them', async () => {
  await modern.call('configure', { action: 'set', key: 'max_output_bytes', value: '16 MiB' })
  // The answer is that of the end, however long it takes.
  await modern.call('configure', { action: 'set', key: 'answer_within', value: '900' })
  const code = 'for i in range(1_000_000): print(f"line {i}\\n", end="")'
  const { outcome } = await modern.run({ code, timeout: 300 })
  const bytes = Array.from({ length: 1_000_000 }, (_, i) => `line ${i}\n`.length).reduce((a, b) => a + b)
  expect(outcome).toMatchObject({ status: 'success', bytes: { stdout: bytes, stderr: 0 } })
  expect(outcome.left_out).toMatchObject({ dropped_bytes: 0 })
  expect(outcome.stdout.endsWith('line 999999\n')).toBe(true)
  const middle = await modern.call('runs', { action: 'output', run_id: outcome.run_id, from_line: 500_001, limit: 2 })
  expect(middle.text).toBe(
    `[success · lines 500001–500002 of 1000000 · ${outcome.run_id}]\nNext: from_line 500003 for what follows.\n\
Output:\nline 500000\nline 500001`,
  )
  await modern.call('configure', { action: 'reset', key: 'max_output_bytes' })
  await modern.call('configure', { action: 'reset', key: 'answer_within' })
}, 360_000)

test('the workspace of this server is the developer’s own folder and is not emptied', async () => {
  const { isError, text } = await modern.call('configure', { action: 'reset', key: 'workspace', value: 'yes' })
  expect(isError).toBe(true)
  expect(text).toContain('kept')
})

test('get_system_context and its resource tell what there is', async () => {
  const { text, structured } = await modern.call('get_system_context')
  expect(text).toContain('Python 3.')
  expect(text.length).toBeLessThan(6_100)
  expect(structured.executor).toBe('local')
  expect(await legacy.read('codemode://context')).toContain('Python 3.')
})

test('the original’s files are imported and exported again', async () => {
  const original = [
    {
      error_pattern: 'ModuleNotFoundError: foo',
      solution: 'pip install foo-lib',
      context: 'imports',
      success_count: 4,
      failure_count: 1,
      created_at: '2025-05-01T10:00:00',
      last_used: '2025-06-01T10:00:00',
      tags: ['imports'],
      failure_type: 'error',
      objective: null,
      failed_approach: null,
    },
  ]
  const imported = await http('/learnings/import', { method: 'POST', body: original })
  expect(imported.status).toBe(200)
  const exported = (await (await http('/learnings/export?format=original')).json()) as object[]
  expect(exported).toContainEqual(
    expect.objectContaining({
      error_pattern: 'ModuleNotFoundError: foo',
      solution: 'pip install foo-lib',
      success_count: 4,
    }),
  )

  const config = await http('/config', {
    method: 'POST',
    body: {
      execution_mode: 'auto',
      default_timeout: 120,
      auto_install: true,
      blocked_packages: 'evil, bad-one',
      theme: 'dark',
    },
  })
  expect(await config.json()).toMatchObject({
    set: ['default_timeout', 'blocked_packages'],
    ignored: [{ key: 'theme' }],
  })
  expect(await (await http('/config')).json()).toMatchObject({
    default_timeout: 120,
    blocked_packages: ['evil', 'bad-one'],
  })
  await modern.call('configure', { action: 'reset' })
})

test('the HTTP paths ask for the token like every other', async () => {
  for (const path of ['/learnings', '/learnings/export', '/config']) {
    expect((await fetch(server.origin + path)).status).toBe(401)
  }
})

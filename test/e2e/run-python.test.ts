/** `run_python` as a client sees it: a dev server as a user starts it, real clients of both revisions, real Python. */
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLIENTS, type TestClient } from '../support/clients.ts'
import { type DevServer, startDevServer } from '../support/dev-server.ts'
import { processesOf } from '../support/processes.ts'
import { program } from '../support/programs.ts'

let server: DevServer
beforeAll(async () => {
  server = await startDevServer()
}, 180_000)
afterAll(() => server.stop())

describe.each(Object.entries(CLIENTS))('%s', (_name, { connect, revision }) => {
  let client: TestClient
  beforeAll(async () => {
    client = await connect(server.origin, server.token)
  })
  afterAll(() => client.close())

  test('negotiates its own revision', () => {
    expect(client.revision).toBe(revision)
  })

  test('a program’s output, exit code and usage come back', async () => {
    const { outcome, isError, text } = await client.run({ code: 'print("hi", 6 * 7)' })
    expect(outcome).toMatchObject({
      status: 'success',
      exit_code: 0,
      signal: null,
      executor: 'local',
      stdout: 'hi 42\n',
      stderr: '',
      bytes: { stdout: 6, stderr: 0 },
      cut: false,
      error: null,
    })
    expect(outcome.usage?.wall_ms).toBeGreaterThan(0)
    expect(isError).toBe(false)
    expect(text).toContain('hi 42')
  })

  test('each line arrives before the program goes on', async () => {
    // The program waits for a file that is only written when its line has arrived: had the output been collected, it would time out.
    const stem = `step-${crypto.randomUUID()}`
    const seen: string[] = []
    let text = ''
    const writes: Promise<void>[] = []
    const { outcome } = await client.run(
      { code: program('wait_for_each_line'), stdin: `${stem}\n`, timeout: 60 },
      {
        onProgress: (message) => {
          // A line may come in several pieces, as Python writes it.
          const lines = (text + message).split('\n')
          text = lines.pop()!
          for (const line of lines) {
            seen.push(line)
            writes.push(writeFile(join(server.workspace, `${stem}-${line.replace('line ', '')}`), ''))
          }
        },
      },
    )
    await Promise.all(writes)
    expect(outcome.status).toBe('success')
    expect(seen).toEqual(['line 1', 'line 2', 'line 3', 'line 4', 'line 5'])
  })

  test('a failing program is an error and a whole result', async () => {
    const { outcome, isError, text } = await client.run({ code: program('division') })
    expect(isError).toBe(true)
    expect(outcome).toMatchObject({
      status: 'error',
      exit_code: 1,
      error: { type: 'ZeroDivisionError', message: 'division by zero', line: 3 },
    })
    expect(outcome.error?.frame).toContain('> 3 |     return 1 / x')
    expect(text).toContain('ZeroDivisionError: division by zero')
  })

  test('a time-out keeps the output and leaves no process', async () => {
    const marker = `marker-${crypto.randomUUID()}`
    const { outcome, isError } = await client.run({
      code: program('hang_with_children'),
      stdin: `${marker}\n`,
      timeout: 8, // what it has to print first takes a busy machine its time
    })
    expect(isError).toBe(true)
    expect(outcome).toMatchObject({ status: 'timeout', stdout: 'started 3 children\n' })
    expect(outcome.hints.join(' ')).toContain('timeout')
    expect(processesOf(marker)).toEqual([])
  })

  test('cancelling the call ends the program', async () => {
    const marker = `marker-${crypto.randomUUID()}`
    const abort = new AbortController()
    const call = client.run(
      { code: program('hang_with_children'), stdin: `${marker}\n`, timeout: 120 },
      { signal: abort.signal, onProgress: () => abort.abort() },
    )
    await expect(call).rejects.toThrow()
    await expect.poll(() => processesOf(marker), { timeout: 30_000 }).toEqual([])
  })

  test('files and stdin reach the program, and its changes are listed', async () => {
    const name = `made-${crypto.randomUUID()}.txt`
    const { outcome } = await client.run({
      code: `print(open("in/data.txt").read() + input())\nopen("${name}", "w").write("made")`,
      files: { 'in/data.txt': 'from a file, ' },
      stdin: 'from stdin\n',
    })
    expect(outcome.stdout).toBe('from a file, from stdin\n')
    expect(outcome.files).toContainEqual(
      expect.objectContaining({
        path: name,
        change: 'created',
        bytes: 4,
        kind: 'text',
        uri: `codemode://files/${name}`,
      }),
    )
    expect(await readFile(join(server.workspace, name), 'utf8')).toBe('made')
  })

  test.each([
    ['an empty program', { code: '  ' }],
    ['a time-out of -5', { code: 'print(1)', timeout: -5 }],
    ['a time-out of 100000', { code: 'print(1)', timeout: 100_000 }],
    ['a time-out that is no whole number', { code: 'print(1)', timeout: 1.5 }],
    ['an unknown argument', { code: 'print(1)', timeuot: 3 }],
    ['a path outside the workspace', { code: 'print(1)', files: { '../evil.txt': 'x' } }],
    ['an absolute path', { code: 'print(1)', files: { '/tmp/evil-e2e.txt': 'x' } }],
  ])('%s is refused with the reason', async (_case, args) => {
    const { isError, text } = await client.run(args)
    expect(isError).toBe(true)
    expect(text.length).toBeGreaterThan(20)
    expect(existsSync('/tmp/evil-e2e.txt')).toBe(false)
  })

  test('with auto_install off a missing package is explained and the program still runs', async () => {
    const { outcome } = await client.run({ code: 'print("ran")\nimport no_such_module_at_all', auto_install: false })
    expect(outcome).toMatchObject({ status: 'error', stdout: 'ran\n', error: { type: 'ModuleNotFoundError' } })
    expect(outcome.hints.join(' ')).toContain('auto_install is off')
  })
})

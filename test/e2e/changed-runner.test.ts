/** `npm run dev` starts the runner anew when one of its files changes. The project is a copy, as the files are those of every other test. */
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CLIENTS } from '../support/clients.ts'
import { type DevServer, startDevServer } from '../support/dev-server.ts'
import { commandOf, descendantsOf, parentOf } from '../support/processes.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const ANEW = 'The Python runner was started anew, as its files have changed. Programs that ran were ended.\n'
const PATIENCE = { timeout: 60_000 }

let folder: string
let server: DevServer
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'changed-runner-'))
  for (const name of ['container', 'worker', 'wrangler.toml', 'package.json', 'tsconfig.json']) {
    cpSync(join(PROJECT, name), join(folder, name), { recursive: true })
  }
  symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'))
  server = await startDevServer({}, { command: [process.execPath, join(folder, 'container', 'commands', 'dev.ts')] })
}, 240_000)
afterAll(async () => {
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const connect = () => CLIENTS['sdk v2, 2026-07-28']!.connect(server.origin, server.token)
/** Not the forks of a runner, which have its command line. */
const runners = () =>
  descendantsOf(server.child.pid!).filter(
    (pid) => parentOf(pid) === server.child.pid && / -m runner --port/.test(commandOf(pid)),
  )
const times = (text: string) => server.output().split(text).length - 1

test('a changed file is in force at once, and a program that ran is lost with its files kept', async () => {
  const client = await connect()
  const [before] = runners()
  const lines: string[] = []
  const running = client.run(
    { code: 'open("kept.txt", "w").write("x")\nprint("begun")\nimport time\ntime.sleep(600)', timeout: 900 },
    { onProgress: (message) => lines.push(message) },
  )
  await expect.poll(() => lines.join('\n'), PATIENCE).toContain('begun')
  const version = join(folder, 'container', 'runner', '__init__.py')
  writeFileSync(version, readFileSync(version, 'utf8').replace(/VERSION = ".*"/, 'VERSION = "9.9.9"'))

  const { outcome, text } = await running
  expect(outcome).toMatchObject({ status: 'lost', stdout: 'begun\n' })
  expect(text).toContain(
    'The server was stopped in the middle of the run, which was ended with it. Files that it had written are kept. Next: call again.',
  )
  await expect.poll(() => times(ANEW), PATIENCE).toBe(1)
  await expect.poll(runners, PATIENCE).toHaveLength(1)
  expect(runners()).not.toContain(before)
  const after = await client.run({ code: 'print(open("kept.txt").read())' })
  expect(after.outcome).toMatchObject({ status: 'success', stdout: 'x\n' })
  await client.close()
}, 240_000)

test('files that are only touched, and what is no source, change nothing', async () => {
  const before = [times(ANEW), runners()]
  const limits = join(folder, 'container', 'runner', 'bounds', 'limits.py')
  writeFileSync(limits, readFileSync(limits))
  writeFileSync(join(folder, 'container', 'runner', 'notes.txt'), 'x')
  const client = await connect()
  expect((await client.run({ code: 'import time\ntime.sleep(2)\nprint(1)' })).outcome.status).toBe('success')
  expect([times(ANEW), runners()]).toEqual(before)
  await client.close()
}, 240_000)

test('a runner that does not come up says so, and is started by the change that mends it', async () => {
  const limits = join(folder, 'container', 'runner', 'bounds', 'limits.py')
  const source = readFileSync(limits)
  appendFileSync(limits, 'def\n')
  await expect
    .poll(() => server.output(), PATIENCE)
    .toContain(
      'The Python runner ended at once with code 1. Fix: see its message above. It is started when its files change again.\n',
    )
  expect(server.output()).toContain('SyntaxError')
  expect(runners()).toEqual([])
  const client = await connect()
  expect((await client.run({ code: 'print(1)' })).text).toContain('The Python runner did not answer.')

  writeFileSync(limits, source)
  await expect.poll(() => times(ANEW), PATIENCE).toBe(2)
  expect((await client.run({ code: 'print(1)' })).outcome.status).toBe('success')
  await client.close()
  expect(server.child.exitCode).toBeNull()
}, 240_000)

test('a runner that was started anew ends with the server', async () => {
  const [runner] = runners()
  server.child.kill('SIGTERM')
  await expect
    .poll(() => [server.child.exitCode, descendantsOf(runner!), commandOf(runner!)], PATIENCE)
    .toEqual([0, [], ''])
}, 240_000)

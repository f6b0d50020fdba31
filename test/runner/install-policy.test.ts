/** What an import leads to, all the way: the policy, a real runner, a real installer, and an index on loopback. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunOutcome } from '../../worker/run/contract/outcome.ts'
import type { PackagePolicy } from '../../worker/run/contract/step.ts'
import { run } from '../../worker/run/execution/run.ts'
import { type PackageIndex, startPackageIndex } from '../support/package-index.ts'
import { type RunningRunner, startRunner } from '../support/runner.ts'

const POLICY: PackagePolicy = { auto_install: true, allowed_packages: [], blocked_packages: [], network: 'open' }

let index: PackageIndex
let runner: RunningRunner
beforeAll(async () => {
  index = await startPackageIndex([
    { name: 'opencv-python-headless', version: '4.12.0', modules: { 'cv2.py': "VERSION = '4.12.0'\n" } },
    { name: 'reqeusts', version: '1.0', modules: { 'reqeusts.py': "print('taken in')\n" } },
    { name: 'requestz', version: '1.0', modules: { 'requestz.py': "NAME = 'requestz'\n" } },
  ])
  runner = await startRunner({ env: index.env })
})
afterAll(async () => {
  await runner?.stop()
  await index?.[Symbol.asyncDispose]()
})

/** A program whose runs are counted in a file, in a new workspace. */
async function counted(body: string, policy: Partial<PackagePolicy> = {}) {
  const client = runner.client(`p${crypto.randomUUID().slice(0, 8)}`)
  const asked = index.requests.length
  const input = {
    id: 'r_1',
    code: `open('count.txt', 'a').write('x')\n${body}`,
    timeout_s: 30,
    packages: { ...POLICY, ...policy },
    max_output_bytes: 1_000_000,
    orphan_grace_s: 30,
    install_timeout_s: 60,
  }
  const deps = {
    runner: client,
    executor: 'local' as const,
    signal: new AbortController().signal,
    wait: async () => {},
    now: () => 0,
    spent: () => {},
  }
  let outcome: RunOutcome | undefined
  for await (const step of run(input, deps)) if (step.type === 'outcome') outcome = step.outcome
  const runs = (await (await client.readFile('count.txt'))!.text()).length
  return { outcome: outcome!, runs, asked: index.requests.slice(asked) }
}

test('import cv2 installs the headless package, says so, and the program has run exactly once', async () => {
  const { outcome, runs } = await counted('import cv2; print(cv2.VERSION)')
  expect(outcome).toMatchObject({
    status: 'success',
    stdout: '4.12.0\n',
    installed_packages: ['opencv-python-headless==4.12.0'],
    hints: [expect.stringContaining('opencv-python-headless')],
  })
  expect(runs).toBe(1)
})

test('import reqeusts installs nothing, does not even ask the index, and suggests requests', async () => {
  const { outcome, runs, asked } = await counted('import reqeusts')
  expect(outcome).toMatchObject({ status: 'error', installed_packages: [], error: { type: 'ModuleNotFoundError' } })
  expect(outcome.hints.join(' ')).toContain('"requests"')
  expect(asked).toEqual([])
  expect(runs).toBe(1)
})

test.each(['from os import nonexistent', 'import os.nonexistent', 'import asyncore_, urllib2', 'import utils'])(
  '%s installs nothing',
  async (body) => {
    const { outcome, runs } = await counted(body)
    expect(outcome).toMatchObject({ status: 'error', installed_packages: [] })
    expect(runs).toBe(1)
  },
)

test('a slip that is imported by name at run time is refused as well', async () => {
  const { outcome, runs, asked } = await counted("import importlib; importlib.import_module('reqeusts')")
  expect(outcome.hints.join(' ')).toContain('"requests"')
  expect(asked).toEqual([])
  expect(runs).toBe(1)
})

test('a name that does not exist is refused by the installer, with what to check', async () => {
  const { outcome, runs } = await counted('import no_such_thing_anywhere')
  expect(outcome.hints.join(' ')).toContain('check the name "no_such_thing_anywhere"')
  expect(runs).toBe(1)
})

test('a look-alike that the user trusts is installed', async () => {
  const { outcome } = await counted('import requestz; print(requestz.NAME)', { allowed_packages: ['*', 'requestz'] })
  expect(outcome).toMatchObject({ status: 'success', stdout: 'requestz\n', installed_packages: ['requestz==1.0'] })
})

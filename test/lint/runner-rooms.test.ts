/** The rooms of the runner are layers, as container/pyproject.toml has them; a seeded violation of each part proves that it fires. */
import { spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const BELOW = 'A room of the runner imports only what is below it BROKEN'
const CYCLE = 'No two files of the runner need each other BROKEN'
const FORK_SERVER = "A fork server knows neither the runner's side of a start nor what is installed BROKEN"
const BY_PATH = 'What is executed by its path imports nothing of the runner BROKEN'
const PROGRAM = "What a program's interpreter loads imports nothing of the runner BROKEN"

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-rooms-'))
  const { status, stderr } = spawnSync(process.execPath, [join(PROJECT, 'test', 'python-tools.ts')], {
    encoding: 'utf8',
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each([
  ['bounds/limits.py', 'from runner import http1', BELOW],
  ['bounds/refusal.py', 'from runner import http1', BELOW],
  ['http1.py', 'from runner.workspace import disk', BELOW],
  ['program/shown/fonts.py', 'from runner.bounds import limits', BELOW],
  ['workspace/space.py', 'from runner.packages import generations', BELOW],
  ['workspace/disk.py', 'from runner import http1', BELOW],
  ['packages/adoption.py', 'from runner.start.launch import Launch', BELOW],
  ['packages/specs.py', 'from runner.start.forkserver import messages', BELOW],
  ['packages/check/notes.py', 'from runner.start import environment', BELOW],
  ['packages/specs.py', 'from runner.packages.check import reading', CYCLE],
  ['start/forkserver/monitor.py', 'from runner.start import environment', FORK_SERVER],
  ['start/forkserver/become.py', 'from runner.packages import inventory', FORK_SERVER],
  ['start/launch.py', 'from runner.runs.run import Run', BELOW],
  ['runs/run.py', 'from runner.install import installs', BELOW],
  ['install/installs.py', 'from runner.requests import reset', BELOW],
  ['requests/files.py', 'from runner import server', BELOW],
  ['server.py', 'from runner import __main__', BELOW],
  ['runs/report.py', 'def late():\n    from runner.requests import files', BELOW],
  ['seeded.py', 'import os', BELOW],
  ['seeded/__init__.py', 'import os', BELOW],
  ['runs/request.py', 'from runner.runs import run', CYCLE],
  ['install/broken_needs.py', 'from runner.packages import inventory', BY_PATH],
  ['install/isolated_pip.py', 'from . import with_pip', BY_PATH],
  ['requests/to_picture.py', 'from runner.bounds import limits', BY_PATH],
  ['program/notebook/shell.py', 'from runner.program import child', PROGRAM],
])('%s may not: %s', (file, line, broken) => {
  expect(lint({ [file]: line })).toContain(broken)
})

test('the runner as it is passes', () => {
  expect(lint({})).toContain('5 kept, 0 broken')
})

/** What is said of the runner with a line more in some files. */
function lint(added: Record<string, string>): string {
  rmSync(join(folder, 'runner'), { recursive: true, force: true })
  cpSync(join(PROJECT, 'container', 'runner'), join(folder, 'runner'), {
    recursive: true,
    filter: (path) => !path.endsWith('__pycache__'),
  })
  cpSync(join(PROJECT, 'container', 'pyproject.toml'), join(folder, 'pyproject.toml'))
  for (const [file, line] of Object.entries(added)) {
    mkdirSync(dirname(join(folder, 'runner', file)), { recursive: true })
    appendFileSync(join(folder, 'runner', file), `${line}\n`)
  }
  const tool = join(PROJECT, '.venv', 'tools', 'bin', 'lint-imports')
  return spawnSync(tool, ['--no-cache', '--no-logo'], { cwd: folder, encoding: 'utf8' }).stdout
}

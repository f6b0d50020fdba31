/** Which Python the local runner gets, and what is said when there is none. Fakes are real executables on a PATH of their own. */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CannotStart } from '../../container/commands/cannot-start.ts'
import { baseInterpreter } from '../../container/commands/python.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'python-'))
  vi.stubEnv('PATH', folder)
  vi.stubEnv('PYTHON', '')
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

function fake(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, name), 0o755)
}

function refusal(): string {
  try {
    baseInterpreter(join(folder, 'venv'))
  } catch (error) {
    if (error instanceof CannotStart) return error.message
    throw error
  }
  throw new Error('it started')
}

test('without any Python one line says what to install', () => {
  expect(refusal()).toMatch(/^No Python was found .*Fix: install Python 3\.10 or newer/)
})

test('Python 3.8 is refused by name', () => {
  fake('python3', 'echo Python 3.8.10')
  expect(refusal()).toMatch(/^python3 is Python 3\.8, but 3\.10 or newer is needed\. Fix: /)
})

test('a shim that leads nowhere is passed over', () => {
  fake('python3', 'exit 127')
  fake('python3.12', 'echo Python 3.8.1')
  expect(refusal()).toContain('python3.12 is Python 3.8')
})

test('a Python without venv is refused with its reason and the package to install', () => {
  fake('python3', 'case "$1" in --version) echo Python 3.11.2;; *) echo "No module named venv" >&2; exit 1;; esac')
  const message = refusal()
  expect(message).toContain('No module named venv')
  expect(message).toContain('apt install python3-venv')
  expect(message).not.toContain('\n')
})

test('an environment works where it is put, with its scripts, and is made once', { timeout: 120_000 }, () => {
  vi.unstubAllEnvs()
  const made = join(folder, 'with space', 'venv')
  const interpreter = baseInterpreter(made)
  expect(interpreter).toBe(join(made, 'bin', 'python'))
  const { status, stdout } = spawnSync(join(made, 'bin', 'pip'), ['--version'], { encoding: 'utf8' })
  expect([status, stdout.includes(made)]).toEqual([0, true])
  expect(readdirSync(join(folder, 'with space'))).toEqual(['venv'])
  const { mtimeMs } = statSync(join(made, 'pyvenv.cfg'))
  expect(baseInterpreter(made)).toBe(interpreter)
  expect(statSync(join(made, 'pyvenv.cfg')).mtimeMs).toBe(mtimeMs)
})

test('PYTHON names the one to use', () => {
  fake('python3', 'echo Python 3.12.0')
  fake('my-python', 'echo Python 3.9.1')
  vi.stubEnv('PYTHON', 'my-python')
  expect(refusal()).toContain('my-python is Python 3.9')
})

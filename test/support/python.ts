/**
 * The Python that the tests' runners use: MCP_CODE_MODE_PYTHON, or a virtual environment with pip that is made once below
 * `.venv/test` (about 5 s). The user's own Python is never changed.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const execute = promisify(execFile)

const NAMES = ['python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3']
const HOME = fileURLToPath(new URL('../../.venv/test', import.meta.url))

/** The path of a Python >= 3.10 that has pip. Safe to call from several processes at once. */
export async function testPython(): Promise<string> {
  const given = process.env['MCP_CODE_MODE_PYTHON']
  if (given !== undefined) return given
  const python = join(HOME, 'bin', 'python')
  if (existsSync(python)) return python

  const draft = `${HOME}.${process.pid}`
  await mkdir(dirname(HOME), { recursive: true })
  await execute(await basePython(), ['-m', 'venv', draft])
  try {
    await rename(draft, HOME)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    if (!existsSync(python)) throw error // else another process was faster, and its environment is as good
  }
  return python
}

/** The first Python on the PATH that will do, preferably one that every user may execute (programs may run as another user). */
async function basePython(): Promise<string> {
  let privateOne: string | undefined
  for (const folder of (process.env['PATH'] ?? '/usr/bin:/bin').split(delimiter)) {
    for (const name of NAMES) {
      const executable = await realExecutable(join(folder, name))
      if (executable === undefined) continue
      if (await everybodyMayReach(executable)) return executable
      privateOne ??= executable
    }
  }
  if (privateOne === undefined)
    throw new Error('The runner tests need Python >= 3.10 with venv on the PATH, or MCP_CODE_MODE_PYTHON.')
  return privateOne
}

const PROBE = 'import sys, venv, ensurepip; print(sys.executable if sys.version_info >= (3, 10) else "")'

/** What is behind a name (often a slow shim), if it is a Python that can make environments. */
async function realExecutable(candidate: string): Promise<string | undefined> {
  if (!existsSync(candidate)) return undefined
  try {
    const { stdout } = await execute(candidate, ['-c', PROBE])
    return stdout.trim() || undefined
  } catch {
    return undefined // a shim without a version behind it, or a Python without venv: the next one may do
  }
}

/** Whether another user may execute this file: every folder above it may be passed. */
export async function everybodyMayReach(path: string): Promise<boolean> {
  for (let folder = path; folder !== dirname(folder); folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return false
  }
  return true
}

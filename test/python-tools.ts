/**
 * `node test/python-tools.ts [FOLDER [LIST]]`: installs the tools in python-tools.txt below `.venv/tools`, where `npm run check` and
 * `npm run format` find them: these alone, so the list has what they need as well. When they are there, nothing is asked of the network.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CannotStart, lastLine } from '../container/commands/cannot-start.ts'
import { baseInterpreter } from '../container/commands/python.ts'

const [
  folder = join(import.meta.dirname, '..', '.venv', 'tools'),
  wanted = join(import.meta.dirname, 'python-tools.txt'),
] = process.argv.slice(2)
/** A copy of the list, made when all of it was installed. */
const installed = join(folder, 'installed.txt')

function isInstalled(): boolean {
  return existsSync(installed) && readFileSync(installed, 'utf8') === readFileSync(wanted, 'utf8')
}

function install(): void {
  const python = baseInterpreter(folder)
  rmSync(installed, { force: true })
  const options = ['--quiet', '--no-input', '--disable-pip-version-check', '--only-binary', ':all:', '--no-deps']
  const { status, stderr } = spawnSync(python, ['-m', 'pip', 'install', ...options, '--requirement', wanted], {
    encoding: 'utf8',
  })
  if (status !== 0) {
    const reason = lastLine(stderr) || 'unknown reason'
    throw new CannotStart(
      `pip could not install what ${wanted} names (${reason}). Fix: see that pip reaches its package index, then run this again.`,
    )
  }
  copyFileSync(wanted, installed)
}

try {
  if (!isInstalled()) install()
} catch (error) {
  if (!(error instanceof CannotStart)) throw error
  console.error(error.message)
  process.exitCode = 1
}

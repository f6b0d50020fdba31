/** The Python that the local runner uses: found on the PATH, and a virtual environment of the project's own made from it. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CannotStart, lastLine } from './cannot-start.ts'

const OLDEST = [3, 10] as const

/**
 * The interpreter of the virtual environment in `folder`, which is made when it is missing. The user's own Python is never changed.
 * Throws CannotStart.
 */
export function baseInterpreter(folder: string): string {
  const interpreter = join(folder, 'bin', 'python')
  if (existsSync(interpreter) && versionOf(interpreter) !== null) return interpreter
  const python = findPython()
  console.log(`Making a virtual environment in ${folder} …`)
  // A draft is put in place in one step: a start that was broken off, or another one at the same time, leaves nothing half.
  const draft = `${folder}.${process.pid}`
  const made = spawnSync(python, ['-m', 'venv', '--clear', draft], { encoding: 'utf8' })
  if (made.status !== 0) {
    rmSync(draft, { recursive: true, force: true })
    const reason = lastLine(made.stderr) || lastLine(made.stdout) || 'unknown reason'
    throw new CannotStart(
      `"${python} -m venv" failed (${reason}). Fix: install Python's venv module, for example "apt install python3-venv".`,
    )
  }
  renameInScripts(draft, folder)
  putInPlace(draft, folder)
  return interpreter
}

/** The scripts of an environment (pip, activate) name the folder that it was made in. */
function renameInScripts(draft: string, folder: string): void {
  for (const entry of readdirSync(join(draft, 'bin'), { withFileTypes: true })) {
    if (!entry.isFile()) continue // a link to the interpreter
    const file = join(draft, 'bin', entry.name)
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(draft, folder))
  }
}

function putInPlace(draft: string, folder: string): void {
  try {
    renameSync(draft, folder)
  } catch {
    // Something is there: one that does not work any more, or another start's, which is as good.
    if (versionOf(join(folder, 'bin', 'python')) === null) {
      rmSync(folder, { recursive: true, force: true })
      renameSync(draft, folder)
    } else rmSync(draft, { recursive: true, force: true })
  }
}

/** The first of PYTHON, python3, python on the PATH that is new enough. Throws CannotStart. */
function findPython(): string {
  const wanted = process.env['PYTHON']
  const candidates = wanted
    ? [wanted]
    : ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python']
  let tooOld: string | undefined
  for (const candidate of candidates) {
    const version = versionOf(candidate)
    if (version === null) continue
    const [major, minor] = version
    if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return candidate
    tooOld ??= `${candidate} is Python ${major}.${minor}`
  }
  const needed = OLDEST.join('.')
  throw new CannotStart(
    tooOld === undefined
      ? `No Python was found (${candidates.join(', ')}). Fix: install Python ${needed} or newer, or set PYTHON to one.`
      : `${tooOld}, but ${needed} or newer is needed. Fix: install a newer one, or set PYTHON to it.`,
  )
}

function versionOf(python: string): [number, number] | null {
  const { stdout } = spawnSync(python, ['--version'], { encoding: 'utf8' })
  const match = /^Python (\d+)\.(\d+)/.exec(stdout ?? '')
  return match ? [Number(match[1]), Number(match[2])] : null
}

/** uv, which installs packages in a fraction of pip's time: the container image's version of it, from the index that pip uses. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lastLine } from './cannot-start.ts'

const REQUIREMENTS = fileURLToPath(new URL('../requirements.txt', import.meta.url))
/** `uv==1.2.3` */
const UV = /^uv==.+$/m.exec(readFileSync(REQUIREMENTS, 'utf8'))![0]

const DRAFT = '.uv-'
/** A draft that is older is nobody's any more. */
const ABANDONED_MS = 600_000

/** Puts the program `uv` into `folder`, with the pip of `python`, unless it is there. Resolves to the reason of a failure, or null. */
export async function ensureUv(python: string, folder: string, signal?: AbortSignal): Promise<string | null> {
  const program = join(folder, 'uv')
  if (await isOurs(program)) return null
  removeLeftovers(folder)
  const draft = mkdtempSync(join(folder, DRAFT))
  try {
    const options = ['--quiet', '--no-input', '--disable-pip-version-check', '--only-binary', ':all:', '--no-deps']
    const pip = ['-I', '-m', 'pip', 'install', ...options, '--target', draft, UV]
    const { problem } = await execute(python, pip, signal)
    if (problem !== null) return problem
    const made = join(draft, 'bin', 'uv')
    if (!(await isOurs(made))) return 'it does not run on this machine'
    // In one step: a runner may look for it meanwhile.
    renameSync(made, program)
    return null
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

/** Drafts of starts that were killed. */
function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder).filter((each) => each.startsWith(DRAFT))) {
    const draft = join(folder, name)
    if (statSync(draft).mtimeMs < Date.now() - ABANDONED_MS) rmSync(draft, { recursive: true, force: true })
  }
}

async function isOurs(program: string): Promise<boolean> {
  const { stdout } = await execute(program, ['--version'])
  return `uv==${stdout.split(/\s/)[1]}` === UV
}

/** Runs a command to its end. `problem`: the reason of a failure, in the command's last words, or null. */
function execute(
  command: string,
  args: string[],
  signal?: AbortSignal,
): Promise<{ stdout: string; problem: string | null }> {
  return new Promise((resolve) => {
    execFile(command, args, signal === undefined ? {} : { signal }, (error, stdout, stderr) => {
      resolve({ stdout, problem: error === null ? null : lastLine(stderr) || error.message })
    })
  })
}

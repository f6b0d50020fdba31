/** The lock file of a workspace's packages: a line `name==version` for each, as pip's requirements are written. */
import type { PackageList } from '../../run/contract/workspace.ts'
import { BadRequest } from './body.ts'

const HEAD = '# The packages that were installed for programs, each in its version.\n'
const MAX_LINES = 1_000

export function lockText(packages: PackageList['packages']): string {
  const lines = packages.filter(({ own }) => own).map(({ name, version }) => `${name}==${version}\n`)
  return HEAD + lines.join('')
}

/** The specifiers in a lock file. Throws BadRequest, with the line, for anything but exact versions, comments and empty lines. */
export function pinned(text: string): string[] {
  const lines = text.split('\n').map((line) => (line.split('#', 1)[0] ?? '').trim())
  const specs = lines.filter((line) => line !== '')
  if (specs.length > MAX_LINES)
    throw new BadRequest(400, `A lock file has at most ${MAX_LINES} packages. Next: split it.`)
  if (specs.length === 0)
    throw new BadRequest(400, 'The lock file names no package. Next: send one from /packages/lock.')
  const odd = lines.findIndex(
    (line) => line !== '' && !/^[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9][A-Za-z0-9.!+_-]*$/.test(line),
  )
  if (odd < 0) return specs
  const words = `Line ${odd + 1} of the lock file is not NAME==VERSION, so nothing was installed.`
  throw new BadRequest(400, `${words} Next: correct it, or install it by name.`)
}

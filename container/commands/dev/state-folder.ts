/** The folder in which a local server keeps everything: databases, files, history. It belongs to one user of the machine alone. */
import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** Folder in which wrangler keeps objects, KV and R2. */
const STORES = 'v3'
/** Files that other versions left there and nobody needs: every request with its signed links and sign-in codes; the runner's token. */
const LEFT_BEHIND = [join(STORES, 'observability'), 'runner.env']

/** Makes the folder, closes it to others, and deletes files that must not be kept. */
export function openStateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, 0o700)
  for (const name of LEFT_BEHIND) rmSync(join(folder, name), { recursive: true, force: true })
  // Later files are private by the umask of the process that makes them.
  makePrivate(join(folder, STORES))
}

/** An empty folder for the runtime's temporary files; a killed one leaves its own there. Only for the server that has the state folder. */
export function emptyTemporary(folder: string): string {
  const temporary = join(folder, 'tmp')
  rmSync(temporary, { recursive: true, force: true })
  mkdirSync(temporary, { mode: 0o700 })
  return temporary
}

function makePrivate(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined || found.isSymbolicLink()) return
  chmodSync(path, found.isDirectory() ? 0o700 : 0o600)
  if (found.isDirectory()) for (const name of readdirSync(path)) makePrivate(join(path, name))
}

/** What stands in one folder of the working folder, found in the list of all files. */
import type { ShownFiles } from '../../files-pages.ts'

type ShownFile = ShownFiles['files'][number]

export interface Folder {
  /** Empty for the working folder, else with `/` at its end. */
  path: string
  /** Names of the folders in it, with what is below them. */
  folders: { name: string; files: number; bytes: number; modified: string }[]
  files: (ShownFile & { name: string })[]
}

export function folderAt(path: string, all: ShownFile[]): Folder {
  const folders = new Map<string, Folder['folders'][number]>()
  const files: Folder['files'] = []
  for (const file of all) {
    if (!file.path.startsWith(path)) continue
    const rest = file.path.slice(path.length)
    const slash = rest.indexOf('/')
    if (slash < 0) {
      files.push({ ...file, name: rest })
      continue
    }
    const name = rest.slice(0, slash)
    const known = folders.get(name) ?? { name, files: 0, bytes: 0, modified: '' }
    const modified = file.modified > known.modified ? file.modified : known.modified
    folders.set(name, { name, files: known.files + 1, bytes: known.bytes + file.bytes, modified })
  }
  return { path, folders: [...folders.values()], files }
}

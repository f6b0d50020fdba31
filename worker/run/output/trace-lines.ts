/**
 * Paths in tracebacks and warnings, as short as a reader needs them: the program's own file is `main.py`, files of the workspace are
 * relative, files of a library keep the part below its folder, and frames of the runner are dropped. Other lines stay as they are.
 */
import type { RunPaths } from '../contract/protocol.ts'

const FRAME = /^([ |+-]*File ")([^"]+)", line \d/
const HEADING = /most recent call (?:last|first)\):$/
/** Lines below a frame. */
const SOURCE = /^[ |+]{4}/
const WARNING = /^(\/[^:]+):\d+: ([A-Za-z]+): /
const LIBRARY = ['/site-packages/', '/dist-packages/', '/lib/python3.']

export class TraceLines {
  readonly #stream: 'stdout' | 'stderr'
  #paths: RunPaths | null = null
  /** Set in a traceback, whose lines are indented. */
  #inTrace = false
  /** Set in the lines of a frame that is dropped. */
  #dropping = false

  constructor(stream: 'stdout' | 'stderr') {
    this.#stream = stream
  }

  set paths(paths: RunPaths) {
    this.#paths = paths
  }

  /** The line to show; null for none. */
  shown(line: string): string | null {
    const paths = this.#paths
    if (paths === null) return line
    // Most lines are none: what every frame has is found faster.
    const frame = line.includes('File "') ? FRAME.exec(line) : null
    this.#dropping &&= frame === null && SOURCE.test(line)
    if (this.#dropping) return null
    if (line.endsWith('):') && HEADING.test(line)) this.#inTrace = true
    else if (this.#inTrace && !isIndented(line)) this.#inTrace = false
    if (frame !== null && (this.#inTrace || this.#stream === 'stderr')) {
      const [, before = '', file = ''] = frame
      this.#dropping = file.startsWith(`${paths.runner}/`)
      return this.#dropping ? null : before + shortPath(file, paths) + line.slice(before.length + file.length)
    }
    if (this.#stream === 'stdout') return line
    const [, file = '', category = ''] = WARNING.exec(line) ?? []
    if (category.endsWith('Warning')) return shortPath(file, paths) + line.slice(file.length)
    return line.replaceAll(paths.main, 'main.py')
  }

  copy(): TraceLines {
    const copy = new TraceLines(this.#stream)
    copy.#paths = this.#paths
    copy.#inTrace = this.#inTrace
    copy.#dropping = this.#dropping
    return copy
  }
}

/** Returns whether a line is indented. A group of exceptions has its frames behind a bar. */
function isIndented(line: string): boolean {
  return line === '' || ' |+'.includes(line.charAt(0))
}

function shortPath(file: string, { main, files, packages }: RunPaths): string {
  if (file === main) return 'main.py'
  if (packages !== null && file.startsWith(`${packages}/`)) return `…/site-packages${file.slice(packages.length)}`
  for (const folder of LIBRARY) {
    const at = file.lastIndexOf(folder)
    // A folder `lib` is shown with the version, as `python3.11`.
    if (at > 0) return `…${file.slice(at + (folder.startsWith('/lib') ? '/lib'.length : 0))}`
  }
  return file.startsWith(`${files}/`) ? file.slice(files.length + 1) : file
}

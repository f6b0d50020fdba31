/** Tracebacks as they are shown: a model's text has the same short paths and lines. What comes in pieces is whole lines by now. */
import type { RunPaths } from '../../../run/contract/protocol.ts'
import type { Piece } from '../../../run/output/screen.ts'
import type { StyleRun } from '../../../run/output/screen-row.ts'
import { TraceLines } from '../../../run/output/trace-lines.ts'
import type { Source } from './log-line.ts'

export class ShortPaths {
  #stdout = new TraceLines('stdout')
  #stderr = new TraceLines('stderr')

  set paths(paths: RunPaths) {
    this.#stdout.paths = paths
    this.#stderr.paths = paths
  }

  /** The piece to show; null for a line that is left out. */
  shown(piece: Piece<Source>): Piece<Source> | null {
    const { stream, text, whole, styles } = piece
    if (!whole || (stream !== 'stdout' && stream !== 'stderr')) return piece
    const shown = (stream === 'stdout' ? this.#stdout : this.#stderr).shown(text)
    if (shown === null || shown === text) return shown === null ? null : piece
    return { ...piece, text: shown, styles: styles && moved(styles, text, shown) }
  }

  copy(): ShortPaths {
    const copy = new ShortPaths()
    copy.#stdout = this.#stdout.copy()
    copy.#stderr = this.#stderr.copy()
    return copy
  }
}

/** The styles of a text of which a part has become shorter: what is the same before and behind that part keeps its style. */
function moved(styles: StyleRun[], before: string, after: string): StyleRun[] {
  const most = Math.min(before.length, after.length)
  let same = 0
  while (same < most && before[same] === after[same]) same++
  let behind = 0
  while (behind < most - same && before.at(-1 - behind) === after.at(-1 - behind)) behind++
  const less = before.length - after.length
  return styles.map(({ end, style }) => ({
    end: end <= same ? end : Math.max(end - less, after.length - behind),
    style,
  }))
}

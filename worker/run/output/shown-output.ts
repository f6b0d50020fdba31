/** One stream of a run's output as a reader gets it: as a screen shows it, with short paths, equal lines counted, head and tail. */
import { Repeats } from './repeats.ts'
import { type Piece, Screen } from './screen.ts'
import { TextWindow } from '../../text/window.ts'
import type { RunPaths } from '../contract/protocol.ts'
import { TraceLines } from './trace-lines.ts'

type Stream = 'stdout' | 'stderr'

export interface Excerpt {
  text: string
  /** Set when a part is missing. */
  isCut: boolean
  /** Lines before the missing part. */
  wholeLines: number
  /** Set when the missing part begins within a line. */
  isCutInLine: boolean
  /** Bytes that were not kept. */
  skippedBytes: number
}

export class ShownOutput {
  readonly #stream: Stream
  readonly #screen: Screen<Stream>
  readonly #traces: TraceLines
  readonly #window: TextWindow
  readonly #repeats: Repeats

  /** `limit`: of the text, in UTF-16 code units. */
  constructor(stream: Stream, limit: number) {
    this.#stream = stream
    this.#window = new TextWindow(limit)
    this.#repeats = new Repeats((text) => this.#window.add(text))
    this.#traces = new TraceLines(stream)
    this.#screen = new Screen((piece) => pass(piece, this.#traces, this.#repeats))
  }

  set paths(paths: RunPaths) {
    this.#traces.paths = paths
  }

  /** `skipped`: bytes that were dropped just before the text. */
  add(text: string, skipped = 0): void {
    if (skipped > 0) {
      this.#screen.flush()
      this.#repeats.flush()
      this.#window.add('', skipped)
    }
    this.#screen.add(text, this.#stream)
  }

  /** The text so far; more may follow. */
  shown(): Excerpt {
    const window = this.#window.copy()
    const repeats = this.#repeats.copy((text) => window.add(text))
    const traces = this.#traces.copy()
    for (const piece of this.#screen.live()) pass(piece, traces, repeats)
    repeats.flush()
    const { isCut, wholeLines, isCutInLine, skippedBytes } = window
    return { text: window.toString(), isCut, wholeLines, isCutInLine, skippedBytes }
  }
}

function pass({ text, ends, whole }: Piece<Stream>, traces: TraceLines, repeats: Repeats): void {
  if (!whole) return repeats.addPart(ends ? `${text}\n` : text)
  const line = traces.shown(text)
  if (line !== null) repeats.addLine(line)
}

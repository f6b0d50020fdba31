/** A part of a run's output by lines, both streams in the order in which they were printed, as one screen shows them. */
import { byteWords } from '../../text/byte-words.ts'
import { Repeats } from './repeats.ts'
import type { ReadStep } from '../contract/readable-run.ts'
import { type Piece, Screen } from './screen.ts'
import type { RunPaths } from '../contract/protocol.ts'
import { TraceLines } from './trace-lines.ts'

/** Characters of one page, and of one line of it. */
const PAGE_CHARS = 20_000
const LINE_CHARS = 4_000

type Stream = 'stdout' | 'stderr'

export interface OutputPage {
  text: string
  /** Its first line, from 1; `to` is less than `from` when there are none. */
  from: number
  to: number
  /** Number of all lines. */
  total: number
}

/** Counts the lines and collects at most `count` of them, from line `from` (from 1) on. */
export async function outputPage(steps: AsyncIterable<ReadStep>, from: number, count: number): Promise<OutputPage> {
  const lines = new Lines(from, count)
  const traces = { stdout: new TraceLines('stdout'), stderr: new TraceLines('stderr') }
  let last: Stream = 'stdout'
  const repeats = new Repeats((text) => lines.add(text, last))
  const screen = new Screen<Stream>((piece) => pass(piece))

  function pass({ stream, text, ends, whole }: Piece<Stream>): void {
    if (stream !== last) {
      repeats.flush()
      lines.breakLine()
      last = stream
    }
    if (!whole) return repeats.addPart(ends ? `${text}\n` : text)
    const shown = traces[stream].shown(text)
    if (shown !== null) repeats.addLine(shown)
  }

  const gap = (words: string) => {
    screen.flush()
    repeats.flush()
    lines.breakLine()
    lines.add(`[… ${words} …]\n`, last)
  }
  const know = (paths: RunPaths) => {
    traces.stdout.paths = paths
    traces.stderr.paths = paths
  }
  for await (const step of steps) {
    if (step.type === 'missed') gap(`${step.chars.toLocaleString('en-US')} characters are not kept`)
    else if (step.type === 'started' && step.paths !== undefined) know(step.paths)
    else if (step.type === 'stdout' || step.type === 'stderr') {
      if (step.skipped !== undefined) gap(`${byteWords(step.skipped)} were dropped`)
      screen.add(step.text, step.type)
    }
  }
  screen.flush()
  repeats.flush()
  return lines.page()
}

/** Counts lines and keeps those of the page. */
class Lines {
  readonly #from: number
  readonly #count: number
  readonly #kept: string[] = []
  #keptChars = 0
  #isFull = false
  #total = 0
  #line = ''
  #leftOut = 0
  #isOpen = false
  #stream: Stream = 'stdout'
  #shownStream: Stream = 'stdout'

  constructor(from: number, count: number) {
    this.#from = from
    this.#count = count
  }

  add(text: string, stream: Stream): void {
    this.#stream = stream
    for (let at = 0; at < text.length;) {
      const end = text.indexOf('\n', at)
      this.#addPart(text.slice(at, end < 0 ? text.length : end))
      if (end < 0) return
      this.breakLine()
      at = end + 1
    }
  }

  breakLine(): void {
    if (!this.#isOpen) return
    const left = this.#leftOut.toLocaleString('en-US')
    const line = this.#leftOut === 0 ? this.#line : `${this.#line} [… ${left} characters of this line left out …]`
    this.#keep(line)
    this.#line = ''
    this.#leftOut = 0
    this.#isOpen = false
  }

  page(): OutputPage {
    this.breakLine()
    const { length } = this.#kept
    return { text: this.#kept.join('\n'), from: this.#from, to: this.#from + length - 1, total: this.#total }
  }

  #addPart(text: string): void {
    this.#isOpen = true
    const room = LINE_CHARS - this.#line.length
    this.#line += text.slice(0, room)
    this.#leftOut += Math.max(0, text.length - room)
  }

  #keep(line: string): void {
    this.#total++
    if (this.#total < this.#from || this.#kept.length === this.#count || this.#isFull) return
    // A line of the other stream is marked: a page may begin anywhere.
    const mark = this.#stream === this.#shownStream ? '' : `[${this.#stream}] `
    const shown = mark + line
    this.#isFull = this.#kept.length > 0 && this.#keptChars + shown.length > PAGE_CHARS
    if (this.#isFull) return
    this.#shownStream = this.#stream
    this.#keptChars += shown.length + 1
    this.#kept.push(shown)
  }
}

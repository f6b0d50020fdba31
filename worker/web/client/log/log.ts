/**
 * The output of a run as it comes. Lines are in chunks that the browser need not lay out until they are seen, so that 100,000 of them stay
 * quick and can be searched by the browser itself.
 */
import { type Piece, Screen } from '../../../run/output/screen.ts'
import type { RunPaths } from '../../../run/contract/protocol.ts'
import { restyled } from '../../../run/output/colours.ts'
import { type Line, lineOf, type Source } from './log-line.ts'
import { ShortPaths } from './short-paths.ts'

const CHUNK_LINES = 500
/** Pixels from the end within which a reader follows it. */
const AT_END_PX = 40

export class Log {
  /** Lines that change no more. */
  readonly lines: Line[] = []
  readonly #element: HTMLElement
  readonly #tail: HTMLElement | null
  /** Its lines are links to themselves. */
  readonly #isLinked: boolean
  /** What the program's output looks like on a screen: of a progress bar its last state. */
  readonly #screen = new Screen<Source>((piece) => this.#final(piece), restyled)
  readonly #shortPaths = new ShortPaths()
  /** Rows that may still change. */
  readonly #live = document.createElement('div')
  readonly #listeners: (() => void)[] = []
  #liveLines: Line[] = []
  #chunk: HTMLElement | null = null
  /** The chunk that was laid out before it was full. */
  #growing: HTMLElement | null = null
  /** Number of the last line of the program. */
  #number = 0
  #lastEnded = true
  #unseen = 0
  #isFollowing = true
  /** A line was shown, and the reader has touched nothing in the log since: at the end, too, it stays. */
  #isHeld = false
  #isDrawing = false
  #timeWords: ((at: number) => string) | null = null

  constructor(element: HTMLElement, tail: HTMLElement | null, { isLinked = false } = {}) {
    this.#element = element
    this.#tail = tail
    this.#isLinked = isLinked
    element.classList.toggle('linked', isLinked)
    // Its rows are drawn anew. A browser that held on to one would move with it to the end.
    this.#live.style.overflowAnchor = 'none'
    element.addEventListener('scroll', () => {
      const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < AT_END_PX
      this.#isFollowing = isAtEnd && !this.#isHeld
      if (isAtEnd) this.#offer(0)
    })
    for (const byReader of ['wheel', 'touchmove', 'pointerdown', 'keydown'])
      element.addEventListener(byReader, () => (this.#isHeld = false), { passive: true })
  }

  /** Every line, with those that may still change. */
  get all(): Line[] {
    return [...this.lines, ...this.#liveLines]
  }

  get liveLines(): readonly Line[] {
    return this.#liveLines
  }

  /** The paths of the run whose output comes from here on. */
  set paths(paths: RunPaths) {
    this.#screen.flush()
    this.#shortPaths.paths = paths
  }

  /** `at`: milliseconds since 1970. */
  add(text: string, source: Source, at?: number): void {
    this.#screen.add(text, source, at)
    this.#drawSoon()
  }

  /** A line of ours between those of the program. `missed`: so many lines of the program are not here; those after it keep their numbers. */
  note(text: string, missed = 0): void {
    this.#screen.flush()
    if (!this.#lastEnded) this.#number--
    this.#number += missed
    this.#lastEnded = true
    this.#append(lineOf(`[${text}]`, 'status', null))
    this.#drawSoon()
  }

  /** Nothing more comes. */
  end(): void {
    this.#screen.flush()
    if (this.lines.length === 0) this.note('It printed nothing.')
    this.#draw()
  }

  /** Calls back whenever there are new lines. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** Brings a line into view, and stays there whatever comes. */
  show({ element }: Line): void {
    this.#isFollowing = false
    this.#isHeld = true
    element.scrollIntoView({ block: 'center' })
  }

  /** Has the time of each line before it, in these words; null: none. */
  showTimes(words: ((at: number) => string) | null): void {
    this.#timeWords = words
    for (const line of this.all) this.#tellTime(line)
  }

  #final(piece: Piece<Source>): void {
    const shown = this.#shortPaths.shown(piece)
    if (shown !== null) this.#append(this.#lineOf(shown))
  }

  /** Gives the next line of the program its number. */
  #lineOf({ text, stream, ends, isRest = false, at, styles }: Piece<Source>): Line {
    const isOfProgram = stream === 'stdout' || stream === 'stderr'
    if (isOfProgram) {
      if (!isRest) this.#number++
      this.#lastEnded = ends
    }
    return lineOf(text, stream, isOfProgram ? this.#number : null, {
      at,
      styles,
      isLinked: this.#isLinked && !isRest,
    })
  }

  #append(line: Line): void {
    if (this.#chunk === null || this.lines.length % CHUNK_LINES === 0) {
      this.#chunk = document.createElement('div')
      this.#chunk.style.contentVisibility = 'auto'
      this.#chunk.style.containIntrinsicSize = `auto ${CHUNK_LINES}lh`
      if (this.#live.isConnected) this.#live.before(this.#chunk)
      else this.#element.append(this.#chunk)
    }
    this.#unseen++
    this.lines.push(line)
    if (this.#timeWords !== null) this.#tellTime(line)
    this.#chunk.append(line.element)
  }

  #tellTime({ element, at }: Line): void {
    if (this.#timeWords === null) delete element.dataset['at']
    else element.dataset['at'] = at === undefined ? '' : this.#timeWords(at)
  }

  /** Once a frame, however much has come. */
  #drawSoon(): void {
    if (this.#isDrawing) return
    this.#isDrawing = true
    requestAnimationFrame(() => this.#draw())
  }

  #draw(): void {
    this.#isDrawing = false
    if (!this.#live.isConnected) this.#element.append(this.#live)
    const [number, lastEnded] = [this.#number, this.#lastEnded]
    const shortPaths = this.#shortPaths.copy()
    this.#liveLines = this.#screen.live().flatMap((piece) => {
      const shown = shortPaths.shown(piece)
      return shown === null ? [] : [this.#lineOf(shown)]
    })
    // They get their numbers when they are final.
    ;[this.#number, this.#lastEnded] = [number, lastEnded]
    if (this.#timeWords !== null) for (const line of this.#liveLines) this.#tellTime(line)
    this.#live.replaceChildren(...this.#liveLines.map(({ element }) => element))
    this.#keepSizes()
    if (this.#isFollowing) this.#toEnd()
    else this.#offer(this.#unseen)
    for (const listener of this.#listeners) listener()
  }

  /**
   * A browser takes a chunk that it does not lay out for as high as it was. So one that grew is laid out once more when it is full: else
   * what stands below it would be elsewhere for a moment, and the reader with it.
   */
  #keepSizes(): void {
    if (this.#growing === this.#chunk) return
    const full = this.#growing
    // Of two frames to come at least one is laid out before the second begins.
    if (full !== null) requestAnimationFrame(() => requestAnimationFrame(() => (full.style.contentVisibility = 'auto')))
    this.#growing = this.#chunk
    if (this.#growing !== null) this.#growing.style.contentVisibility = 'visible'
  }

  #toEnd(): void {
    this.#element.scrollTop = this.#element.scrollHeight
    this.#unseen = 0
  }

  /** Offers to go to the end, where so many lines have not been seen. */
  #offer(lines: number): void {
    if (lines === 0) {
      this.#unseen = 0
      this.#tail?.replaceChildren()
      return
    }
    const button = document.createElement('button')
    button.textContent = `${lines} new ${lines === 1 ? 'line' : 'lines'} ↓`
    button.addEventListener('click', () => {
      this.#isFollowing = true
      this.#isHeld = false
      this.#toEnd()
      this.#tail?.replaceChildren()
    })
    this.#tail?.replaceChildren(button)
  }
}

/**
 * The output of a run as it comes. Lines are in chunks that the browser need not lay out until they are seen, so that 100,000 of them stay
 * quick and can be searched by the browser itself.
 */
import { type Piece, Screen } from '../../run/output/screen.ts'

const CHUNK_LINES = 500
/** Pixels from the end within which a reader follows it. */
const AT_END_PX = 40

export type Source = 'stdout' | 'stderr' | 'status' | 'install'

export class Log {
  readonly #element: HTMLElement
  readonly #tail: HTMLElement | null
  /** What the program's output looks like on a screen: of a progress bar its last state. */
  readonly #screen = new Screen<Source>((piece) => this.#final(piece))
  /** Rows that may still change. */
  readonly #live = document.createElement('div')
  #chunk: HTMLElement | null = null
  #lines = 0
  #unseen = 0
  #isFollowing = true
  #isDrawing = false

  constructor(element: HTMLElement, tail: HTMLElement | null) {
    this.#element = element
    this.#tail = tail
    this.#live.className = 'chunk'
    element.addEventListener('scroll', () => {
      this.#isFollowing = element.scrollHeight - element.scrollTop - element.clientHeight < AT_END_PX
      if (this.#isFollowing) this.#offer(0)
    })
  }

  add(text: string, source: Source): void {
    this.#screen.add(text, source)
    this.#drawSoon()
  }

  /** A line of ours between those of the program. */
  note(text: string): void {
    this.#screen.flush()
    this.#append(`[${text}]`, 'status')
    this.#drawSoon()
  }

  /** Nothing more comes. */
  end(): void {
    this.#screen.flush()
    if (this.#lines === 0) this.note('It printed nothing.')
    this.#draw()
  }

  #final({ text, stream }: Piece<Source>): void {
    this.#append(text, stream)
  }

  #append(text: string, source: Source): void {
    if (this.#chunk === null || this.#lines % CHUNK_LINES === 0) {
      this.#chunk = document.createElement('div')
      this.#chunk.className = 'chunk'
      if (this.#live.isConnected) this.#live.before(this.#chunk)
      else this.#element.append(this.#chunk)
    }
    this.#lines++
    this.#unseen++
    this.#chunk.append(lineOf(text, source))
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
    this.#live.replaceChildren(...this.#screen.live().map(({ text, stream }) => lineOf(text, stream)))
    if (this.#isFollowing) this.#toEnd()
    else this.#offer(this.#unseen)
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
      this.#toEnd()
      this.#tail?.replaceChildren()
    })
    this.#tail?.replaceChildren(button)
  }
}

function lineOf(text: string, source: Source): HTMLElement {
  const line = document.createElement('span')
  line.className = source
  line.textContent = `${text}\n`
  return line
}
